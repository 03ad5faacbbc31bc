/* The misfit of log-normal fields to data beside that of the linear model, pixel by pixel: what is left to the likelihood once the
   linear model is integrated in closed form. */
#include "field-sums.h"

enum { SUMS = 3 };

struct residual_job {
  const float *h, *data;
  float *gradient;
  const double *shift, *variance, *noise;
  double *partial;
  int pixels, chunks;
};

static void residual_task(int task, void *context) {
  struct residual_job *job = context;
  int field = task / job->chunks, from = task % job->chunks * PIXELS_PER_TASK, to = min_int(job->pixels, from + PIXELS_PER_TASK);
  double noise = job->noise[field], shift = job->shift[field];
  vf half = splat((float)(0.5 * job->variance[field])), scale = splat((float)(noise / shift));
  vf signal = splat((float)(shift / noise)), inverse = splat((float)(1.0 / noise));
  ptrdiff_t base = (ptrdiff_t)field * job->pixels;
  vd difference = (vd){0}, shifts = (vd){0}, changes = (vd){0};
  for (int i = from; i < to; i += LANES) {
    int n = to - i;
    vf h = load_upto(job->h + base + i, n), y = inverse * load_upto(job->data + base + i, n);
    vf g = scale * h, growth = exp_v(g - half);
    vf curved = y - signal * (growth - 1.0f), linear = y - h;
    if (n < LANES) {
      curved = load_partial((const float *)&curved, n);
      linear = load_partial((const float *)&linear, n);
    }
    vf change = curved * growth;
    accumulate(&difference, 0.5f * (linear - curved) * (linear + curved));
    accumulate(&shifts, inverse * curved * (growth - 1.0f - g * growth));
    accumulate(&changes, signal * change);
    store_upto(job->gradient + base + i, change - linear, n);
  }
  double *partial = job->partial + (ptrdiff_t)task * SUMS;
  partial[0] = total(difference);
  partial[1] = total(shifts);
  partial[2] = total(changes);
}

/* With g = noise / shift h, kappa = shift (exp(g - variance / 2) - 1) and the linear model kappa = noise h, writes per field
   sums = [log likelihood less that of the linear model, its gradient in shift at fixed h, -2 times its gradient in variance], and
   the gradient in h at fixed variance. Returns 0, or 1 without memory. */
KERNEL int lf_wiener_residual(const float *h, const float *data, float *gradient, double *sums, const double *shift,
                              const double *variance, const double *noise, int fields, int pixels) {
  int chunks = chunks_of(pixels);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)fields * chunks * SUMS * sizeof(double));
  if (!partial) return 1;
  struct residual_job job = {.h = h, .data = data, .gradient = gradient, .shift = shift, .variance = variance, .noise = noise,
                             .partial = partial, .pixels = pixels, .chunks = chunks};
  parallel_for(fields * chunks, residual_task, &job);
  add_partials(partial, sums, fields, chunks, SUMS);
  return 0;
}
