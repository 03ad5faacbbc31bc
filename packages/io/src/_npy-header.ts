import { InvalidArgumentError, UnsupportedError } from './errors.ts';
import type { Dtype } from './typed-nd-array.ts';

/** NumPy type codes, kind and bytes, without the byte order. */
const DTYPE_OF_CODE: Readonly<Record<string, Dtype>> = {
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
};

export interface NpyHeader {
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** Reads the Python dictionary of an npy header. `where` begins the error message. */
export function parseNpyHeader(text: string, where: string): NpyHeader {
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text);
  const shape = /['"]shape['"]\s*:\s*\(([\d\sL,]*)\)/.exec(text);
  const descr = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[))/.exec(text);
  if (!fortran || !shape || !descr) {
    throw new InvalidArgumentError(
      'bytes',
      `${where} must have a header with descr, fortran_order and shape; got ${JSON.stringify(text.trim().slice(0, 80))}. Write the file with numpy.save.`,
    );
  }
  const lengths = shape[1].split(',').map((part) => part.replace('L', '').trim());
  return {
    ...parseDescr(descr[2] ? 'a record type' : descr[1], where),
    fortranOrder: fortran[1] === 'True',
    shape: lengths.filter((part) => part !== '').map(Number),
  };
}

function parseDescr(descr: string, where: string): { dtype: Dtype; bigEndian: boolean } {
  const dtype = /^[<>=|]/.test(descr) ? DTYPE_OF_CODE[descr.slice(1)] : undefined;
  if (dtype) return { dtype, bigEndian: descr[0] === '>' };
  if (descr.includes('O')) {
    throw new UnsupportedError(
      `${where} must hold plain numbers; got Python objects, which are pickled code and are not read. Save a float array: numpy.save(path, numpy.asarray(values, dtype=float)).`,
    );
  }
  throw new UnsupportedError(
    `${where} must have a dtype of ${Object.values(DTYPE_OF_CODE).join(', ')}; got ${descr}. Convert it with numpy's astype.`,
  );
}

/** The header dictionary as NumPy writes it. */
export function formatNpyHeader(dtype: Dtype, shape: readonly number[]): string {
  const code = Object.keys(DTYPE_OF_CODE).find((key) => DTYPE_OF_CODE[key] === dtype) as string;
  const descr = (code.endsWith('1') ? '|' : '<') + code;
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  return `{'descr': '${descr}', 'fortran_order': False, 'shape': (${lengths}), }`;
}
