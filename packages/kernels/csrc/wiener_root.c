/* The posterior of Gaussian fields seen with white noise, mode by mode. With G the spectra of the fields and r_i the response of bin i
   over its noise, A_ij = r_i G_ij r_j is signal over noise; the covariance of the field in units of noise over response is
   Q = A (1 + A)^-1 given the data and A before. The root L of Q is lower triangular; its entry (j, i), j >= i, takes the place of (i, j)
   in the packed layout of packed-matrices.h. Negative eigenvalues of A are taken as zero. */
#include "symmetric-eigen.h"

struct wiener_job {
  const double *spectra, *response, *power, *cotangent, *counts;
  double *root, *evidence, *gradient;
  double *partial; /* sums of each task, see add_to_sums */
  int count, size, stride;
};

/* What both passes need of the matrices in the lanes of a vector. */
struct wiener_modes {
  vd rest[LARGEST_SIZE][LARGEST_SIZE]; /* (1 + A)^-1 */
  vd root[LARGEST_SIZE][LARGEST_SIZE]; /* L, lower triangle */
  vd inverse[LARGEST_SIZE];            /* one over its diagonal, 0 where that is 0 */
  vd log_determinant;
};

/* Pivots of Q of no meaning beside its rounding: below the first there is no signal, below the second A had a negative eigenvalue. */
#define NO_SIGNAL 1e-11
#define NEGATIVE -1e-10

INLINE void load_signal(const int n, const struct wiener_job *job, int first, vd a[][LARGEST_SIZE]) {
  load_triangle(n, job->spectra, job->stride, first, job->count, a);
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) a[i][j] *= job->response[i] * job->response[j];
}

/* (1 + A)^-1 = K^-T D^-1 K^-1 by the factors K D K^T of 1 + A, which need no square root, and log det(1 + A). */
INLINE void invert_plus_one(const int n, vd a[][LARGEST_SIZE], struct wiener_modes *m) {
  vd k[LARGEST_SIZE][LARGEST_SIZE], p[LARGEST_SIZE][LARGEST_SIZE], over[LARGEST_SIZE], determinant = splat_double(1.0);
  for (int i = 0; i < n; i++) {
    vd scaled[LARGEST_SIZE], pivot = a[i][i] + 1.0; /* row i of K D */
    for (int q = 0; q < i; q++) {
      scaled[q] = k[i][q] * over[q];
      pivot -= k[i][q] * scaled[q];
    }
    determinant *= max_double(pivot, (vd){0}); /* no determinant, though two of them be negative */
    over[i] = 1.0 / pivot;
    for (int j = i + 1; j < n; j++) {
      k[j][i] = a[i][j];
      for (int q = 0; q < i; q++) k[j][i] -= k[j][q] * scaled[q];
    }
    for (int j = 0; j < i; j++) {
      p[i][j] = -scaled[j];
      for (int q = j + 1; q < i; q++) p[i][j] -= scaled[q] * p[q][j];
    }
  }
  m->log_determinant = log_double(determinant);
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) {
      vd sum = i == j ? over[j] : over[j] * p[j][i];
      for (int q = j + 1; q < n; q++) sum += over[q] * p[q][i] * p[q][j];
      m->rest[i][j] = m->rest[j][i] = sum;
    }
}

/* L of Q = 1 - (1 + A)^-1. Returns whether a pivot was negative in some lane. */
INLINE int factorise(const int n, struct wiener_modes *m) {
  vd least = (vd){0};
  for (int i = 0; i < n; i++) {
    vd pivot = 1.0 - m->rest[i][i];
    for (int q = 0; q < i; q++) pivot -= m->root[i][q] * m->root[i][q];
    least = min_double(least, pivot);
    m->inverse[i] = select_double(pivot > NO_SIGNAL, 1.0 / sqrt_double(pivot), (vd){0});
    m->root[i][i] = pivot * m->inverse[i];
    for (int j = i + 1; j < n; j++) {
      vd sum = -m->rest[i][j];
      for (int q = 0; q < i; q++) sum -= m->root[j][q] * m->root[i][q];
      m->root[j][i] = sum * m->inverse[i];
    }
  }
  /* Below -1 an eigenvalue leaves no determinant. */
  for (int lane = 0; lane < DOUBLE_LANES; lane++)
    if (least[lane] < NEGATIVE || m->log_determinant[lane] != m->log_determinant[lane]) return 1;
  return 0;
}

