#include "kernels.h"
#include "threads.h"

/* Sums in float64. An array is cut into blocks of BLOCK elements, each summed in LANES running sums, and the blocks are added in
   order: the result does not depend on the number of threads. */
enum { BLOCK = 32768, RUNNING_SUMS = 16 };

struct dot_job {
  const float *x, *y;
  double *partial;
  int n;
};

static void dot_block(int block, void *context) {
  const struct dot_job *job = context;
  int begin = block * BLOCK, end = min_int(job->n - begin, BLOCK) + begin, i = begin;
  double sums[RUNNING_SUMS] = {0}, sum = 0;
  for (; i + RUNNING_SUMS <= end; i += RUNNING_SUMS)
    for (int lane = 0; lane < RUNNING_SUMS; lane++) sums[lane] += (double)job->x[i + lane] * (double)job->y[i + lane];
  for (; i < end; i++) sum += (double)job->x[i] * (double)job->y[i];
  for (int lane = 0; lane < RUNNING_SUMS; lane++) sum += sums[lane];
  job->partial[block] = sum;
}

KERNEL double lf_dot(const float *x, const float *y, int n) {
  int blocks = (int)(((int64_t)n + BLOCK - 1) / BLOCK);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)max_int(blocks, 1) * sizeof *partial);
  if (!partial) return __builtin_nan("");
  struct dot_job job = {x, y, partial, n};
  parallel_for(blocks, dot_block, &job);
  double sum = 0;
  for (int block = 0; block < blocks; block++) sum += partial[block];
  return sum;
}

KERNEL double lf_sum_of_squares(const float *x, int n) { return lf_dot(x, x, n); }

static void sum_block(int block, void *context) {
  const struct dot_job *job = context;
  int begin = block * BLOCK, end = min_int(job->n - begin, BLOCK) + begin, i = begin;
  double sums[RUNNING_SUMS] = {0}, sum = 0;
  for (; i + RUNNING_SUMS <= end; i += RUNNING_SUMS)
    for (int lane = 0; lane < RUNNING_SUMS; lane++) sums[lane] += (double)job->x[i + lane];
  for (; i < end; i++) sum += (double)job->x[i];
  for (int lane = 0; lane < RUNNING_SUMS; lane++) sum += sums[lane];
  job->partial[block] = sum;
}

KERNEL double lf_sum(const float *x, int n) {
  int blocks = (int)(((int64_t)n + BLOCK - 1) / BLOCK);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)max_int(blocks, 1) * sizeof *partial);
  if (!partial) return __builtin_nan("");
  struct dot_job job = {x, x, partial, n};
  parallel_for(blocks, sum_block, &job);
  double sum = 0;
  for (int block = 0; block < blocks; block++) sum += partial[block];
  return sum;
}

KERNEL void lf_float32_of_float64(const double *RESTRICT x, float *RESTRICT out, int n) {
  for (int i = 0; i < n; i++) out[i] = (float)x[i];
}

KERNEL void lf_float64_of_float32(const float *RESTRICT x, double *RESTRICT out, int n) {
  for (int i = 0; i < n; i++) out[i] = (double)x[i];
}
