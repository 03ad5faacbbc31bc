/** Direct sums in float64 over separable axes: slow, and right by inspection. Twin of the C transforms. */

interface Shaped {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** X_k = sum_j x_j exp(sign 2 pi i j k / n) along one axis of complex numbers at `offset + j * stride`. */
function transformLine(data: Float64Array, offset: number, stride: number, n: number, sign: number): void {
  const result = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n;
      const re = data[2 * (offset + j * stride)]!;
      const im = data[2 * (offset + j * stride) + 1]!;
      result[2 * k]! += re * Math.cos(angle) - im * Math.sin(angle);
      result[2 * k + 1]! += re * Math.sin(angle) + im * Math.cos(angle);
    }
  }
  for (let k = 0; k < n; k++) {
    data[2 * (offset + k * stride)] = result[2 * k]!;
    data[2 * (offset + k * stride) + 1] = result[2 * k + 1]!;
  }
}

function transformPlane(data: Float64Array, rows: number, columns: number, sign: number): void {
  for (let r = 0; r < rows; r++) transformLine(data, r * columns, 1, columns, sign);
  for (let c = 0; c < columns; c++) transformLine(data, c, columns, rows, sign);
}

/** How often a column of the half plane stands in the full plane. */
function multiplicity(column: number, columns: number): number {
  return column === 0 || 2 * column === columns ? 1 : 2;
}

function forwardPlane(
  map: Float32Array,
  rows: number,
  columns: number,
  out: Float32Array,
  weighted: boolean,
): void {
  const half = Math.floor(columns / 2) + 1;
  const plane = new Float64Array(2 * rows * columns);
  map.forEach((value, i) => {
    plane[2 * i] = value;
  });
  transformPlane(plane, rows, columns, -1);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < half; c++) {
      const weight = weighted ? multiplicity(c, columns) / (rows * columns) : 1;
      out[2 * (r * half + c)] = weight * plane[2 * (r * columns + c)]!;
      out[2 * (r * half + c) + 1] = weight * plane[2 * (r * columns + c) + 1]!;
    }
  }
}

/** Real part of sum over the half plane of w_c X exp(+2 pi i ...), w_c the multiplicity (weighted) or one. */
function backwardPlane(
  modes: Float32Array,
  rows: number,
  columns: number,
  out: Float32Array,
  weighted: boolean,
): void {
  const half = Math.floor(columns / 2) + 1;
  const plane = new Float64Array(2 * rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < half; c++) {
      const weight = weighted ? multiplicity(c, columns) / (rows * columns) : 1;
      plane[2 * (r * columns + c)] = weight * modes[2 * (r * half + c)]!;
      plane[2 * (r * columns + c) + 1] = weight * modes[2 * (r * half + c) + 1]!;
    }
  }
  transformPlane(plane, rows, columns, 1);
  for (let i = 0; i < rows * columns; i++) out[i] = plane[2 * i]!;
}

function overPlanes(
  x: Float32Array,
  shape: number[],
  sizes: { readonly input: number; readonly output: number },
  apply: (input: Float32Array, output: Float32Array) => void,
): Shaped {
  const batch = x.length / sizes.input;
  const values = new Float32Array(batch * sizes.output);
  for (let b = 0; b < batch; b++) {
    apply(
      x.subarray(b * sizes.input, (b + 1) * sizes.input),
      values.subarray(b * sizes.output, (b + 1) * sizes.output),
    );
  }
  return { shape, values };
}

function toHalfPlane(x: Float32Array, shape: number[], weighted: boolean): Shaped {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const half = Math.floor(columns / 2) + 1;
  const sizes = { input: rows * columns, output: rows * half * 2 };
  return overPlanes(x, [...shape.slice(0, -1), half, 2], sizes, (input, output) =>
    forwardPlane(input, rows, columns, output, weighted),
  );
}

function toMaps(x: Float32Array, shape: number[], columns: number, weighted: boolean): Shaped {
  const [rows, half] = shape.slice(-3) as [number, number];
  const sizes = { input: rows * half * 2, output: rows * columns };
  return overPlanes(x, [...shape.slice(0, -2), columns], sizes, (input, output) =>
    backwardPlane(input, rows, columns, output, weighted),
  );
}

export function rfft2(x: Float32Array, shape: number[]): Shaped {
  return toHalfPlane(x, shape, false);
}

export function irfft2(x: Float32Array, shape: number[], columns: number): Shaped {
  return toMaps(x, shape, columns, true);
}

export function rfft2Adjoint(x: Float32Array, shape: number[], columns: number): Shaped {
  return toMaps(x, shape, columns, false);
}

export function irfft2Adjoint(x: Float32Array, shape: number[], _columns: number): Shaped {
  return toHalfPlane(x, shape, true);
}
