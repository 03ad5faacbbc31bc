/* Double-precision exp, log, log1p and sqrt of a vector, without a math library. */
#ifndef LENSFIELD_VECTOR_DOUBLE_H
#define LENSFIELD_VECTOR_DOUBLE_H

#include "kernels.h"

#define DOUBLE_LANES (LANES / 2)

typedef int64_t vl __attribute__((vector_size(LANES * 4)));

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLE_DOUBLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#endif
#endif
#if !defined(SHUFFLE_DOUBLE)
#define SHUFFLE_DOUBLE(a, b, ...) __builtin_shuffle(a, b, (vl){__VA_ARGS__})
#endif

INLINE vd load_double(const double *p) { return *(const vd_any *)p; }
INLINE void store_double(double *p, vd v) { *(vd_any *)p = v; }
/* The first n lanes (0 < n <= DOUBLE_LANES), zeros beyond. */
INLINE vd load_few(const double *p, int n) {
  vd v = {0};
  for (int i = 0; i < n; i++) v[i] = p[i];
  return v;
}
INLINE void store_few(double *p, vd v, int n) {
  for (int i = 0; i < n; i++) p[i] = v[i];
}
INLINE vd splat_double(double x) { return x - (vd){0}; }
INLINE vd select_double(vl mask, vd a, vd b) { return (vd)((mask & (vl)a) | (~mask & (vl)b)); }
/* a where a is NaN. */
INLINE vd max_double(vd a, vd b) { return select_double(a < b, b, a); }
INLINE vd min_double(vd a, vd b) { return select_double(a > b, b, a); }
INLINE vd abs_double(vd a) { return (vd)((vl)a & INT64_MAX); }

INLINE vd sqrt_double(vd x) {
  vd root = x;
  for (int i = 0; i < DOUBLE_LANES; i++) root[i] = __builtin_sqrt(x[i]);
  return root;
}

/* Added to a double below 2^51 it leaves the nearest integer in the low bits of the mantissa. */
#define ROUNDING_SHIFT 6755399441055744.0

/* exp to 1 ulp; 0 below -708 (no subnormal results), +Infinity above 709.7. NaN stays NaN. */
INLINE vd exp_double(vd x) {
  vd clipped = min_double(max_double(x, splat_double(-708.0)), splat_double(709.7));
  vd shifted = clipped * 1.4426950408889634 + ROUNDING_SHIFT;
  vd n = shifted - ROUNDING_SHIFT;
  vd r = (clipped - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  vd p = splat_double(1.6059043836821613e-10); /* Taylor to r^13, |r| < 0.347: 4e-18 */
  p = p * r + 2.08767569878681e-9;
  p = p * r + 2.505210838544172e-8;
  p = p * r + 2.755731922398589e-7;
  p = p * r + 2.7557319223985893e-6;
  p = p * r + 2.48015873015873e-5;
  p = p * r + 1.984126984126984e-4;
  p = p * r + 1.388888888888889e-3;
  p = p * r + 8.333333333333333e-3;
  p = p * r + 4.1666666666666664e-2;
  p = p * r + 0.16666666666666666;
  p = p * r + 0.5;
  p = p * r * r + r + 1.0;
  vd result = (vd)((vl)p + (((vl)shifted) << 52));
  result = select_double(x < -708.0, splat_double(0.0), result);
  result = select_double(x > 709.7, splat_double(__builtin_inf()), result);
  return select_double(x == x, result, x);
}

/* x = 2^exponent (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), for positive normal x. */
struct scaled_double {
  vl exponent;
  vd f;
};
INLINE struct scaled_double scaled_double(vd x) {
  vl bits = (vl)x, exponent = (bits - 0x3fe6a09e667f3bcd) >> 52;
  return (struct scaled_double){exponent, (vd)(bits - (exponent << 52)) - 1.0};
}

/* log x from s = f / (2 + f) (the rational form of fdlibm's e_log.c). */
INLINE vd log_scaled(struct scaled_double x, vd s) {
  vd f = x.f, e = (vd)(x.exponent + 0x4338000000000000) - ROUNDING_SHIFT;
  vd z = s * s;
  vd r = splat_double(1.479819860511658591e-01);
  r = r * z + 1.531383769920937332e-01;
  r = r * z + 1.818357216161805012e-01;
  r = r * z + 2.222219843214978396e-01;
  r = r * z + 2.857142874366239149e-01;
  r = r * z + 3.999999999940941908e-01;
  r = r * z + 6.666666666666735130e-01;
  vd half_square = 0.5 * f * f;
  vd low = s * (half_square + r * z) + e * 1.90821492927058770002e-10;
  return e * 0.693147180369123816490 - ((half_square - low) - f);
}

/* log of a positive normal number to 1 ulp; NaN at or below 0. */
INLINE vd log_double(vd x) {
  struct scaled_double scaled = scaled_double(x);
  vd result = log_scaled(scaled, scaled.f / (scaled.f + 2.0));
  return select_double(x > 0.0, result, splat_double(__builtin_nan("")));
}

/* log(1 + x), relative error of a few ulp for small x too; NaN at or below -1. One division gives both s and what 1 + x lost to rounding,
   over 1 + x. */
INLINE vd log1p_double(vd x) {
  vd u = x + 1.0, lost = x - (u - 1.0);
  struct scaled_double scaled = scaled_double(u);
  vd mantissa = scaled.f + 1.0, denominator = scaled.f + 2.0, inverse = 1.0 / (mantissa * denominator);
  vd rest = lost * (denominator * inverse) * (vd)((1023 - scaled.exponent) << 52);
  vd result = log_scaled(scaled, scaled.f * (mantissa * inverse)) + rest;
  return select_double(u > 0.0, result, splat_double(__builtin_nan("")));
}

#endif
