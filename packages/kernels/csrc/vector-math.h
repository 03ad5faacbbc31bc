/* Elementary functions of float vectors, without a math library. NaN in, NaN out. Errors (in units of the last place of the result)
   are those measured by test/vector-math.test.ts. */
#ifndef LENSFIELD_VECTOR_MATH_H
#define LENSFIELD_VECTOR_MATH_H

#include "kernels.h"
#if defined(__AVX__)
#include <immintrin.h>
#endif

/* b < a ? b : a and a < b ? b : a, hence a where a is NaN: one instruction, which compilers do not make of a selection by bits. */
#if LANES == 16
INLINE vf min_v(vf a, vf b) { return (vf)_mm512_min_ps((__m512)b, (__m512)a); }
INLINE vf max_v(vf a, vf b) { return (vf)_mm512_max_ps((__m512)b, (__m512)a); }
#elif LANES == 8
INLINE vf min_v(vf a, vf b) { return (vf)_mm256_min_ps((__m256)b, (__m256)a); }
INLINE vf max_v(vf a, vf b) { return (vf)_mm256_max_ps((__m256)b, (__m256)a); }
#elif defined(__wasm_simd128__)
INLINE vf min_v(vf a, vf b) { return __builtin_wasm_pmin_f32x4(a, b); }
INLINE vf max_v(vf a, vf b) { return __builtin_wasm_pmax_f32x4(a, b); }
#else
INLINE vf min_v(vf a, vf b) { return select_float(a > b, b, a); }
INLINE vf max_v(vf a, vf b) { return select_float(a < b, b, a); }
#endif
INLINE vf abs_v(vf x) { return (vf)((vi)x & 0x7fffffff); }
INLINE vf copysign_v(vf size, vf sign) { return (vf)(((vi)size & 0x7fffffff) | ((vi)sign & (int32_t)0x80000000)); }
INLINE vf sqrt_v(vf x) {
  vf root;
  for (int i = 0; i < LANES; i++) root[i] = __builtin_sqrtf(x[i]);
  return root;
}

/* 1.5 * 2^23: added to a float below 2^22 it leaves the nearest integer in the low bits. */
#define ROUNDING_SHIFT_FLOAT 12582912.0f

/* x 2^n, where n + 2^23 1.5 is `shifted`: in two factors, as 2^n may leave the normal range. */
INLINE vf scale_by_power(vf x, vf n, vf shifted) {
#if LANES == 16
  (void)shifted;
  return (vf)_mm512_scalef_ps((__m512)x, (__m512)n);
#else
  (void)n;
  vi exponent = (vi)shifted - 0x4b400000, half = exponent >> 1;
  return x * (vf)((half + 127) << 23) * (vf)((exponent - half + 127) << 23);
#endif
}

/* e^x within 1 ulp, subnormal results included; Infinity above 88.72. */
INLINE vf exp_v(vf x) {
  x = min_v(max_v(x, splat(-104.0f)), splat(89.0f));
  vf shifted = x * 1.44269504088896341f + ROUNDING_SHIFT_FLOAT;
  vf n = shifted - ROUNDING_SHIFT_FLOAT;
  vf r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  vf p = splat(1.9875691500e-4f); /* Cephes expf */
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return scale_by_power(p * r * r + r + 1.0f, n, shifted);
}

/* ln x within 1 ulp; -Infinity at 0, NaN below. */
INLINE vf log_v(vf x) {
  vi is_subnormal = x < 1.17549435e-38f;
  vf scaled = select_float(is_subnormal, x * 8388608.0f, x);
  vi shift = ((vi)scaled - 0x3f3504f3) >> 23; /* so that the mantissa lies in [sqrt(1/2), sqrt(2)) */
  vf f = (vf)((vi)scaled - (shift << 23)) - 1.0f;
  vf e = (vf)((shift - (is_subnormal & 23)) + 0x4b400000) - ROUNDING_SHIFT_FLOAT;
  vf z = f * f;
  vf p = splat(7.0376836292e-2f); /* Cephes logf */
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  vf low = p * z * f - 2.12194440e-4f * e - 0.5f * z;
  vf y = (f + low) + 0.693359375f * e;
  y = select_float(x == __builtin_inff(), x, y);
  y = select_float(x == 0.0f, splat(-__builtin_inff()), y);
  return select_float(x >= 0.0f, y, splat(__builtin_nanf("")));
}

