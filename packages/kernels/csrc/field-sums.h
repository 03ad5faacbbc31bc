/* Sums over the pixels of fields [fields][pixels]: single-precision values, double-precision sums in an order that depends on sizes
   alone. */
#ifndef LENSFIELD_FIELD_SUMS_H
#define LENSFIELD_FIELD_SUMS_H

#include "threads.h"
#include "vector-double.h"
#include "vector-math.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

enum { PIXELS_PER_TASK = 8192 };

#if defined(__AVX512F__)
/* gcc would convert by quarters. */
INLINE vd low_half(vf x) { return (vd)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)x)); }
INLINE vd high_half(vf x) { return low_half(SHUFFLE_FLOAT(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)); }
#else
INLINE vd low_half(vf x) {
  vd out;
  for (int i = 0; i < DOUBLE_LANES; i++) out[i] = (double)x[i];
  return out;
}
INLINE vd high_half(vf x) {
  vd out;
  for (int i = 0; i < DOUBLE_LANES; i++) out[i] = (double)x[DOUBLE_LANES + i];
  return out;
}
#endif
INLINE void accumulate(vd *sum, vf x) { *sum += low_half(x) + high_half(x); }
INLINE double total(vd sum) {
  double out = 0;
  for (int i = 0; i < DOUBLE_LANES; i++) out += sum[i];
  return out;
}

INLINE vf load_upto(const float *p, int n) { return n >= LANES ? load(p) : load_partial(p, n); }
INLINE void store_upto(float *p, vf v, int n) {
  if (n >= LANES) store(p, v);
  else store_partial(p, v, n);
}

INLINE int chunks_of(int pixels) { return (pixels + PIXELS_PER_TASK - 1) / PIXELS_PER_TASK; }

INLINE void add_partials(const double *partial, double *sums, int fields, int chunks, int width) {
  for (int field = 0; field < fields; field++)
    for (int sum = 0; sum < width; sum++) {
      double value = 0;
      for (int chunk = 0; chunk < chunks; chunk++) value += partial[(ptrdiff_t)(field * chunks + chunk) * width + sum];
      sums[field * width + sum] = value;
    }
}

#endif