/* Eigenvalues e and vectors v of A; A with the negative ones at zero. */
static void clip(const int n, vd a[][LARGEST_SIZE], vd v[][LARGEST_SIZE], vd *e) {
  vd turned[LARGEST_SIZE][LARGEST_SIZE];
  double eigen[(LARGEST_SIZE + 1) * LARGEST_SIZE * DOUBLE_LANES];
  unit_vectors(n, v);
  decompose(n, a, v, turned, eigen);
  for (int k = 0; k < n; k++) e[k] = turned[k][k];
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) {
      a[i][j] = (vd){0};
      for (int k = 0; k < n; k++) a[i][j] += v[i][k] * max_double(e[k], (vd){0}) * v[j][k];
    }
}

/* Everything of the matrices from `first`; with a negative eigenvalue, v and e of `clip`. Returns whether there was one. */
INLINE int wiener_modes(const int n, const struct wiener_job *job, int first, struct wiener_modes *m, vd v[][LARGEST_SIZE], vd *e) {
  vd a[LARGEST_SIZE][LARGEST_SIZE];
  load_signal(n, job, first, a);
  invert_plus_one(n, a, m);
  if (!factorise(n, m)) return 0;
  clip(n, a, v, e);
  invert_plus_one(n, a, m);
  factorise(n, m);
  return 1;
}

INLINE void wiener_roots(const int n, struct wiener_job *job, int from, int to) {
  struct wiener_modes m;
  vd v[LARGEST_SIZE][LARGEST_SIZE], e[LARGEST_SIZE], y[LARGEST_PAIRS], root[LARGEST_PAIRS];
  int pairs = n * (n + 1) / 2;
  for (int first = from; first < to; first += DOUBLE_LANES) {
    wiener_modes(n, job, first, &m, v, e);
    load_packed(job->power, job->stride, first, job->count, pairs, y);
    vd misfit = (vd){0};
    for (int i = 0, pair = 0; i < n; i++)
      for (int j = i; j < n; j++, pair++) {
        misfit += (i == j ? 1.0 : 2.0) * y[pair] * m.rest[i][j];
        root[pair] = m.root[j][i];
      }
    store_packed(job->root, job->stride, first, job->count, pairs, root);
    vd evidence = -0.5 * (misfit + m.log_determinant);
    for (int lane = 0; lane < DOUBLE_LANES && first + lane < job->count; lane++) job->evidence[first + lane] = evidence[lane];
  }
}

/* The symmetric gradient in Q from that in L (lower triangle; overwritten): the steps of `factorise` backwards. */
INLINE void root_gradient(const int n, const struct wiener_modes *m, vd cotangent[][LARGEST_SIZE], vd out[][LARGEST_SIZE]) {
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++) {
      vd change = cotangent[j][i] * m->inverse[i];
      out[i][j] = 0.5 * change;
      cotangent[i][i] -= change * m->root[j][i];
      for (int q = 0; q < i; q++) {
        cotangent[j][q] -= change * m->root[i][q];
        cotangent[i][q] -= change * m->root[j][q];
      }
    }
    out[i][i] = 0.5 * cotangent[i][i] * m->inverse[i];
    for (int q = 0; q < i; q++) cotangent[i][q] -= 2.0 * out[i][i] * m->root[i][q];
  }
}

/* The gradient through `clip`: divided differences of max(e, 0) in the basis of the eigenvectors. */
static void clip_gradient(const int n, vd g[][LARGEST_SIZE], vd v[][LARGEST_SIZE], const vd *e) {
  vd turned[LARGEST_SIZE][LARGEST_SIZE];
  conjugate(n, v, g, turned, 1);
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) {
      vd above = max_double(e[i], (vd){0}) + max_double(e[j], (vd){0});
      vd below = min_double(e[i], (vd){0}) + min_double(e[j], (vd){0});
      turned[i][j] *= above / (above - below + 1e-300);
    }
  conjugate(n, v, turned, g, 0);
}

