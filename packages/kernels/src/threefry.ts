import type { Key } from '@lensfield/contracts';

/**
 * Threefry-2x32 with 20 rounds: the two words that belong to the counters `start`, `start + 1`, ... under `key`.
 *
 * @param key    Two 32-bit words.
 * @param start  First counter, an integer in [0, 2^53).
 * @param high   Receives the first output word of each counter; its length is the number of counters.
 * @param low    Receives the second output word; same length.
 *
 * Bits: equal to `jax.random` in partitionable mode (test/random.test.ts).
 * Source: Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", section 3.3; the rotations are those of Random123.
 */
// biome-ignore format: one line per round
export function threefryWords(key: Key, start: number, high: Uint32Array, low: Uint32Array): void {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  const count = low.length;
  for (let i = 0; i < count; i++) {
    const counter = start + i;
    let a = (Math.floor(counter / 4294967296) + k0) | 0;
    let b = (counter + k1) | 0;
    // Unrolled by hand: a loop over the rounds is three times slower, and this is the price of every random number.
    a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k1) | 0; b = (b + k2 + 1) | 0;
    a = (a + b) | 0; b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0; b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0; b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0; b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k2) | 0; b = (b + k0 + 2) | 0;
    a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k0) | 0; b = (b + k1 + 3) | 0;
    a = (a + b) | 0; b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0; b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0; b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0; b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k1) | 0; b = (b + k2 + 4) | 0;
    a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
    high[i] = a + k2;
    low[i] = b + k0 + 5;
  }
}

/** Counters per block: both words of a block stay in the first-level cache. */
const BLOCK = 1024;

/** Calls `visit(offset, high, low)` on blocks of words that cover the counters 0 to `count - 1`; the views are reused. */
export function forEachWordBlock(
  key: Key,
  count: number,
  visit: (offset: number, high: Uint32Array, low: Uint32Array) => void,
): void {
  const high = new Uint32Array(Math.min(BLOCK, count));
  const low = new Uint32Array(high.length);
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    const blockHigh = size === high.length ? high : high.subarray(0, size);
    const blockLow = size === low.length ? low : low.subarray(0, size);
    threefryWords(key, offset, blockHigh, blockLow);
    visit(offset, blockHigh, blockLow);
  }
}
