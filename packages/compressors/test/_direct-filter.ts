interface FilterOptions {
  readonly size: number;
  readonly numBins: number;
  readonly bin: number;
  readonly scale: number;
  /** Every so many pixels. Default: the scale. */
  readonly step?: number;
}

/** One bin of a map, filtered by a direct convolution with the periodic kernel of a difference of Gaussians. */
export function filtered(
  map: Float32Array,
  { size, numBins, bin, scale, step = scale }: FilterOptions,
): number[] {
  const kernelOf = (dx: number, dy: number) => {
    let sum = 0;
    for (let ky = -size / 2; ky < size / 2; ky++) {
      for (let kx = -size / 2; kx < size / 2; kx++) {
        const k2 = ((2 * Math.PI * scale) / size) ** 2 * (kx * kx + ky * ky);
        const phase = (2 * Math.PI * (kx * dx + ky * dy)) / size;
        sum += (Math.exp(-k2 / 2) - Math.exp(-2 * k2)) * Math.cos(phase);
      }
    }
    return sum / size ** 2;
  };
  const kernel = Array.from({ length: size ** 2 }, (_, i) => kernelOf(i % size, Math.floor(i / size)));
  const values: number[] = [];
  for (let row = 0; row < size; row += step) {
    for (let column = 0; column < size; column += step) {
      let sum = 0;
      for (let r = 0; r < size; r++) {
        for (let c = 0; c < size; c++) {
          const dy = (row - r + size) % size;
          const dx = (column - c + size) % size;
          sum += kernel[dy * size + dx]! * map[(r * size + c) * numBins + bin]!;
        }
      }
      values.push(sum);
    }
  }
  return values;
}