/* With P = (1 + A)^-1 and B the gradient in Q, that in A is P (B + Y / 2) P - P / 2. */
INLINE void wiener_gradients(const int n, struct wiener_job *job, int from, int to) {
  struct wiener_modes m;
  vd g[LARGEST_SIZE][LARGEST_SIZE], b[LARGEST_SIZE][LARGEST_SIZE], v[LARGEST_SIZE][LARGEST_SIZE], e[LARGEST_SIZE];
  vd entries[LARGEST_PAIRS];
  int pairs = n * (n + 1) / 2;
  for (int first = from; first < to; first += DOUBLE_LANES) {
    int is_clipped = wiener_modes(n, job, first, &m, v, e);
    load_packed(job->cotangent, job->stride, first, job->count, pairs, entries);
    for (int i = 0, pair = 0; i < n; i++)
      for (int j = i; j < n; j++) g[j][i] = entries[pair++];
    root_gradient(n, &m, g, b);
    load_packed(job->power, job->stride, first, job->count, pairs, entries);
    for (int i = 0, pair = 0; i < n; i++)
      for (int j = i; j < n; j++) b[i][j] += 0.5 * entries[pair++];
    conjugate(n, m.rest, b, g, 0);
    for (int i = 0; i < n; i++)
      for (int j = i; j < n; j++) g[i][j] -= 0.5 * m.rest[i][j];
    if (is_clipped) clip_gradient(n, g, v, e);
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

/* Entry by entry, the sum over modes of gradient times spectrum, each mode as often as it stands in the full plane. */
static void add_to_sums(const struct wiener_job *job, int from, int to, double *sums) {
  int pairs = job->size * (job->size + 1) / 2;
  for (int pair = 0; pair < pairs; pair++) sums[pair] = 0;
  for (int mode = from; mode < to; mode++) {
    ptrdiff_t at = (ptrdiff_t)mode * job->stride;
    for (int pair = 0; pair < pairs; pair++) sums[pair] += job->counts[mode] * job->gradient[at + pair] * job->spectra[at + pair];
  }
}

static void gradient_task(int task, void *context) {
  struct wiener_job *job = context;
  int from = task * MATRICES_PER_TASK, to = min_int(job->count, from + MATRICES_PER_TASK);
  WITH_SIZE(wiener_gradients, job->size, job, from, to)
  add_to_sums(job, from, to, job->partial + (ptrdiff_t)task * LARGEST_PAIRS);
}

/* root = L with L L^T = A (1 + A)^-1 and, with Y the power of the data in units of the noise, evidence[mode] =
   -(tr((1 + A)^-1 Y) + log det(1 + A)) / 2. size <= 16; returns 1 when it is larger, else 0. */
KERNEL int lf_wiener_root(const double *spectra, const double *response, const double *power, double *root, double *evidence,
                          int count, int size, int stride) {
  if (size > LARGEST_SIZE) return 1;
  struct wiener_job job = {.spectra = spectra, .response = response, .power = power, .root = root, .evidence = evidence,
                           .count = count, .size = size, .stride = stride};
  parallel_for((count + MATRICES_PER_TASK - 1) / MATRICES_PER_TASK, root_task, &job);
  return 0;
}

/* Gradients of a scalar plus the evidence of each mode, from the cotangent of the root: in the packed spectra, per mode, and in
   response, summed over modes with the weights `counts`. */
KERNEL int lf_wiener_root_gradient(const double *spectra, const double *response, const double *power, const double *cotangent,
                                   const double *counts, double *gradient, double *response_gradient, int count, int size,
                                   int stride) {
  int tasks = (count + MATRICES_PER_TASK - 1) / MATRICES_PER_TASK;
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)tasks * LARGEST_PAIRS * sizeof(double));
  if (size > LARGEST_SIZE || !partial) return 1;
  struct wiener_job job = {.spectra = spectra, .response = response, .power = power, .cotangent = cotangent, .counts = counts,
                           .gradient = gradient, .partial = partial, .count = count, .size = size, .stride = stride};
  parallel_for(tasks, gradient_task, &job);
  double sums[LARGEST_PAIRS] = {0};
  for (int task = 0; task < tasks; task++)
    for (int pair = 0; pair < size * (size + 1) / 2; pair++) sums[pair] += partial[(ptrdiff_t)task * LARGEST_PAIRS + pair];
  for (int i = 0; i < size; i++) response_gradient[i] = 0;
  for (int i = 0, pair = 0; i < size; i++)
    for (int j = i; j < size; j++, pair++) {
      response_gradient[i] += sums[pair] / response[i];
      response_gradient[j] += sums[pair] / response[j];
    }
  return 0;
}
