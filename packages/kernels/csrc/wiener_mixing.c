/* Fields from Wiener latents mode by mode, and what the gradient needs: h = L (z + L^T y) with L lower triangular, real and even in k,
   from lf_even_quadrant (entry (i, j), i <= j, holds L_ji). One pass over memory each way. */
#include "mode-rows.h"

struct wiener_mixing_job {
  const float *root, *y, *d, *v;
  float *waves, *out, *products;
  int size, fields, points;
};

/* Where LANES modes, or the last of a row, begin: in the quadrant, and in a half plane. */
struct place {
  ptrdiff_t quadrant, plane;
};

INLINE struct place place_of(const struct wiener_mixing_job *job, int row, int line, int x) {
  return (struct place){(ptrdiff_t)row * job->points + x, ((ptrdiff_t)line * job->points + x) * 2};
}

/* v = z + L^T y in place of z, out = L v. */
INLINE void mix_chunk(const int fields, const struct wiener_mixing_job *job, struct place at, const int n) {
  ptrdiff_t s_plane = (ptrdiff_t)job->points * job->points, plane = (ptrdiff_t)job->size * 2 * job->points;
  const float *s = job->root + at.quadrant;
  struct waves y[LARGEST_FIELDS], h[LARGEST_FIELDS];
  for (int i = 0; i < fields; i++) {
    y[i] = load_waves(job->y + i * plane + at.plane, n);
    h[i] = (struct waves){{0}, {0}};
  }
  for (int i = 0, pair = 0; i < fields; i++) {
    vf column[LARGEST_FIELDS];
    struct waves v = load_waves(job->waves + i * plane + at.plane, n);
    for (int j = i; j < fields; j++, pair++) {
      column[j] = load_some(s + pair * s_plane, n);
      add_product(&v, column[j], y[j]);
    }
    for (int j = i; j < fields; j++) add_product(&h[j], column[j], v);
    store_waves(job->waves + i * plane + at.plane, v, n);
  }
  for (int i = 0; i < fields; i++) store_waves(job->out + i * plane + at.plane, h[i], n);
}

/* out = L^T d, and Re(d_j v_i* + out_i y_j*) for each entry of L in `product`. */
INLINE void pull_chunk(const int fields, const struct wiener_mixing_job *job, struct place at, const int n, vf *product) {
  ptrdiff_t s_plane = (ptrdiff_t)job->points * job->points, plane = (ptrdiff_t)job->size * 2 * job->points;
  const float *s = job->root + at.quadrant;
  struct waves d[LARGEST_FIELDS], y[LARGEST_FIELDS];
  for (int i = 0; i < fields; i++) {
    d[i] = load_waves(job->d + i * plane + at.plane, n);
    y[i] = load_waves(job->y + i * plane + at.plane, n);
  }
  for (int i = 0, first = 0; i < fields; first += fields - i, i++) {
    struct waves sum = {{0}, {0}}, v = load_waves(job->v + i * plane + at.plane, n);
    for (int j = i; j < fields; j++) add_product(&sum, load_some(s + (first + j - i) * s_plane, n), d[j]);
    for (int j = i; j < fields; j++) product[first + j - i] = real_product(d[j], v) + real_product(sum, y[j]);
    store_waves(job->out + i * plane + at.plane, sum, n);
  }
}

INLINE void pull_both(const int fields, const struct wiener_mixing_job *job, int row, int mirror, int x, const int n) {
  int pairs = fields * (fields + 1) / 2;
  ptrdiff_t s_plane = (ptrdiff_t)job->points * job->points, from = (ptrdiff_t)row * job->points + x;
  vf one[LARGEST_FIELDS * (LARGEST_FIELDS + 1) / 2], two[LARGEST_FIELDS * (LARGEST_FIELDS + 1) / 2];
  pull_chunk(fields, job, place_of(job, row, row, x), n, one);
  if (mirror != row) pull_chunk(fields, job, place_of(job, row, mirror, x), n, two);
  for (int pair = 0; pair < pairs; pair++)
    store_some(job->products + pair * s_plane + from, mirror == row ? one[pair] : 0.5f * (one[pair] + two[pair]), n);
}

INLINE void mix_both(const int fields, const struct wiener_mixing_job *job, int row, int mirror, int x, const int n) {
  mix_chunk(fields, job, place_of(job, row, row, x), n);
  if (mirror != row) mix_chunk(fields, job, place_of(job, row, mirror, x), n);
}

INLINE void task_rows(const int fields, const struct wiener_mixing_job *job, int task) {
  for (int row = task * ROWS_PER_TASK; row < min_int(job->points, (task + 1) * ROWS_PER_TASK); row++)
    for (int x = 0; x < job->points; x += LANES) {
      int mirror = mirror_row(row, job->size), n = min_int(LANES, job->points - x);
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
