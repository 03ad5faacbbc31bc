/* Log-normal fields from Gaussian ones, pixel by pixel: kappa = shift (exp(g - variance / 2) - 1), the misfit to data, and its
   gradient. Fields [fields][pixels] in single precision, sums in double precision in an order that depends on sizes alone. */
#include "field-sums.h"

enum { SUMS = 3 };

struct field_job {
  const float *g, *data;
  float *out;
  const double *shift, *variance, *inverse_noise_variance, *factor, *mean;
  double *partial;
  int pixels, chunks;
};

static void map_task(int task, void *context) {
  struct field_job *job = context;
  int field = task / job->chunks, from = task % job->chunks * PIXELS_PER_TASK, to = min_int(job->pixels, from + PIXELS_PER_TASK);
  vf shift = splat((float)job->shift[field]), half = splat((float)(0.5 * job->variance[field]));
  ptrdiff_t base = (ptrdiff_t)field * job->pixels;
  for (int i = from; i < to; i += LANES) {
    vf growth = exp_v(load_upto(job->g + base + i, to - i) - half);
    store_upto(job->out + base + i, shift * (growth - 1.0f), to - i);
  }
}

/* kappa of Gaussian fields g. */
KERNEL void lf_lognormal_map(const float *g, float *kappa, const double *shift, const double *variance, int fields, int pixels) {
  struct field_job job = {.g = g, .out = kappa, .shift = shift, .variance = variance, .pixels = pixels, .chunks = chunks_of(pixels)};
  parallel_for(fields * job.chunks, map_task, &job);
}

static void residual_task(int task, void *context) {
  struct field_job *job = context;
  int field = task / job->chunks, from = task % job->chunks * PIXELS_PER_TASK, to = min_int(job->pixels, from + PIXELS_PER_TASK);
  vf shift = splat((float)job->shift[field]), half = splat((float)(0.5 * job->variance[field]));
  vf weight = splat((float)job->inverse_noise_variance[field]);
  ptrdiff_t base = (ptrdiff_t)field * job->pixels;
  vd squares = (vd){0}, shifts = (vd){0}, changes = (vd){0};
  for (int i = from; i < to; i += LANES) {
    int n = to - i;
    vf growth = exp_v(load_upto(job->g + base + i, n) - half);
    vf residual = load_upto(job->data + base + i, n) - shift * (growth - 1.0f);
    if (n < LANES) residual = load_partial((const float *)&residual, n);
    vf pull = weight * residual, change = pull * shift * growth;
    accumulate(&squares, residual * residual);
    accumulate(&shifts, pull * (growth - 1.0f));
    accumulate(&changes, change);
    store_upto(job->out + base + i, change, n);
  }
  double *partial = job->partial + (ptrdiff_t)task * SUMS;
  partial[0] = total(squares);
  partial[1] = total(shifts);
  partial[2] = total(changes);
}

/* With r = data - kappa(g): writes the gradient of -sum of r^2 / (2 noise variance) in g at fixed variance, and per field
   sums = [sum of r^2, gradient in the shift, sum of the gradient in g (-2 times the gradient in the variance)]. Returns 0, or 1
   without memory. */
KERNEL int lf_lognormal_residual(const float *g, const float *data, float *gradient, double *sums, const double *shift,
                                 const double *variance, const double *inverse_noise_variance, int fields, int pixels) {
  int chunks = chunks_of(pixels);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)fields * chunks * SUMS * sizeof(double));
  if (!partial) return 1;
  struct field_job job = {.g = g, .data = data, .out = gradient, .shift = shift, .variance = variance,
                          .inverse_noise_variance = inverse_noise_variance, .partial = partial, .pixels = pixels, .chunks = chunks};
  parallel_for(fields * chunks, residual_task, &job);
  add_partials(partial, sums, fields, chunks, SUMS);
  return 0;
}

static void moments_task(int task, void *context) {
  struct field_job *job = context;
  int field = task / job->chunks, from = task % job->chunks * PIXELS_PER_TASK, to = min_int(job->pixels, from + PIXELS_PER_TASK);
  vd sum = (vd){0}, squares = (vd){0};
  for (int i = from; i < to; i += LANES) {
    vf x = load_upto(job->g + (ptrdiff_t)field * job->pixels + i, to - i);
    vd low = low_half(x), high = high_half(x);
    sum += low + high;
    squares += low * low + high * high;
  }
  job->partial[2 * task] = total(sum);
  job->partial[2 * task + 1] = total(squares);
}

