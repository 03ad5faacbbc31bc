/**
 * The checksum of HDF5 metadata: Jenkins' lookup3 (hashlittle) with initial value 0, as an unsigned integer.
 *
 * Source: Bob Jenkins (2006), lookup3.c, public domain; HDF5 File Format Specification 3.0, appendix on checksums.
 */
export function lookup3(bytes: Uint8Array): number {
  const start = (0xdeadbeef + bytes.length) | 0;
  const state = Int32Array.of(start, start, start);
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    add(state, bytes, at, 12);
    mix(state);
  }
  if (at === bytes.length) return state[2] >>> 0;
  add(state, bytes, at, bytes.length - at);
  finish(state);
  return state[2] >>> 0;
}

function add(state: Int32Array, bytes: Uint8Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) state[i >> 2] += bytes[at + i] << (8 * (i & 3));
}

const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by));

/** Steps of `a -= c; a ^= rot(c, k); c += b` over the three words in turn. */
function mix(s: Int32Array): void {
  const shifts = [4, 6, 8, 16, 19, 4];
  for (let i = 0; i < 6; i++) {
    const [a, b, c] = [i % 3, (i + 1) % 3, (i + 2) % 3];
    s[a] -= s[c];
    s[a] ^= rotate(s[c], shifts[i]);
    s[c] += s[b];
  }
}

/** Steps of `c ^= b; c -= rot(b, k)`. */
function finish(s: Int32Array): void {
  const shifts = [14, 11, 25, 16, 4, 14, 24];
  for (let i = 0; i < 7; i++) {
    const c = (i + 2) % 3;
    const b = (i + 1) % 3;
    s[c] ^= s[b];
    s[c] -= rotate(s[b], shifts[i]);
  }
}
