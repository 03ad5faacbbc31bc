/* Symmetric square roots of many small symmetric matrices, and their derivative; layout in symmetric-eigen.h. */
#include "symmetric-eigen.h"

struct root_job {
  const double *matrices, *cotangent;
  double *eigen, *root, *gradient;
  int count, size, stride;
};

INLINE void roots(const int n, struct root_job *job, int from, int to) {
  vd a[LARGEST_SIZE][LARGEST_SIZE], v[LARGEST_SIZE][LARGEST_SIZE], turned[LARGEST_SIZE][LARGEST_SIZE], s[LARGEST_SIZE];
  unit_vectors(n, v);
  for (int first = from; first < to; first += DOUBLE_LANES) {
    load_triangle(n, job->matrices, job->stride, first, job->count, a);
    decompose(n, a, v, turned, job->eigen + first / DOUBLE_LANES * eigen_stride(n));
    for (int i = 0; i < n; i++) s[i] = sqrt_double(max_double(turned[i][i], (vd){0}));
    store_function(n, v, s, job->root, job->stride, first, job->count);
  }
}

/* With A = V E V^T and G the cotangent of the root: V ((V^T G V) o F) V^T, F the divided differences of sqrt(max(e, 0)). */
INLINE void root_gradients(const int n, struct root_job *job, int from, int to) {
  vd g[LARGEST_SIZE][LARGEST_SIZE], v[LARGEST_SIZE][LARGEST_SIZE], turned[LARGEST_SIZE][LARGEST_SIZE];
  vd s[LARGEST_SIZE], below[LARGEST_SIZE];
  for (int first = from; first < to; first += DOUBLE_LANES) {
    const double *eigen = job->eigen + first / DOUBLE_LANES * eigen_stride(n);
    for (int i = 0; i < n; i++) {
      vd e = load_double(eigen + i * DOUBLE_LANES);
      s[i] = sqrt_double(max_double(e, (vd){0}));
      below[i] = min_double(e, (vd){0});
    }
    load_vectors(n, eigen, v);
    load_cotangent(n, job->cotangent, job->stride, first, job->count, g);
    conjugate(n, v, g, turned, 1);
    for (int i = 0; i < n; i++)
      for (int j = i; j < n; j++) {
        vd sum = s[i] + s[j];
        turned[i][j] *= sum / (sum * sum - below[i] - below[j] + 1e-300);
      }
    conjugate(n, v, turned, g, 0);
    store_gradient(n, g, job->gradient, job->stride, first, job->count);
  }
}

static void root_task(int task, void *context) {
  struct root_job *job = context;
  int from = task * MATRICES_PER_TASK, to = min_int(job->count, from + MATRICES_PER_TASK);
  WITH_SIZE(roots, job->size, job, from, to)
}

static void gradient_task(int task, void *context) {
  struct root_job *job = context;
  int from = task * MATRICES_PER_TASK, to = min_int(job->count, from + MATRICES_PER_TASK);
  WITH_SIZE(root_gradients, job->size, job, from, to)
}

/* root [count][stride] of matrices [count][stride], negative eigenvalues taken as zero. `eigen`, of (count + 7) / 8 * 8 * size *
   (size + 1) doubles, keeps the eigen-decompositions for the gradient. size <= 16; returns 1 when it is larger, else 0. */
KERNEL int lf_symmetric_root(const double *matrices, double *root, double *eigen, int count, int size, int stride) {
  if (size > LARGEST_SIZE) return 1;
  struct root_job job = {.matrices = matrices, .root = root, .eigen = eigen, .count = count, .size = size, .stride = stride};
  parallel_for((count + MATRICES_PER_TASK - 1) / MATRICES_PER_TASK, root_task, &job);
  return 0;
}

/* Gradient in the packed entries of the matrices from the gradient in the packed entries of the root (an entry off the diagonal
   stands for both places), with `eigen` as left by lf_symmetric_root. */
KERNEL int lf_symmetric_root_gradient(const double *eigen, const double *cotangent, double *gradient, int count, int size, int stride) {
  if (size > LARGEST_SIZE) return 1;
  struct root_job job = {
      .cotangent = cotangent, .gradient = gradient, .eigen = (double *)eigen, .count = count, .size = size, .stride = stride};
  parallel_for((count + MATRICES_PER_TASK - 1) / MATRICES_PER_TASK, gradient_task, &job);
  return 0;
}