/* moments [fields][2]: mean and variance (divisor: pixels) of each field over its pixels. Returns 0, or 1 without memory. */
KERNEL int lf_field_moments(const float *g, double *moments, int fields, int pixels) {
  int chunks = chunks_of(pixels);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)fields * chunks * 2 * sizeof(double));
  if (!partial) return 1;
  struct field_job job = {.g = g, .partial = partial, .pixels = pixels, .chunks = chunks};
  parallel_for(fields * chunks, moments_task, &job);
  add_partials(partial, moments, fields, chunks, 2);
  for (int field = 0; field < fields; field++) {
    double mean = moments[2 * field] / pixels;
    moments[2 * field] = mean;
    moments[2 * field + 1] = moments[2 * field + 1] / pixels - mean * mean;
  }
  return 0;
}

static void deviation_task(int task, void *context) {
  struct field_job *job = context;
  int field = task / job->chunks, from = task % job->chunks * PIXELS_PER_TASK, to = min_int(job->pixels, from + PIXELS_PER_TASK);
  vf factor = splat((float)job->factor[field]), mean = splat((float)job->mean[2 * field]);
  ptrdiff_t base = (ptrdiff_t)field * job->pixels;
  for (int i = from; i < to; i += LANES) {
    vf x = load_upto(job->g + base + i, to - i) - mean;
    store_upto(job->out + base + i, load_upto(job->out + base + i, to - i) + factor * x, to - i);
  }
}

/* gradient += factor[field] (g - mean), moments as from lf_field_moments: the gradient of a sample variance. */
KERNEL void lf_add_deviation(const float *g, float *gradient, const double *moments, const double *factor, int fields, int pixels) {
  struct field_job job = {.g = g, .out = gradient, .mean = moments, .factor = factor, .pixels = pixels, .chunks = chunks_of(pixels)};
  parallel_for(fields * job.chunks, deviation_task, &job);
}

struct latent_job {
  const double *latents;
  const float *change;
  float *out;
  double *gradient, *partial;
  int count;
};

static void latents_task(int task, void *context) {
  struct latent_job *job = context;
  int from = task * PIXELS_PER_TASK, to = min_int(job->count, from + PIXELS_PER_TASK), i = from;
  vd sum = (vd){0};
  for (; i + DOUBLE_LANES <= to; i += DOUBLE_LANES) {
    vd z = load_double(job->latents + i);
    sum += z * z;
    for (int lane = 0; lane < DOUBLE_LANES; lane++) job->out[i + lane] = (float)z[lane];
  }
  double rest = 0;
  for (; i < to; i++) {
    rest += job->latents[i] * job->latents[i];
    job->out[i] = (float)job->latents[i];
  }
  job->partial[task] = total(sum) + rest;
}

/* Rounds latents to single precision and returns the sum of their squares (of the unrounded values). */
KERNEL double lf_round_latents(const double *latents, float *out, int count) {
  int tasks = chunks_of(count);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)max_int(tasks, 1) * sizeof(double)), sum = 0;
  if (!partial) return __builtin_nan("");
  struct latent_job job = {.latents = latents, .out = out, .partial = partial, .count = count};
  parallel_for(tasks, latents_task, &job);
  for (int task = 0; task < tasks; task++) sum += partial[task];
  return sum;
}

static void latent_gradient_task(int task, void *context) {
  struct latent_job *job = context;
  for (int i = task * PIXELS_PER_TASK; i < min_int(job->count, (task + 1) * PIXELS_PER_TASK); i++)
    job->gradient[i] = (double)job->change[i] - job->latents[i];
}

/* gradient = change - latents: the gradient of a log likelihood joined with that of a standard normal prior. */
KERNEL void lf_latent_gradient(const float *change, const double *latents, double *gradient, int count) {
  struct latent_job job = {.latents = latents, .change = change, .gradient = gradient, .count = count};
  parallel_for(chunks_of(count), latent_gradient_task, &job);
}
