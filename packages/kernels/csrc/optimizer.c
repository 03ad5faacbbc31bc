#include "kernels.h"
#include "threads.h"

/* Adam on one flat array of parameters, and what goes before it in a training step. */
enum { CHUNK = 16384, WORTH_SHARING = 65536 };

double lf_sum_of_squares(const float *x, int n);

struct adam_job {
  const float *gradient;
  float *parameters, *mean, *variance;
  int n;
  float rate, beta1, beta2, epsilon, decay, mean_correction, variance_correction;
};

/*
 * What counts as zero: far below what any epsilon in use lets through, and above the subnormal numbers, with which processors are many times
 * slower. The moments of a unit that is never active would fall into them after some 800 steps and stay there.
 */
#define LEAST_GRADIENT 0x1p-56f
#define LEAST_MOMENT 0x1p-120f

INLINE float zero_below(float least, float x) { return __builtin_fabsf(x) < least ? 0.0f : x; }

static void adam_range(const struct adam_job *job, int from, int to) {
  const float *RESTRICT gradient = job->gradient;
  float *RESTRICT parameters = job->parameters, *RESTRICT mean = job->mean, *RESTRICT variance = job->variance;
  float rate = job->rate, beta1 = job->beta1, beta2 = job->beta2, epsilon = job->epsilon, decay = job->decay;
  float mean_correction = job->mean_correction, variance_correction = job->variance_correction;
  for (int i = from; i < to; i++) {
    float g = zero_below(LEAST_GRADIENT, gradient[i]);
    mean[i] = zero_below(LEAST_MOMENT, beta1 * mean[i] + (1.0f - beta1) * g);
    variance[i] = zero_below(LEAST_MOMENT, beta2 * variance[i] + (1.0f - beta2) * g * g);
    float direction = mean[i] * mean_correction / (__builtin_sqrtf(variance[i] * variance_correction) + epsilon);
    parameters[i] -= rate * (direction + decay * parameters[i]);
  }
}

static void adam_chunk(int chunk, void *context) {
  const struct adam_job *job = context;
  adam_range(job, chunk * CHUNK, chunk * CHUNK + min_int(CHUNK, job->n - chunk * CHUNK));
}

static void run_adam(struct adam_job *job) {
  if (job->n >= WORTH_SHARING) parallel_for((job->n + CHUNK - 1) / CHUNK, adam_chunk, job);
  else adam_range(job, 0, job->n);
}

/* One step of Adam (src/optimizer.ts); corrections are 1 / (1 - beta^step). */
KERNEL void lf_adam(const float *gradient, float *parameters, float *mean, float *variance, int n, float rate, float beta1, float beta2,
                    float epsilon, float decay, float mean_correction, float variance_correction) {
  struct adam_job job = {gradient, parameters, mean, variance, n, rate, beta1, beta2, epsilon, decay, mean_correction, variance_correction};
  run_adam(&job);
}

static int is_finite(double x) { return x - x == 0.0; }

/* Scales a gradient so that its Euclidean norm is at most max_norm, unless the norm is not finite; returns the norm before. */
KERNEL double lf_clip_by_norm(float *gradient, int n, double max_norm) {
  double norm = __builtin_sqrt(lf_sum_of_squares(gradient, n));
  if (is_finite(norm) && norm > max_norm) {
    double scale = max_norm / norm;
    for (int i = 0; i < n; i++) gradient[i] = (float)((double)gradient[i] * scale);
  }
  return norm;
}

/* Clip and Adam, left out when loss or norm is not finite. settings: largest norm, rate, beta1, beta2, epsilon, decay, correction of the
   mean, of the variance. report: loss, norm before clipping, 1 if the step was taken. */
KERNEL void lf_clipped_adam(float *gradient, float *parameters, float *mean, float *variance, int n, const float *loss,
                            const double *settings, double *report) {
  report[0] = (double)*loss;
  report[1] = lf_clip_by_norm(gradient, n, settings[0]);
  report[2] = is_finite(report[0]) && is_finite(report[1]);
  if (!report[2]) return;
  struct adam_job job = {gradient, parameters, mean, variance, n, (float)settings[1], (float)settings[2], (float)settings[3],
                         (float)settings[4], (float)settings[5], (float)settings[6], (float)settings[7]};
  run_adam(&job);
}
