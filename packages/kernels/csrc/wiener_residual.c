/* The misfit of log-normal fields to data beside that of the linear model, pixel by pixel: what is left to the likelihood once the
   linear model is integrated in closed form. */
#include "field-sums.h"

enum { SUMS = 3 };

struct residual_job {
  const float *h, *linear, *data, *inverse_noise;
  float *gradient;
  const double *shift, *variance, *scale;
  double *partial;
  int pixels, chunks;
};

/* What the pixels of a field share. */
struct stretched {
  vf half, stretch, amplitude, unit;
};
struct residual_sums {
  vd difference, shifts, changes;
};

INLINE void residual_pixels(const struct residual_job *job, ptrdiff_t at, const int n, struct stretched field,
                            struct residual_sums *sums) {
  vf h = load_upto(job->h + at, n), inverse = load_upto(job->inverse_noise + at, n), g = field.stretch * h;
  vf growth = exp_v(g - field.half), signal = field.amplitude * inverse;
  vf curved = load_upto(job->data + at, n) - signal * (growth - 1.0f), linear = load_upto(job->linear + at, n) - h;
  vf change = inverse * curved * growth;
  accumulate(&sums->difference, 0.5f * (linear - curved) * (linear + curved));
  accumulate(&sums->shifts, inverse * curved * (growth - 1.0f) - g * change);
  accumulate(&sums->changes, field.amplitude * change);
  store_upto(job->gradient + at, field.unit * change - linear, n);
}

static void residual_task(int task, void *context) {
  const struct residual_job job = *(const struct residual_job *)context;
  int field = task / job.chunks, from = task % job.chunks * PIXELS_PER_TASK, to = min_int(job.pixels, from + PIXELS_PER_TASK), i = from;
  double scale = job.scale[field], shift = job.shift[field];
  struct stretched shared = {.half = splat((float)(0.5 * job.variance[field])), .stretch = splat((float)(scale / shift)),
                             .amplitude = splat((float)shift), .unit = splat((float)scale)};
  ptrdiff_t base = (ptrdiff_t)field * job.pixels;
  struct residual_sums sums = {{0}, {0}, {0}};
  for (; i + LANES <= to; i += LANES) residual_pixels(&job, base + i, LANES, shared, &sums);
  if (i < to) residual_pixels(&job, base + i, to - i, shared, &sums);
  double *partial = job.partial + (ptrdiff_t)task * SUMS;
  partial[0] = total(sums.difference);
  partial[1] = total(sums.shifts);
  partial[2] = total(sums.changes);
}

/* With g = scale / shift h and kappa = shift (exp(g - variance / 2) - 1), writes per field sums = [log likelihood -|data - kappa over
   the noise|^2 / 2 less that of the linear model, -|linear - h|^2 / 2; its gradient in shift at fixed h; -2 times its gradient in
   variance], and the gradient in h at fixed variance. `data` are over their noise, 0 where its inverse is 0. Returns 0, or 1
   without memory. */
KERNEL int lf_wiener_residual(const float *h, const float *linear, const float *data, const float *inverse_noise, float *gradient,
                              double *sums, const double *shift, const double *variance, const double *scale, int fields,
                              int pixels) {
  int chunks = chunks_of(pixels);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)fields * chunks * SUMS * sizeof(double));
  if (!partial) return 1;
  struct residual_job job = {.h = h, .linear = linear, .data = data, .inverse_noise = inverse_noise, .gradient = gradient,
                             .shift = shift, .variance = variance, .scale = scale, .partial = partial, .pixels = pixels,
                             .chunks = chunks};
  parallel_for(fields * chunks, residual_task, &job);
  add_partials(partial, sums, fields, chunks, SUMS);
  return 0;
}
