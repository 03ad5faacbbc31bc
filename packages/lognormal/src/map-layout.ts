/** [bins, pixels] to the public layout [pixels, bins]. */
export function binsLast(fields: Float32Array, numBins: number): Float32Array {
  const pixels = fields.length / numBins;
  const out = new Float32Array(fields.length);
  for (let bin = 0; bin < numBins; bin++)
    for (let pixel = 0, from = bin * pixels; pixel < pixels; pixel++, from++)
      out[pixel * numBins + bin] = fields[from]!;
  return out;
}

/** The public layout [pixels, bins] to [bins, pixels], written to `out`. */
export function binsFirst(map: Float32Array, numBins: number, out: Float32Array): void {
  const pixels = map.length / numBins;
  for (let bin = 0; bin < numBins; bin++)
    for (let pixel = 0, to = bin * pixels; pixel < pixels; pixel++, to++)
      out[to] = map[pixel * numBins + bin]!;
}
