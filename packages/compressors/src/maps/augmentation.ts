/** The symmetries of the square: quarter turns 0 ... 3, then the same after a mirror. */
export const NUM_SYMMETRIES = 8;

/**
 * Pixel order of each symmetry of a square of `size` pixels a side: new pixel p takes old pixel `order[p]`. Entry 0 is the
 * identity.
 */
export function squareSymmetries(size: number): Int32Array[] {
  return Array.from({ length: NUM_SYMMETRIES }, (_, symmetry) => {
    const order = new Int32Array(size * size);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        order[row * size + column] = sourcePixel(symmetry, row, column, size);
      }
    }
    return order;
  });
}

function sourcePixel(symmetry: number, row: number, column: number, size: number): number {
  let [r, c] = [row, column];
  for (let turn = 0; turn < (symmetry & 3); turn++) [r, c] = [c, size - 1 - r];
  if (symmetry >= 4) c = size - 1 - c;
  return r * size + c;
}
