import type { LayeredFlow } from './flow.ts';

/**
 * Mask of a coupling layer: 1 for the coordinates that pass and condition, 0 for those that are transformed. Four patterns in turn
 * (first half, second half, even, odd), after which every coordinate depends on every other, on some through a third; with one
 * coordinate it is transformed in every layer, by the context alone.
 */
export function couplingMask(flow: LayeredFlow, layer: number): Float32Array {
  const { dimension } = flow;
  const half = Math.ceil(dimension / 2);
  const patterns = [
    (i: number) => i >= half,
    (i: number) => i < half,
    (i: number) => i % 2 === 1,
    (i: number) => i % 2 === 0,
  ];
  const passes = dimension === 1 ? () => false : patterns[layer % 4]!;
  return Float32Array.from({ length: dimension }, (_, i) => (passes(i) ? 1 : 0));
}

/**
 * Rank of each coordinate in an autoregressive layer, 0 for the first, which depends on the context alone. Four orders in turn:
 * as given, reversed, even before odd, and that reversed.
 */
export function autoregressiveRanks(flow: LayeredFlow, layer: number): number[] {
  const { dimension } = flow;
  const coordinates = Array.from({ length: dimension }, (_, i) => i);
  const evens = Math.ceil(dimension / 2);
  const ranks =
    layer % 4 < 2 ? coordinates : coordinates.map((i) => (i % 2 === 0 ? i / 2 : evens + (i - 1) / 2));
  return layer % 2 === 0 ? ranks : ranks.map((rank) => dimension - 1 - rank);
}
