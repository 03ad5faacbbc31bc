#include "kernels.h"
#include "threads.h"

/* Sums in float64. An array is cut into blocks of BLOCK elements, each summed in RUNNING_SUMS running sums, and the blocks are
   added in order: the result does not depend on the number of threads. */
enum { BLOCK = 32768, RUNNING_SUMS = 16, BLOCKS_PER_JOB = 512 };

struct sum_job {
  const float *x, *y; /* y: NULL for the plain sum */
  double partial[BLOCKS_PER_JOB];
  int n;
};

INLINE double sum_products(const float *x, const float *y, int n) {
  double sums[RUNNING_SUMS] = {0}, sum = 0;
  int i = 0;
  for (; i + RUNNING_SUMS <= n; i += RUNNING_SUMS)
    for (int lane = 0; lane < RUNNING_SUMS; lane++) sums[lane] += (double)x[i + lane] * (y ? (double)y[i + lane] : 1.0);
  for (; i < n; i++) sum += (double)x[i] * (y ? (double)y[i] : 1.0);
  for (int lane = 0; lane < RUNNING_SUMS; lane++) sum += sums[lane];
  return sum;
}

static void sum_block(int block, void *context) {
  struct sum_job *job = context;
  int begin = block * BLOCK, n = min_int(job->n - begin, BLOCK);
  job->partial[block] = job->y ? sum_products(job->x + begin, job->y + begin, n) : sum_products(job->x + begin, NULL, n);
}

static double sum_all(const float *x, const float *y, int n) {
  double sum = 0;
  struct sum_job job;
  for (int64_t begin = 0; begin < n; begin += (int64_t)BLOCKS_PER_JOB * BLOCK) {
    job.x = x + begin;
    job.y = y ? y + begin : NULL;
    job.n = (int)(n - begin < (int64_t)BLOCKS_PER_JOB * BLOCK ? n - begin : (int64_t)BLOCKS_PER_JOB * BLOCK);
    int blocks = (job.n + BLOCK - 1) / BLOCK;
    parallel_for(blocks, sum_block, &job);
    for (int block = 0; block < blocks; block++) sum += job.partial[block];
  }
  return sum;
}

KERNEL double lf_dot(const float *x, const float *y, int n) { return sum_all(x, y, n); }

KERNEL double lf_sum_of_squares(const float *x, int n) { return sum_all(x, x, n); }

KERNEL double lf_sum(const float *x, int n) { return sum_all(x, NULL, n); }

struct add_job {
  const float *x;
  float *out;
  int n;
  float scale;
};

static void add_block(int block, void *context) {
  const struct add_job *job = context;
  int begin = block * BLOCK, end = begin + min_int(job->n - begin, BLOCK);
  const float *RESTRICT x = job->x;
  float *RESTRICT out = job->out;
  for (int i = begin; i < end; i++) out[i] += job->scale * x[i];
}

/* out += scale x. */
KERNEL void lf_add_scaled(const float *x, float *out, float scale, int n) {
  struct add_job job = {x, out, n, scale};
  parallel_for((int)(((int64_t)n + BLOCK - 1) / BLOCK), add_block, &job);
}

KERNEL void lf_float32_of_float64(const double *RESTRICT x, float *RESTRICT out, int n) {
  for (int i = 0; i < n; i++) out[i] = (float)x[i];
}

KERNEL void lf_float64_of_float32(const float *RESTRICT x, double *RESTRICT out, int n) {
  for (int i = 0; i < n; i++) out[i] = (double)x[i];
}
