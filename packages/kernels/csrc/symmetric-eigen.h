/* Eigen-decompositions of many small symmetric matrices (layout in packed-matrices.h), one matrix per lane of a vector; eigenvectors by
   cyclic Jacobi, which starts from those of the preceding matrices: neighbours in a spectrum are alike. */
#ifndef LENSFIELD_SYMMETRIC_EIGEN_H
#define LENSFIELD_SYMMETRIC_EIGEN_H

#include "packed-matrices.h"
#include "threads.h"

enum { LARGEST_SIZE = 16, LARGEST_PAIRS = LARGEST_SIZE * (LARGEST_SIZE + 1) / 2, MATRICES_PER_TASK = 256, MOST_SWEEPS = 30 };

/* Number of doubles of `eigen` per group of lanes: eigenvalues, then eigenvectors [row][column]. */
INLINE ptrdiff_t eigen_stride(int size) { return (ptrdiff_t)(size + 1) * size * DOUBLE_LANES; }

/* out = V^T a V when transposed, else V a V^T, for symmetric a; of a and out only the upper triangle is used. */
INLINE void conjugate(const int n, vd v[][LARGEST_SIZE], vd a[][LARGEST_SIZE], vd out[][LARGEST_SIZE], const int transposed) {
  vd half[LARGEST_SIZE][LARGEST_SIZE];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      vd sum = (vd){0};
      for (int k = 0; k < n; k++) sum += (i <= k ? a[i][k] : a[k][i]) * (transposed ? v[k][j] : v[j][k]);
      half[i][j] = sum;
    }
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) {
      vd sum = (vd){0};
      for (int k = 0; k < n; k++) sum += (transposed ? v[k][i] : v[i][k]) * half[k][j];
      out[i][j] = sum;
    }
}

/* Rotates a (upper triangle) so that a[p][q] vanishes and turns the columns of v along. */
INLINE void rotate(const int n, vd a[][LARGEST_SIZE], vd v[][LARGEST_SIZE], const int p, const int q) {
  vd off = a[p][q], d = 0.5 * (a[q][q] - a[p][p]);
  vd t = off / (abs_double(d) + sqrt_double(d * d + off * off) + 1e-300);
  t = select_double(d < 0.0, -t, t);
  vd c = 1.0 / sqrt_double(t * t + 1.0), s = t * c;
  a[p][p] -= t * off;
  a[q][q] += t * off;
  a[p][q] = (vd){0};
  for (int r = 0; r < n; r++) {
    if (r != p && r != q) {
      vd *x = r < p ? &a[r][p] : &a[p][r], *y = r < q ? &a[r][q] : &a[q][r];
      vd was = *x;
      *x = c * was - s * *y;
      *y = s * was + c * *y;
    }
    vd was = v[r][p];
    v[r][p] = c * was - s * v[r][q];
    v[r][q] = s * was + c * v[r][q];
  }
}

/* Whether the off-diagonal part has vanished to rounding in every lane (NaN counts as vanished: it will not get better). */
INLINE int is_diagonal(const int n, vd a[][LARGEST_SIZE]) {
  vd off = (vd){0}, diagonal = (vd){0};
  for (int i = 0; i < n; i++) {
    diagonal += a[i][i] * a[i][i];
    for (int j = i + 1; j < n; j++) off += a[i][j] * a[i][j];
  }
  vl open = off > 1e-31 * diagonal;
  for (int lane = 0; lane < DOUBLE_LANES; lane++)
    if (open[lane]) return 0;
  return 1;
}

INLINE void diagonalise(const int n, vd a[][LARGEST_SIZE], vd v[][LARGEST_SIZE]) {
  for (int sweep = 0; sweep < MOST_SWEEPS && !is_diagonal(n, a); sweep++)
    for (int p = 0; p < n - 1; p++)
      for (int q = p + 1; q < n; q++) rotate(n, a, v, p, q);
}

/* Unit vectors in the lanes where a NaN matrix has spoilt the eigenvectors. */
INLINE void restore_vectors(const int n, vd v[][LARGEST_SIZE]) {
  vd sum = (vd){0};
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) sum += v[i][j];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) v[i][j] = select_double(sum == sum, v[i][j], splat_double(i == j));
}

/* The eigenvectors that the next matrices start from, before the first. */
INLINE void unit_vectors(const int n, vd v[][LARGEST_SIZE]) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) v[i][j] = splat_double(i == j);
}

/* Eigenvalues of a to the diagonal of `turned` and eigenvectors to v, from those in v; both are kept in `eigen`. */
INLINE void decompose(const int n, vd a[][LARGEST_SIZE], vd v[][LARGEST_SIZE], vd turned[][LARGEST_SIZE], double *eigen) {
  restore_vectors(n, v);
  conjugate(n, v, a, turned, 1);
  diagonalise(n, turned, v);
  for (int i = 0; i < n; i++) {
    store_double(eigen + i * DOUBLE_LANES, turned[i][i]);
    for (int j = 0; j < n; j++) store_double(eigen + (n + i * n + j) * DOUBLE_LANES, v[i][j]);
  }
}

INLINE void load_vectors(const int n, const double *eigen, vd v[][LARGEST_SIZE]) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) v[i][j] = load_double(eigen + (n + i * n + j) * DOUBLE_LANES);
}

/* The upper triangle of symmetric matrices. */
INLINE void load_triangle(const int n, const double *packed, int stride, int first, int count, vd a[][LARGEST_SIZE]) {
  vd entries[LARGEST_PAIRS];
  load_packed(packed, stride, first, count, n * (n + 1) / 2, entries);
  for (int i = 0, pair = 0; i < n; i++)
    for (int j = i; j < n; j++) a[i][j] = entries[pair++];
}

/* Gradient in packed entries (an entry off the diagonal counts for both places) to the symmetric matrix g. */
INLINE void load_cotangent(const int n, const double *packed, int stride, int first, int count, vd g[][LARGEST_SIZE]) {
  load_triangle(n, packed, stride, first, count, g);
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) g[i][j] *= 0.5;
}

/* The symmetric gradient g to packed entries. */
INLINE void store_gradient(const int n, vd g[][LARGEST_SIZE], double *packed, int stride, int first, int count) {
  vd entries[LARGEST_PAIRS];
  for (int i = 0, pair = 0; i < n; i++)
    for (int j = i; j < n; j++) entries[pair++] = i == j ? g[i][j] : 2.0 * g[i][j];
  store_packed(packed, stride, first, count, n * (n + 1) / 2, entries);
}

/* packed = V diag(f) V^T. */
INLINE void store_function(const int n, vd v[][LARGEST_SIZE], const vd *f, double *packed, int stride, int first, int count) {
  vd entries[LARGEST_PAIRS];
  for (int i = 0, pair = 0; i < n; i++)
    for (int j = i; j < n; j++, pair++) {
      entries[pair] = (vd){0};
      for (int k = 0; k < n; k++) entries[pair] += v[i][k] * f[k] * v[j][k];
    }
  store_packed(packed, stride, first, count, n * (n + 1) / 2, entries);
}

/* A constant size lets the compiler unroll; sizes 1 to 5 have code of their own. */
#define WITH_SIZE(body, size, ...)          \
  switch (size) {                           \
    case 1: body(1, __VA_ARGS__); break;    \
    case 2: body(2, __VA_ARGS__); break;    \
    case 3: body(3, __VA_ARGS__); break;    \
    case 4: body(4, __VA_ARGS__); break;    \
    case 5: body(5, __VA_ARGS__); break;    \
    default: body(size, __VA_ARGS__);       \
  }

#endif
