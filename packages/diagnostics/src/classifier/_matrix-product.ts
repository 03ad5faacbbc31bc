/** Sizes of a product c = op(a) op(b): op(a) is m x k, op(b) is k x n, c is m x n, all row-major. */
export interface ProductSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** a is stored as k x m. */
  readonly transposeA?: boolean;
  /** b is stored as n x k. */
  readonly transposeB?: boolean;
}

export type MatrixProduct = (a: Float32Array, b: Float32Array, c: Float32Array, sizes: ProductSizes) => void;

/** The product in plain TypeScript, in blocks of 4 x 4 sums that V8 keeps in registers; sums are float64. */
export const plainProduct: MatrixProduct = (a, b, c, { m, n, k, transposeA = false, transposeB = false }) => {
  const strides: Strides = {
    aRow: transposeA ? 1 : k,
    aStep: transposeA ? m : 1,
    bColumn: transposeB ? k : 1,
    bStep: transposeB ? 1 : n,
  };
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < n; j += 4) {
      if (i + 4 <= m && j + 4 <= n) fullBlock(a, b, c, i, j, n, k, strides);
      else partialBlock(a, b, c, i, Math.min(i + 4, m), j, Math.min(j + 4, n), n, k, strides);
    }
  }
};

/** Distances in memory between rows of op(a) or columns of op(b), and between consecutive terms of a sum. */
interface Strides {
  readonly aRow: number;
  readonly aStep: number;
  readonly bColumn: number;
  readonly bStep: number;
}

function partialBlock(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  rowStart: number,
  rowEnd: number,
  columnStart: number,
  columnEnd: number,
  n: number,
  k: number,
  { aRow, aStep, bColumn, bStep }: Strides,
): void {
  for (let i = rowStart; i < rowEnd; i++) {
    for (let j = columnStart; j < columnEnd; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * aRow + p * aStep] * b[j * bColumn + p * bStep];
      c[i * n + j] = sum;
    }
  }
}

// Longer than the house likes: the sixteen sums must be sixteen variables, or V8 keeps them in memory (three times slower).
function fullBlock(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  i: number,
  j: number,
  n: number,
  k: number,
  { aRow, aStep, bColumn, bStep }: Strides,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  let atA = i * aRow;
  let atB = j * bColumn;
  for (let p = 0; p < k; p++, atA += aStep, atB += bStep) {
    const a0 = a[atA];
    const a1 = a[atA + aRow];
    const a2 = a[atA + 2 * aRow];
    const a3 = a[atA + 3 * aRow];
    const b0 = b[atB];
    const b1 = b[atB + bColumn];
    const b2 = b[atB + 2 * bColumn];
    const b3 = b[atB + 3 * bColumn];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  let at = i * n + j;
  c[at] = s00;
  c[at + 1] = s01;
  c[at + 2] = s02;
  c[at + 3] = s03;
  at += n;
  c[at] = s10;
  c[at + 1] = s11;
  c[at + 2] = s12;
  c[at + 3] = s13;
  at += n;
  c[at] = s20;
  c[at + 1] = s21;
  c[at + 2] = s22;
  c[at + 3] = s23;
  at += n;
  c[at] = s30;
  c[at + 1] = s31;
  c[at + 2] = s32;
  c[at + 3] = s33;
}
