import type { NormaliseAttributes } from '../ops/normalise.ts';

/** Calls `visit` with each set that is normalised together: its number, and the flat places of its numbers. */
function forEachSet(
  { outer, length, groups, width }: NormaliseAttributes,
  visit: (set: number, members: number[]) => void,
): void {
  for (let o = 0; o < outer; o++) {
    for (let g = 0; g < groups; g++) {
      const members = Array.from({ length: length * width }, (_, i) => {
        const row = o * length + Math.floor(i / width);
        return (row * groups + g) * width + (i % width);
      });
      visit(o * groups + g, members);
    }
  }
}

/** Mean in float64. */
function meanOf(members: readonly number[], value: (at: number) => number): number {
  let total = 0;
  for (const at of members) total += value(at);
  return total / members.length;
}

/** Normalised values, and moments: means, then variances. Entry by entry, from the definition. */
export function normalise(
  x: Float32Array,
  scale: Float32Array,
  offset: Float32Array,
  attributes: NormaliseAttributes,
): { values: Float32Array; moments: Float32Array } {
  const sets = attributes.outer * attributes.groups;
  const values = new Float32Array(x.length);
  const moments = new Float32Array(2 * sets);
  forEachSet(attributes, (set, members) => {
    const mean = meanOf(members, (at) => x[at]!);
    const variance = meanOf(members, (at) => (x[at]! - mean) ** 2);
    moments[set] = mean;
    moments[sets + set] = variance;
    const inverse = 1 / Math.sqrt(variance + attributes.epsilon);
    for (const at of members) {
      const channel = at % scale.length;
      values[at] = (x[at]! - mean) * inverse * scale[channel]! + offset[channel]!;
    }
  });
  return { values, moments };
}

/** Gradients of {@link normalise} in x, scale and offset. */
export function normaliseGradient(
  dy: Float32Array,
  x: Float32Array,
  scale: Float32Array,
  moments: Float32Array,
  attributes: NormaliseAttributes,
): { dx: Float32Array; dscale: Float32Array; doffset: Float32Array } {
  const sets = attributes.outer * attributes.groups;
  const channels = scale.length;
  const dx = new Float32Array(x.length);
  const dscale = new Float64Array(channels);
  const doffset = new Float64Array(channels);
  forEachSet(attributes, (set, members) => {
    const inverse = 1 / Math.sqrt(moments[sets + set]! + attributes.epsilon);
    const h = (at: number) => (x[at]! - moments[set]!) * inverse;
    const slope = (at: number) => dy[at]! * scale[at % channels]!;
    const level = meanOf(members, slope);
    const tilt = meanOf(members, (at) => slope(at) * h(at));
    for (const at of members) {
      dx[at] = (slope(at) - level - h(at) * tilt) * inverse;
      dscale[at % channels]! += dy[at]! * h(at);
      doffset[at % channels]! += dy[at]!;
    }
  });
  return { dx, dscale: Float32Array.from(dscale), doffset: Float32Array.from(doffset) };
}
