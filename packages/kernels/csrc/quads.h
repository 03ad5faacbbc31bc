/* Moves between rows in memory and vectors across rows: transposes in blocks of four columns, and complex numbers between
   interleaved (re im re im) and split (all re, all im) order. */
#ifndef LENSFIELD_QUADS_H
#define LENSFIELD_QUADS_H

#include "kernels.h"

#define GROUPS (LANES / 4)

INLINE v4f load_quad(const float *p) { return *(const v4f_any *)p; }
INLINE void store_quad(float *p, v4f v) { *(v4f_any *)p = v; }

/* A vector from one quad of each pointer, and back. */
INLINE vf join_quads(const float *const p[GROUPS]) {
#if LANES == 4
  return load_quad(p[0]);
#elif LANES == 8 && defined(__clang__) || LANES == 8 && __GNUC__ >= 12
  return __builtin_shufflevector(load_quad(p[0]), load_quad(p[1]), 0, 1, 2, 3, 4, 5, 6, 7);
#elif LANES == 16 && defined(__clang__) || LANES == 16 && __GNUC__ >= 12
  v8f low = __builtin_shufflevector(load_quad(p[0]), load_quad(p[1]), 0, 1, 2, 3, 4, 5, 6, 7);
  v8f high = __builtin_shufflevector(load_quad(p[2]), load_quad(p[3]), 0, 1, 2, 3, 4, 5, 6, 7);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  union {
    v4f quad[GROUPS];
    vf all;
  } joined;
  for (int g = 0; g < GROUPS; g++) joined.quad[g] = load_quad(p[g]);
  return joined.all;
#endif
}

INLINE void part_quads(vf v, float *const p[GROUPS]) {
#if LANES == 4
  store_quad(p[0], v);
#elif LANES == 8 && defined(__clang__) || LANES == 8 && __GNUC__ >= 12
  store_quad(p[0], __builtin_shufflevector(v, v, 0, 1, 2, 3));
  store_quad(p[1], __builtin_shufflevector(v, v, 4, 5, 6, 7));
#elif LANES == 16 && defined(__clang__) || LANES == 16 && __GNUC__ >= 12
  store_quad(p[0], __builtin_shufflevector(v, v, 0, 1, 2, 3));
  store_quad(p[1], __builtin_shufflevector(v, v, 4, 5, 6, 7));
  store_quad(p[2], __builtin_shufflevector(v, v, 8, 9, 10, 11));
  store_quad(p[3], __builtin_shufflevector(v, v, 12, 13, 14, 15));
#else
  union {
    v4f quad[GROUPS];
    vf all;
  } parted;
  parted.all = v;
  for (int g = 0; g < GROUPS; g++) store_quad(p[g], parted.quad[g]);
#endif
}

#if LANES == 4
#define FIRST_OF_PAIRS(a, b) SHUFFLE_FLOAT(a, b, 0, 4, 1, 5)
#define SECOND_OF_PAIRS(a, b) SHUFFLE_FLOAT(a, b, 2, 6, 3, 7)
#define LOW_HALVES(a, b) SHUFFLE_FLOAT(a, b, 0, 1, 4, 5)
#define HIGH_HALVES(a, b) SHUFFLE_FLOAT(a, b, 2, 3, 6, 7)
#define EVEN_LANES(a, b) SHUFFLE_FLOAT(a, b, 0, 2, 4, 6)
#define ODD_LANES(a, b) SHUFFLE_FLOAT(a, b, 1, 3, 5, 7)
#elif LANES == 8
#define FIRST_OF_PAIRS(a, b) SHUFFLE_FLOAT(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define SECOND_OF_PAIRS(a, b) SHUFFLE_FLOAT(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_HALVES(a, b) SHUFFLE_FLOAT(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_HALVES(a, b) SHUFFLE_FLOAT(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define EVEN_LANES(a, b) SHUFFLE_FLOAT(a, b, 0, 2, 8, 10, 4, 6, 12, 14)
#define ODD_LANES(a, b) SHUFFLE_FLOAT(a, b, 1, 3, 9, 11, 5, 7, 13, 15)
#else
#define FIRST_OF_PAIRS(a, b) SHUFFLE_FLOAT(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define SECOND_OF_PAIRS(a, b) SHUFFLE_FLOAT(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define LOW_HALVES(a, b) SHUFFLE_FLOAT(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH_HALVES(a, b) SHUFFLE_FLOAT(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define EVEN_LANES(a, b) SHUFFLE_FLOAT(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30)
#define ODD_LANES(a, b) SHUFFLE_FLOAT(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31)
#endif

/* Transposes the 4 x 4 block that each quad holds across four vectors. */
INLINE void transpose_quads(vf v[4]) {
  vf ab = FIRST_OF_PAIRS(v[0], v[1]), ab_high = SECOND_OF_PAIRS(v[0], v[1]);
  vf cd = FIRST_OF_PAIRS(v[2], v[3]), cd_high = SECOND_OF_PAIRS(v[2], v[3]);
  v[0] = LOW_HALVES(ab, cd);
  v[1] = HIGH_HALVES(ab, cd);
  v[2] = LOW_HALVES(ab_high, cd_high);
  v[3] = HIGH_HALVES(ab_high, cd_high);
}

/* v[j][lane] = row[lane][column + j], j < 4: four columns of LANES rows, each a vector across the rows. */
INLINE void load_columns(const float *const row[LANES], ptrdiff_t column, vf v[4]) {
  for (int i = 0; i < 4; i++) {
    const float *p[GROUPS];
    for (int g = 0; g < GROUPS; g++) p[g] = row[4 * g + i] + column;
    v[i] = join_quads(p);
  }
  transpose_quads(v);
}

/* The way back: row[lane][column + j] = v[j][lane]. */
INLINE void store_columns(float *const row[LANES], ptrdiff_t column, vf v[4]) {
  transpose_quads(v);
  for (int i = 0; i < 4; i++) {
    float *p[GROUPS];
    for (int g = 0; g < GROUPS; g++) p[g] = row[4 * g + i] + column;
    part_quads(v[i], p);
  }
}

/* LANES interleaved complex numbers. AVX-512 picks lanes of two vectors at will; others within quads. */
#if LANES == 16
INLINE void load_complex(const float *p, vf *re, vf *im) {
  vf a = load(p), b = load(p + LANES);
  *re = SHUFFLE_FLOAT(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  *im = SHUFFLE_FLOAT(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

INLINE void store_complex(float *p, vf re, vf im) {
  store(p, SHUFFLE_FLOAT(re, im, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  store(p + LANES, SHUFFLE_FLOAT(re, im, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
}
#else
INLINE void load_complex(const float *p, vf *re, vf *im) {
  const float *low[GROUPS], *high[GROUPS];
  for (int g = 0; g < GROUPS; g++) {
    low[g] = p + 8 * g;
    high[g] = p + 8 * g + 4;
  }
  vf a = join_quads(low), b = join_quads(high);
  *re = EVEN_LANES(a, b);
  *im = ODD_LANES(a, b);
}

INLINE void store_complex(float *p, vf re, vf im) {
  float *low[GROUPS], *high[GROUPS];
  for (int g = 0; g < GROUPS; g++) {
    low[g] = p + 8 * g;
    high[g] = p + 8 * g + 4;
  }
  part_quads(FIRST_OF_PAIRS(re, im), low);
  part_quads(SECOND_OF_PAIRS(re, im), high);
}
#endif

#endif