/* ln(1 + x) within 2 ulp, small x included. */
INLINE vf log1p_v(vf x) {
  vf u = x + 1.0f;
  vf rest = (x - (u - 1.0f)) / u; /* what rounding 1 + x lost */
  vf y = log_v(u) + rest;
  return select_float((u == 1.0f) | (x == __builtin_inff()), x, select_float(u == 0.0f, splat(-__builtin_inff()), y));
}

/* e^x - 1 within 3 ulp. */
INLINE vf expm1_v(vf x) {
  vf p = splat(1.9841270e-4f); /* Taylor to x^8 for |x| < 0.5 */
  p = p + x * 2.4801587e-5f;
  p = p * x + 1.3888889e-3f;
  p = p * x + 8.3333333e-3f;
  p = p * x + 4.1666667e-2f;
  p = p * x + 1.6666667e-1f;
  p = p * x + 0.5f;
  vf small = p * x * x + x;
  return select_float(abs_v(x) < 0.5f, small, exp_v(x) - 1.0f);
}

/* tanh x within 2 ulp. */
INLINE vf tanh_v(vf x) {
  vf a = abs_v(x), z = x * x;
  vf p = splat(-5.70498872745e-3f); /* Cephes tanhf, |x| < 0.625 */
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  vf small = p * z * x + x;
  vf large = copysign_v(1.0f - 2.0f / (exp_v(a + a) + 1.0f), x);
  return select_float(a < 0.625f, small, large);
}

/* 1 / (1 + e^-x) within 3 ulp; 0 below -88.7. */
INLINE vf sigmoid_v(vf x) { return 1.0f / (1.0f + exp_v(-x)); }

/* ln(1 + e^x) within 3 ulp. */
INLINE vf softplus_v(vf x) { return max_v(x, splat(0.0f)) + log1p_v(exp_v(-abs_v(x))); }

/* erf x within 1e-6 (the rational form of Eigen and XLA). */
INLINE vf erf_v(vf x) {
  vf t = min_v(max_v(x, splat(-4.0f)), splat(4.0f)), z = t * t;
  vf p = splat(-2.72614225801306e-10f);
  p = p * z + 2.77068142495902e-08f;
  p = p * z - 2.10102402082508e-06f;
  p = p * z - 5.69250639462346e-05f;
  p = p * z - 7.34990630326855e-04f;
  p = p * z - 2.95459980854025e-03f;
  p = p * z - 1.60960333262415e-02f;
  vf q = splat(-1.45660718464996e-05f);
  q = q * z - 2.13374055278905e-04f;
  q = q * z - 1.68282697438203e-03f;
  q = q * z - 7.37332916720468e-03f;
  q = q * z - 1.42647390514189e-02f;
  return t * p / q;
}

/* The inverse of erf, single-precision form of M. Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011), table 5:
   the polynomial of XLA, so that normal draws agree with jax.random. -1 and 1 give infinities. */
INLINE vf erfinv_v(vf x) {
  vf w = -log1p_v(-x * x);
  vi is_tail = w >= 5.0f;
  vf t = w - 2.5f;
  vf p = splat(2.81022636e-08f);
  p = p * t + 3.43273939e-07f;
  p = p * t - 3.5233877e-06f;
  p = p * t - 4.39150654e-06f;
  p = p * t + 0.00021858087f;
  p = p * t - 0.00125372503f;
  p = p * t - 0.00417768164f;
  p = p * t + 0.246640727f;
  p = p * t + 1.50140941f;
  if (any_lane(is_tail)) { /* one normal draw in 300 */
    t = sqrt_v(w) - 3.0f;
    vf q = splat(-0.000200214257f);
    q = q * t + 0.000100950558f;
    q = q * t + 0.00134934322f;
    q = q * t - 0.00367342844f;
    q = q * t + 0.00573950773f;
    q = q * t - 0.0076224613f;
    q = q * t + 0.00943887047f;
    q = q * t + 1.00167406f;
    q = q * t + 2.83297682f;
    p = select_float(is_tail, q, p);
    p = select_float(abs_v(x) == 1.0f, splat(__builtin_inff()), p);
  }
  return p * x;
}

/* Scalar twins. */
INLINE float exp_f(float x) { return exp_v(splat(x))[0]; }
INLINE float log_f(float x) { return log_v(splat(x))[0]; }
INLINE float tanh_f(float x) { return tanh_v(splat(x))[0]; }

#endif
