/* The posterior of Gaussian fields seen with white noise, mode by mode. With G the spectra of the fields and r_i the response of bin i
   over its noise, A_ij = r_i G_ij r_j is signal over noise; the covariance of the field in units of noise over response is
   A (1 + A)^-1 given the data and A before. Negative eigenvalues of A are taken as zero. Layout in symmetric-eigen.h. */
#include "symmetric-eigen.h"

struct wiener_job {
  const double *spectra, *response, *power, *cotangent;
  double *eigen, *root, *evidence, *gradient;
  int count, size, stride;
};

INLINE void load_signal(const int n, const struct wiener_job *job, int first, vd a[][LARGEST_SIZE]) {
  for (int i = 0, pair = 0; i < n; i++)
    for (int j = i; j < n; j++)
      a[i][j] = gather(job->spectra, job->stride, first, job->count, pair++) * (job->response[i] * job->response[j]);
}

/* V^T Y V for the power Y of the data. */
INLINE void turn_power(const int n, const struct wiener_job *job, int first, vd v[][LARGEST_SIZE], vd turned[][LARGEST_SIZE]) {
  vd y[LARGEST_SIZE][LARGEST_SIZE];
  for (int i = 0, pair = 0; i < n; i++)
    for (int j = i; j < n; j++) y[i][j] = gather(job->power, job->stride, first, job->count, pair++);
  conjugate(n, v, y, turned, 1);
}

INLINE void wiener_roots(const int n, struct wiener_job *job, int from, int to) {
  vd a[LARGEST_SIZE][LARGEST_SIZE], v[LARGEST_SIZE][LARGEST_SIZE], turned[LARGEST_SIZE][LARGEST_SIZE], f[LARGEST_SIZE];
  unit_vectors(n, v);
  for (int first = from; first < to; first += DOUBLE_LANES) {
    load_signal(n, job, first, a);
    decompose(n, a, v, turned, job->eigen + first / DOUBLE_LANES * eigen_stride(n));
    turn_power(n, job, first, v, a);
    vd evidence = (vd){0};
    for (int i = 0; i < n; i++) {
      vd e = max_double(turned[i][i], (vd){0}), rest = 1.0 / (1.0 + e);
      f[i] = sqrt_double(e * rest);
      evidence -= 0.5 * (a[i][i] * rest + log_double(1.0 + e));
    }
    store_function(n, v, f, job->root, job->stride, first, job->count);
    for (int lane = 0; lane < DOUBLE_LANES && first + lane < job->count; lane++) job->evidence[first + lane] = evidence[lane];
  }
}

/* In the basis of the eigenvectors the derivative of the root is that of f = sqrt(e / (1 + e)) by divided differences, that of the
   evidence (P Y P - P) / 2 with P = (1 + A)^-1; both are continued to clipped eigenvalues. */
INLINE void wiener_gradients(const int n, struct wiener_job *job, int from, int to) {
  vd g[LARGEST_SIZE][LARGEST_SIZE], v[LARGEST_SIZE][LARGEST_SIZE], turned[LARGEST_SIZE][LARGEST_SIZE], y[LARGEST_SIZE][LARGEST_SIZE];
  vd f[LARGEST_SIZE], rest[LARGEST_SIZE], above[LARGEST_SIZE], below[LARGEST_SIZE];
  for (int first = from; first < to; first += DOUBLE_LANES) {
    const double *eigen = job->eigen + first / DOUBLE_LANES * eigen_stride(n);
    for (int i = 0; i < n; i++) {
      vd e = load_double(eigen + i * DOUBLE_LANES);
      above[i] = max_double(e, (vd){0});
      below[i] = min_double(e, (vd){0});
      rest[i] = 1.0 / (1.0 + above[i]);
      f[i] = sqrt_double(above[i] * rest[i]);
    }
    load_vectors(n, eigen, v);
    load_cotangent(n, job->cotangent, job->stride, first, job->count, g);
    conjugate(n, v, g, turned, 1);
    turn_power(n, job, first, v, y);
    for (int i = 0; i < n; i++)
      for (int j = i; j < n; j++) {
        vd sum = f[i] + f[j], both = rest[i] * rest[j];
        vd kept = (above[i] + above[j]) / (above[i] + above[j] - below[i] - below[j] + 1e-300);
        vd slope = sum * both / (sum * sum - (below[i] + below[j]) * both + 1e-300);
        vd change = 0.5 * kept * both * y[i][j];
        if (i == j) change -= 0.5 * kept * rest[i];
        turned[i][j] = turned[i][j] * slope + change;
      }
    conjugate(n, v, turned, g, 0);
    for (int i = 0; i < n; i++)
      for (int j = i; j < n; j++) g[i][j] *= job->response[i] * job->response[j];
    store_gradient(n, g, job->gradient, job->stride, first, job->count);
  }
}

static void root_task(int task, void *context) {
  struct wiener_job *job = context;
  int from = task * MATRICES_PER_TASK, to = min_int(job->count, from + MATRICES_PER_TASK);
  WITH_SIZE(wiener_roots, job->size, job, from, to)
}

static void gradient_task(int task, void *context) {
  struct wiener_job *job = context;
  int from = task * MATRICES_PER_TASK, to = min_int(job->count, from + MATRICES_PER_TASK);
  WITH_SIZE(wiener_gradients, job->size, job, from, to)
}

/* root = (A (1 + A)^-1)^(1/2) and, with Y the power of the data in units of the noise, evidence[mode] =
   -(tr((1 + A)^-1 Y) + log det(1 + A)) / 2. `eigen` as for lf_symmetric_root. size <= 16; returns 1 when it is larger, else 0. */
KERNEL int lf_wiener_root(const double *spectra, const double *response, const double *power, double *root, double *evidence,
                          double *eigen, int count, int size, int stride) {
  if (size > LARGEST_SIZE) return 1;
  struct wiener_job job = {.spectra = spectra, .response = response, .power = power, .root = root, .evidence = evidence,
                           .eigen = eigen, .count = count, .size = size, .stride = stride};
  parallel_for((count + MATRICES_PER_TASK - 1) / MATRICES_PER_TASK, root_task, &job);
  return 0;
}

/* Gradients of a scalar plus the evidence of each mode, from the cotangent of the root: in the packed spectra, per mode, and in
   response, summed over modes with the weights `counts`. */
KERNEL int lf_wiener_root_gradient(const double *spectra, const double *response, const double *power, const double *eigen,
                                   const double *cotangent, const double *counts, double *gradient, double *response_gradient,
                                   int count, int size, int stride) {
  if (size > LARGEST_SIZE) return 1;
  struct wiener_job job = {.spectra = spectra, .response = response, .power = power, .eigen = (double *)eigen,
                           .cotangent = cotangent, .gradient = gradient, .count = count, .size = size, .stride = stride};
  parallel_for((count + MATRICES_PER_TASK - 1) / MATRICES_PER_TASK, gradient_task, &job);
  double sums[LARGEST_SIZE * (LARGEST_SIZE + 1) / 2] = {0};
  int pairs = size * (size + 1) / 2;
  for (int mode = 0; mode < count; mode++) {
    ptrdiff_t at = (ptrdiff_t)mode * stride;
    for (int pair = 0; pair < pairs; pair++) sums[pair] += counts[mode] * gradient[at + pair] * spectra[at + pair];
  }
  for (int i = 0; i < size; i++) response_gradient[i] = 0;
  for (int i = 0, pair = 0; i < size; i++)
    for (int j = i; j < size; j++, pair++) {
      response_gradient[i] += sums[pair] / response[i];
      response_gradient[j] += sums[pair] / response[j];
    }
  return 0;
}
