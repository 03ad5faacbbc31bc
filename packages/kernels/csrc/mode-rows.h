/* Half planes [field][N][N/2 + 1][2] mode by mode beside matrices laid out on a quadrant by lf_even_quadrant: a row and its mirror share
   a row of matrices. */
#ifndef LENSFIELD_MODE_ROWS_H
#define LENSFIELD_MODE_ROWS_H

#include "kernels.h"
#include "quads.h"
#include "threads.h"

enum { LARGEST_FIELDS = 16, ROWS_PER_TASK = 8 };

/* Loads, stores of a whole or a partial vector; `n` is LANES or the rest of a row, in modes. */
INLINE vf load_some(const float *p, int n) { return n == LANES ? load(p) : load_partial(p, n); }
INLINE void store_some(float *p, vf v, int n) {
  if (n == LANES) store(p, v);
  else store_partial(p, v, n);
}

/* The same of complex numbers. */
struct waves {
  vf re, im;
};
INLINE struct waves load_waves(const float *p, int n) {
  struct waves w;
  if (n == LANES) {
    load_complex(p, &w.re, &w.im);
    return w;
  }
  float rest[2 * LANES] = {0};
  for (int i = 0; i < 2 * n; i++) rest[i] = p[i];
  load_complex(rest, &w.re, &w.im);
  return w;
}
INLINE void store_waves(float *p, struct waves w, int n) {
  if (n == LANES) {
    store_complex(p, w.re, w.im);
    return;
  }
  float rest[2 * LANES];
  store_complex(rest, w.re, w.im);
  for (int i = 0; i < 2 * n; i++) p[i] = rest[i];
}
INLINE void add_product(struct waves *sum, vf matrix, struct waves w) {
  sum->re += matrix * w.re;
  sum->im += matrix * w.im;
}
/* Real part of a times the conjugate of b. */
INLINE vf real_product(struct waves a, struct waves b) { return a.re * b.re + a.im * b.im; }

/* The row of -k; that of row 0 is 0, that of N/2 itself. */
INLINE int mirror_row(int row, int size) { return row == 0 ? 0 : size - row; }

/* A constant number of fields lets the compiler unroll; 1 to 5 have code of their own. */
#define WITH_FIELDS(body, fields, ...)      \
  switch (fields) {                         \
    case 1: body(1, __VA_ARGS__); break;    \
    case 2: body(2, __VA_ARGS__); break;    \
    case 3: body(3, __VA_ARGS__); break;    \
    case 4: body(4, __VA_ARGS__); break;    \
    case 5: body(5, __VA_ARGS__); break;    \
    default: body(fields, __VA_ARGS__);     \
  }

#endif
