import { UnsupportedError } from './errors.ts';
import { decodeNpy, encodeNpy } from './npy.ts';

const DESCR = /(['"]descr['"]\s*:\s*['"])<U(\d+)(['"])/;
const PREFIX_BYTES = 10;

/**
 * Encodes a list of strings as .npy of dtype `<U<n>`, n the longest length in code points: what `numpy.save` writes of a list of
 * strings.
 */
export function encodeNpyStrings(strings: readonly string[]): Uint8Array {
  const codes = strings.map((text) => Array.from(text, (character) => character.codePointAt(0)!));
  const width = Math.max(1, ...codes.map(({ length }) => length));
  const data = new Uint32Array(strings.length * width);
  codes.forEach((points, i) => {
    data.set(points, i * width);
  });
  const bytes = encodeNpy({ shape: [strings.length * width], data });
  return withDescr(bytes, (header) =>
    header.replace("'<u4'", `'<U${width}'`).replace(`(${strings.length * width},)`, `(${strings.length},)`),
  );
}

/**
 * Decodes a one-dimensional .npy array of strings (`<U<n>`).
 *
 * @throws {UnsupportedError} if the array holds something else; and as {@link decodeNpy}.
 */
export function decodeNpyStrings(bytes: Uint8Array, options: { readonly source?: string } = {}): string[] {
  const width = Number(DESCR.exec(headerOf(bytes))?.[2]);
  if (!Number.isInteger(width)) {
    throw new UnsupportedError(
      `io.decodeNpyStrings: ${options.source ?? 'bytes'} must hold strings of dtype <U; got another dtype.`,
    );
  }
  const numbers = withDescr(bytes, (header) =>
    header
      .replace(DESCR, '$1<u4$3')
      .replace(
        /(['"]shape['"]\s*:\s*\()(\d+),?\)/,
        (_, start, count) => `${start}${Number(count) * width},)`,
      ),
  );
  const codes = decodeNpy(numbers, options).data as Uint32Array;
  return Array.from({ length: codes.length / width }, (_, i) => {
    const points = Array.from(codes.subarray(i * width, (i + 1) * width));
    return String.fromCodePoint(...points).replace(/\0+$/, '');
  });
}

function headerOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + 256));
}

/** The same file with its header changed in place: the padding takes up the difference in length. */
function withDescr(bytes: Uint8Array, change: (header: string) => string): Uint8Array {
  const length = bytes[8]! + 256 * bytes[9]!;
  const header = new TextDecoder('latin1').decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  const changed = change(header.trimEnd()).padEnd(length - 1);
  const out = new Uint8Array(bytes);
  out.set(new TextEncoder().encode(`${changed}\n`), PREFIX_BYTES);
  return out;
}
