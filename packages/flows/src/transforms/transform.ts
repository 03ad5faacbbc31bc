import type { tf } from '@lensfield/tensors';
import type { Transform } from '../flow.ts';
import { affine } from './affine.ts';
import { smooth } from './smooth.ts';
import { spline } from './spline.ts';

/** One group of numbers that a network gives for each coordinate. */
export interface TransformOutput {
  readonly name: string;
  /** Numbers for each coordinate. */
  readonly length: number;
}

/** The groups by name, each of shape [n, coordinates * length]. All zero, they give the identity. */
export type RawOutputs = (name: string) => tf.Tensor2D;

/** Coordinates after the map, and the logarithms of its slopes, both [n, coordinates]. */
export interface Moved {
  readonly y: tf.Tensor2D;
  readonly logSlope: tf.Tensor2D;
}

/** A kind of monotone map of single coordinates, differentiable twice in the numbers and the coordinates, both ways. */
export interface TransformKind<T extends Transform> {
  outputs(transform: T): readonly TransformOutput[];
  /** Towards the base. */
  forward(transform: T, raw: RawOutputs, x: tf.Tensor2D): Moved;
  /** From the base. */
  inverse(transform: T, raw: RawOutputs, y: tf.Tensor2D): tf.Tensor2D;
}

const KINDS: { readonly [K in Transform['kind']]: TransformKind<Extract<Transform, { kind: K }>> } = {
  affine,
  spline,
  smooth,
};

/** The functions of a transform. */
export function transformKind<T extends Transform>(transform: T): TransformKind<T> {
  return KINDS[transform.kind] as unknown as TransformKind<T>;
}

/** The layers of the network that gives a transform its numbers. */
export function networkOf<T extends Transform>(
  { hiddenUnits }: { readonly hiddenUnits: readonly number[] },
  transform: T,
): { hiddenUnits: readonly number[]; outputs: readonly TransformOutput[] } {
  return { hiddenUnits, outputs: transformKind(transform).outputs(transform) };
}
