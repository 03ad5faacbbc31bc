/* Fields from Wiener latents mode by mode, and what the gradient needs: h = L (z + L^T y) with L lower triangular, real and even in k,
   from lf_even_quadrant (entry (i, j), i <= j, holds L_ji). One pass over memory each way. */
#include "mode-rows.h"

struct wiener_mixing_job {
  const float *root, *y, *d, *v;
  float *waves, *out, *products;
  int size, fields, points;
};

/* v = z + L^T y in place of z, out = L v. */
INLINE void mix_chunk(const int fields, const struct wiener_mixing_job *job, const float *s, ptrdiff_t at, const int n) {
  ptrdiff_t s_plane = (ptrdiff_t)job->points * 2 * job->points, plane = (ptrdiff_t)job->size * 2 * job->points;
  vf y[LARGEST_FIELDS], v[LARGEST_FIELDS], h[LARGEST_FIELDS];
  for (int i = 0; i < fields; i++) {
    y[i] = load_some(job->y + i * plane + at, n);
    v[i] = load_some(job->waves + i * plane + at, n);
    h[i] = (vf){0};
  }
  for (int i = 0, pair = 0; i < fields; i++) {
    vf column[LARGEST_FIELDS];
    for (int j = i; j < fields; j++, pair++) {
      column[j] = load_some(s + pair * s_plane, n);
      v[i] += column[j] * y[j];
    }
    for (int j = i; j < fields; j++) h[j] += column[j] * v[i];
  }
  for (int i = 0; i < fields; i++) {
    store_some(job->waves + i * plane + at, v[i], n);
    store_some(job->out + i * plane + at, h[i], n);
  }
}

/* out = L^T d, and d_j v_i + out_i y_j for each entry of L, real and imaginary parts apart; returns that in `product`. */
INLINE void pull_chunk(const int fields, const struct wiener_mixing_job *job, const float *s, ptrdiff_t at, const int n, vf *product) {
  ptrdiff_t s_plane = (ptrdiff_t)job->points * 2 * job->points, plane = (ptrdiff_t)job->size * 2 * job->points;
  vf d[LARGEST_FIELDS], y[LARGEST_FIELDS];
  for (int i = 0; i < fields; i++) {
    d[i] = load_some(job->d + i * plane + at, n);
    y[i] = load_some(job->y + i * plane + at, n);
  }
  for (int i = 0, first = 0; i < fields; first += fields - i, i++) {
    vf sum = (vf){0}, v = load_some(job->v + i * plane + at, n);
    for (int j = i; j < fields; j++) sum += load_some(s + (first + j - i) * s_plane, n) * d[j];
    for (int j = i; j < fields; j++) product[first + j - i] = d[j] * v + sum * y[j];
    store_some(job->out + i * plane + at, sum, n);
  }
}

INLINE void pull_both(const int fields, const struct wiener_mixing_job *job, int row, int mirror, int x, const int n) {
  int width = 2 * job->points, pairs = fields * (fields + 1) / 2;
  ptrdiff_t s_plane = (ptrdiff_t)job->points * width, from = (ptrdiff_t)row * width + x;
  vf one[LARGEST_FIELDS * (LARGEST_FIELDS + 1) / 2], two[LARGEST_FIELDS * (LARGEST_FIELDS + 1) / 2];
  pull_chunk(fields, job, job->root + from, from, n, one);
  if (mirror != row) pull_chunk(fields, job, job->root + from, (ptrdiff_t)mirror * width + x, n, two);
  for (int pair = 0; pair < pairs; pair++)
    store_some(job->products + pair * s_plane + from, mirror == row ? one[pair] : 0.5f * (one[pair] + two[pair]), n);
}

INLINE void mix_both(const int fields, const struct wiener_mixing_job *job, int row, int mirror, int x, const int n) {
  int width = 2 * job->points;
  const float *s = job->root + (ptrdiff_t)row * width + x;
  mix_chunk(fields, job, s, (ptrdiff_t)row * width + x, n);
  if (mirror != row) mix_chunk(fields, job, s, (ptrdiff_t)mirror * width + x, n);
}

INLINE void task_rows(const int fields, const struct wiener_mixing_job *job, int task) {
  int width = 2 * job->points;
  for (int row = task * ROWS_PER_TASK; row < min_int(job->points, (task + 1) * ROWS_PER_TASK); row++)
    for (int x = 0; x < width; x += LANES) {
      int mirror = mirror_row(row, job->size), n = min_int(LANES, width - x);
      if (job->products) {
        if (n == LANES) pull_both(fields, job, row, mirror, x, LANES);
        else pull_both(fields, job, row, mirror, x, n);
      } else if (n == LANES) mix_both(fields, job, row, mirror, x, LANES);
      else mix_both(fields, job, row, mirror, x, n);
    }
}

static void mixing_task(int task, void *context) {
  const struct wiener_mixing_job *job = context;
  WITH_FIELDS(task_rows, job->fields, job, task)
}

static int run(struct wiener_mixing_job *job) {
  if (job->fields > LARGEST_FIELDS) return 1;
  parallel_for((job->points + ROWS_PER_TASK - 1) / ROWS_PER_TASK, mixing_task, job);
  return 0;
}

/* waves: z in, v = z + L^T y out; out = L v. fields <= 16; returns 1 when there are more, else 0. */
KERNEL int lf_wiener_mixing(const float *root, const float *y, float *waves, float *out, int size, int fields) {
  struct wiener_mixing_job job = {.root = root, .y = y, .waves = waves, .out = out, .size = size, .fields = fields,
                                  .points = size / 2 + 1};
  return run(&job);
}

/* From the rfft2 d of a gradient in irfft2(h): out = L^T d, whose irfft2 is the gradient in irfft2(z), and in `products` what
   lf_even_average turns, with scale 1 / N^2, into the gradient in L. v as left by lf_wiener_mixing. */
KERNEL int lf_wiener_mixing_gradient(const float *root, const float *y, const float *v, const float *d, float *out, float *products,
                                     int size, int fields) {
  struct wiener_mixing_job job = {.root = root, .y = y, .v = v, .d = d, .out = out, .products = products, .size = size,
                                  .fields = fields, .points = size / 2 + 1};
  return run(&job);
}
