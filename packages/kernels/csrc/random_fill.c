/* The same bits from every compiler: no fused multiply-add in this file. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif

#include "kernels.h"
#include "threads.h"
#include "vector-math.h"

/* Draws of jax.random (Threefry-2x32, partitionable mode): element i depends on the key and the 64-bit counter i alone. */
enum { CHUNK = 8192, VECTORS = 2, BLOCK = VECTORS * LANES };

struct fill {
  uint32_t key0, key1;
  void *out;
  int n;
  float min, max;
};

/* Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", section 3.3; both output words combined as jax does. */
INLINE void random_bits(uint32_t key0, uint32_t key1, uint32_t counter, vu bits[VECTORS]) {
  const uint32_t key[3] = {key0, key1, key0 ^ key1 ^ 0x1bd11bdau};
  static const int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  vu a[VECTORS], b[VECTORS];
  for (int v = 0; v < VECTORS; v++) {
    uint32_t first[LANES];
    for (int lane = 0; lane < LANES; lane++) first[lane] = counter + (uint32_t)(v * LANES + lane) + key1;
    b[v] = *(const vu_any *)first;
    a[v] = (vu){0} + key0; /* the high word of the counter is 0 */
  }
  for (int group = 0; group < 5; group++) {
    for (int round = 0; round < 4; round++) {
      int rotation = rotations[group % 2][round];
      for (int v = 0; v < VECTORS; v++) {
        a[v] += b[v];
        b[v] = ((b[v] << rotation) | (b[v] >> (32 - rotation))) ^ a[v];
      }
    }
    for (int v = 0; v < VECTORS; v++) {
      a[v] += key[(group + 1) % 3];
      b[v] += key[(group + 2) % 3] + (uint32_t)(group + 1);
    }
  }
  for (int v = 0; v < VECTORS; v++) bits[v] = a[v] ^ b[v];
}

/* Uniform on [min, max) with 23 random bits, rounded as jax does. */
INLINE vf uniform_of(vu bits, float min, float span) {
  vf unit = __builtin_convertvector((vi)(bits >> 9), vf) * 1.1920928955078125e-7f;
  return max_v(unit * span + min, splat(min));
}

INLINE vi bits_value(const struct fill *fill, vu bits) {
  (void)fill;
  return (vi)bits;
}
INLINE vi uniform_value(const struct fill *fill, vu bits) { return (vi)uniform_of(bits, fill->min, fill->max - fill->min); }
INLINE vi normal_value(const struct fill *fill, vu bits) {
  (void)fill;
  const float above_minus_one = -0.99999994f;
  return (vi)(1.41421356f * erfinv_v(uniform_of(bits, above_minus_one, 1.0f - above_minus_one)));
}

#define FILL(name)                                                                          \
  static void name##_chunk(int chunk, void *context) {                                      \
    const struct fill *fill = context;                                                      \
    int begin = chunk * CHUNK, end = begin + min_int(CHUNK, fill->n - begin);               \
    int32_t *out = fill->out;                                                               \
    for (int i = begin; i < end; i += BLOCK) {                                              \
      vu bits[VECTORS];                                                                     \
      random_bits(fill->key0, fill->key1, (uint32_t)i, bits);                               \
      int32_t last[BLOCK], *to = end - i < BLOCK ? last : out + i;                          \
      for (int v = 0; v < VECTORS; v++) store_int(to + v * LANES, name##_value(fill, bits[v])); \
      if (to == last)                                                                       \
        for (int j = 0; j < end - i; j++) out[i + j] = last[j];                             \
    }                                                                                       \
  }

FILL(bits)
FILL(uniform)
FILL(normal)

INLINE int chunks_of(int n) { return (int)(((int64_t)n + CHUNK - 1) / CHUNK); }

KERNEL void lf_fill_bits(uint32_t *out, int n, uint32_t key0, uint32_t key1) {
  struct fill fill = {key0, key1, out, n, 0, 0};
  parallel_for(chunks_of(n), bits_chunk, &fill);
}

KERNEL void lf_fill_uniform(float *out, int n, uint32_t key0, uint32_t key1, float min, float max) {
  struct fill fill = {key0, key1, out, n, min, max};
  parallel_for(chunks_of(n), uniform_chunk, &fill);
}

KERNEL void lf_fill_normal(float *out, int n, uint32_t key0, uint32_t key1) {
  struct fill fill = {key0, key1, out, n, 0, 0};
  parallel_for(chunks_of(n), normal_chunk, &fill);
}
