/** Float64 references written from the definitions, with none of the package's code. */

export function softmaxTwin(row: Float64Array): Float64Array {
  const largest = Math.max(...row);
  const weights = row.map((x) => Math.exp(x - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}

export interface MatMulSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export function matMulTwin(a: ArrayLike<number>, b: ArrayLike<number>, sizes: MatMulSizes): Float64Array {
  const { m, n, k, transposeA = false, transposeB = false } = sizes;
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let p = 0; p < k; p++) {
        c[i * n + j]! += a[transposeA ? p * m + i : i * k + p]! * b[transposeB ? j * k + p : p * n + j]!;
      }
    }
  }
  return c;
}

/** Output length and leading padding of one axis, by TensorFlow's rule. */
export function axisGeometry(size: number, window: number, stride: number, pad: 'same' | 'valid') {
  if (pad === 'valid') return { length: Math.floor((size - window) / stride) + 1, before: 0 };
  const length = Math.ceil(size / stride);
  const total = Math.max(0, (length - 1) * stride + window - size);
  return { length, before: Math.floor(total / 2) };
}

export function conv2dTwin(
  x: Float64Array,
  xShape: readonly number[],
  filter: Float64Array,
  filterShape: readonly number[],
  stride: number,
  pad: 'same' | 'valid',
): { shape: number[]; values: Float64Array } {
  const [batch, height, width, channels] = xShape as [number, number, number, number];
  const [fh, fw, , outChannels] = filterShape as [number, number, number, number];
  const rows = axisGeometry(height, fh, stride, pad);
  const columns = axisGeometry(width, fw, stride, pad);
  const shape = [batch, rows.length, columns.length, outChannels];
  const values = new Float64Array(shape.reduce((p, s) => p * s, 1));
  let out = 0;
  for (let b = 0; b < batch; b++)
    for (let r = 0; r < rows.length; r++)
      for (let c = 0; c < columns.length; c++)
        for (let o = 0; o < outChannels; o++, out++)
          for (let i = 0; i < fh; i++)
            for (let j = 0; j < fw; j++) {
              const y = r * stride - rows.before + i;
              const at = c * stride - columns.before + j;
              if (y < 0 || y >= height || at < 0 || at >= width) continue;
              for (let p = 0; p < channels; p++) {
                values[out]! +=
                  x[((b * height + y) * width + at) * channels + p]! *
                  filter[((i * fw + j) * channels + p) * outChannels + o]!;
              }
            }
  return { shape, values };
}

function poolTwin(
  x: Float64Array,
  shape: readonly number[],
  window: number,
  stride: number,
  pad: 'same' | 'valid',
  combine: (values: number[]) => number,
): Float64Array {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const rows = axisGeometry(height, window, stride, pad);
  const columns = axisGeometry(width, window, stride, pad);
  const result: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let r = 0; r < rows.length; r++)
      for (let c = 0; c < columns.length; c++)
        for (let p = 0; p < channels; p++) {
          const inside: number[] = [];
          for (let i = 0; i < window; i++)
            for (let j = 0; j < window; j++) {
              const y = r * stride - rows.before + i;
              const at = c * stride - columns.before + j;
              if (y >= 0 && y < height && at >= 0 && at < width)
                inside.push(x[((b * height + y) * width + at) * channels + p]!);
            }
          result.push(combine(inside));
        }
  return Float64Array.from(result);
}

export function maxPoolTwin(
  x: Float64Array,
  shape: readonly number[],
  window: number,
  stride: number,
  pad: 'same' | 'valid',
) {
  return poolTwin(x, shape, window, stride, pad, (values) => Math.max(...values));
}

/** The mean runs over the pixels inside the map, as in TensorFlow. */
export function avgPoolTwin(
  x: Float64Array,
  shape: readonly number[],
  window: number,
  stride: number,
  pad: 'same' | 'valid',
) {
  return poolTwin(
    x,
    shape,
    window,
    stride,
    pad,
    (values) => values.reduce((a, b) => a + b, 0) / values.length,
  );
}
