/**
 * A random key: two unsigned 32-bit words, as in `jax.random`. Plain data, so that it can be written to JSON. A key is split or
 * folded, never used twice.
 */
export type Key = readonly [number, number];
