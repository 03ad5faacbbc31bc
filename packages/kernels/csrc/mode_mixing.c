/* Mixing of fields mode by mode with an isotropic symmetric matrix: out_i(k) = sum_j S_ij(|k|) in_j(k) on half planes
   [field][N][N/2 + 1] of interleaved complex numbers, and what the gradient needs. S is real and even in k, so the same product
   serves as its own transpose.

   S comes on the distinct modes 0 <= lo <= hi <= N/2 (order hi (hi + 1) / 2 + lo), packed by upper triangle in `lanes` doubles.
   For the product it is laid out once per call of lf_even_quadrant as [pair][N/2 + 1][N/2 + 1] floats, so that rows of it and rows of
   a half plane meet mode by mode. */
#include "mode-rows.h"
#include "packed-matrices.h"

INLINE ptrdiff_t distinct_mode(int a, int b) {
  return a > b ? (ptrdiff_t)a * (a + 1) / 2 + b : (ptrdiff_t)b * (b + 1) / 2 + a;
}

struct layout_job {
  const double *modes_in;
  double *modes_out;
  float *quadrant;
  const float *products;
  double scale;
  int points, fields, lanes;
};

enum { LARGEST_PAIRS = LARGEST_FIELDS * (LARGEST_FIELDS + 1) / 2 };

/* Modes (a, b) ... (a, b + n - 1), n <= DOUBLE_LANES, of every plane. */
INLINE void expand_chunk(const int fields, const struct layout_job *job, int a, int b, int n) {
  const int pairs = fields * (fields + 1) / 2;
  ptrdiff_t plane = (ptrdiff_t)job->points * job->points;
  const double *mode[DOUBLE_LANES];
  for (int lane = 0; lane < DOUBLE_LANES; lane++) mode[lane] = job->modes_in + distinct_mode(a, b + min_int(lane, n - 1)) * job->lanes;
  vd entries[LARGEST_PAIRS];
  load_matrices(mode, job->lanes, pairs, entries);
  float *to = job->quadrant + (ptrdiff_t)a * job->points + b;
  for (int pair = 0; pair < pairs; pair++, to += plane) {
    float single[DOUBLE_LANES];
    for (int lane = 0; lane < DOUBLE_LANES; lane++) single[lane] = (float)entries[pair][lane];
    if (n == DOUBLE_LANES) __builtin_memcpy(to, single, sizeof single);
    else
      for (int lane = 0; lane < n; lane++) to[lane] = single[lane];
  }
}

INLINE void expand_rows(const int fields, const struct layout_job *job, int task) {
  int points = job->points;
  for (int a = task * ROWS_PER_TASK; a < min_int(points, (task + 1) * ROWS_PER_TASK); a++)
    for (int b = 0; b < points; b += DOUBLE_LANES) expand_chunk(fields, job, a, b, min_int(DOUBLE_LANES, points - b));
}

static void expand_task(int task, void *context) {
  const struct layout_job *job = context;
  WITH_FIELDS(expand_rows, job->fields, job, task)
}

/* Lays out matrices on distinct modes for lf_mode_mixing. fields <= 16. */
KERNEL void lf_even_quadrant(const double *modes, float *quadrant, int size, int fields, int lanes) {
  struct layout_job job = {.modes_in = modes, .quadrant = quadrant, .points = size / 2 + 1, .fields = fields, .lanes = lanes};
  parallel_for((job.points + ROWS_PER_TASK - 1) / ROWS_PER_TASK, expand_task, &job);
}

/* Modes (hi, lo) ... (hi, lo + n - 1), n <= DOUBLE_LANES. */
INLINE void average_chunk(const int fields, const struct layout_job *job, int hi, int lo, int n) {
  const int pairs = fields * (fields + 1) / 2;
  ptrdiff_t points = job->points, plane = points * points;
  const float *along = job->products + hi * points + lo, *across = job->products + lo * points + hi;
  vd entries[LARGEST_PAIRS];
  for (int pair = 0; pair < pairs; pair++, along += plane, across += plane)
    for (int lane = 0; lane < DOUBLE_LANES; lane++) {
      int at = min_int(lane, n - 1);
      entries[pair][lane] = job->scale * 0.5 * ((double)along[at] + (double)across[at * points]);
    }
  store_packed(job->modes_out + distinct_mode(hi, lo) * job->lanes, job->lanes, 0, n, pairs, entries);
  for (int lane = 0; lane < n; lane++)
    for (int pair = (pairs + DOUBLE_LANES - 1) / DOUBLE_LANES * DOUBLE_LANES; pair < job->lanes; pair++)
      job->modes_out[(distinct_mode(hi, lo) + lane) * job->lanes + pair] = 0;
}

INLINE void average_rows(const int fields, const struct layout_job *job, int task) {
  for (int hi = task * ROWS_PER_TASK; hi < min_int(job->points, (task + 1) * ROWS_PER_TASK); hi++)
    for (int lo = 0; lo <= hi; lo += DOUBLE_LANES) average_chunk(fields, job, hi, lo, min_int(DOUBLE_LANES, hi + 1 - lo));
}

static void average_task(int task, void *context) {
  const struct layout_job *job = context;
  WITH_FIELDS(average_rows, job->fields, job, task)
}

/* Averages the products of lf_mode_mixing_gradient over the eight equivalent places of each distinct mode, in double precision,
   times `scale`: the gradient per mode of the full plane; zero in the lanes past the matrices. fields <= 16. */
KERNEL void lf_even_average(const float *products, double *modes, double scale, int size, int fields, int lanes) {
  struct layout_job job = {.modes_out = modes, .products = products, .scale = scale, .points = size / 2 + 1, .fields = fields,
                           .lanes = lanes};
  parallel_for((job.points + ROWS_PER_TASK - 1) / ROWS_PER_TASK, average_task, &job);
}

struct mixing_job {
  const float *quadrant, *z, *d;
  float *out, *products;
  int size, fields, points;
};

INLINE void mix_chunk(const int fields, const struct mixing_job *job, const float *in, int row, int at, int x, const int n) {
  ptrdiff_t s_plane = (ptrdiff_t)job->points * job->points, plane = (ptrdiff_t)job->size * 2 * job->points;
  const float *s = job->quadrant + (ptrdiff_t)row * job->points + x;
  ptrdiff_t here = ((ptrdiff_t)at * job->points + x) * 2;
  struct waves from[LARGEST_FIELDS], to[LARGEST_FIELDS];
  for (int i = 0; i < fields; i++) {
    from[i] = load_waves(in + i * plane + here, n);
    to[i] = (struct waves){{0}, {0}};
  }
  for (int i = 0, pair = 0; i < fields; i++)
    for (int j = i; j < fields; j++, pair++) {
      vf matrix = load_some(s + pair * s_plane, n);
      add_product(&to[i], matrix, from[j]);
      if (j != i) add_product(&to[j], matrix, from[i]);
    }
  for (int i = 0; i < fields; i++) store_waves(job->out + i * plane + here, to[i], n);
}

INLINE void mix_rows(const int fields, const struct mixing_job *job, const float *in, int row, int mirror) {
  for (int line = 0; line < (mirror == row ? 1 : 2); line++) {
    int at = line ? mirror : row, x = 0;
    for (; x + LANES <= job->points; x += LANES) mix_chunk(fields, job, in, row, at, x, LANES);
    if (x < job->points) mix_chunk(fields, job, in, row, at, x, job->points - x);
  }
}

/* Re(d_i z_j* + d_j z_i*) (Re d_i z_i* on the diagonal), averaged over the row and its mirror. */
INLINE void product_chunk(const int fields, const struct mixing_job *job, int row, int mirror, int x, const int n) {
  ptrdiff_t plane = (ptrdiff_t)job->size * 2 * job->points, out_plane = (ptrdiff_t)job->points * job->points;
  ptrdiff_t at[2] = {((ptrdiff_t)row * job->points + x) * 2, ((ptrdiff_t)mirror * job->points + x) * 2};
  struct waves z[2][LARGEST_FIELDS], d[2][LARGEST_FIELDS];
  for (int line = 0; line < 2; line++)
    for (int i = 0; i < fields; i++) {
      z[line][i] = load_waves(job->z + i * plane + at[line], n);
      d[line][i] = load_waves(job->d + i * plane + at[line], n);
    }
  for (int i = 0, pair = 0; i < fields; i++)
    for (int j = i; j < fields; j++, pair++) {
      vf product = real_product(d[0][i], z[0][j]) + real_product(d[1][i], z[1][j]);
      if (j != i) product += real_product(d[0][j], z[0][i]) + real_product(d[1][j], z[1][i]);
      store_some(job->products + pair * out_plane + (ptrdiff_t)row * job->points + x, 0.5f * product, n);
    }
}

INLINE void product_rows(const int fields, const struct mixing_job *job, int row, int mirror) {
  int x = 0;
  for (; x + LANES <= job->points; x += LANES) product_chunk(fields, job, row, mirror, x, LANES);
  if (x < job->points) product_chunk(fields, job, row, mirror, x, job->points - x);
}

INLINE void task_rows(const int fields, const struct mixing_job *job, int task) {
  for (int row = task * ROWS_PER_TASK; row < min_int(job->points, (task + 1) * ROWS_PER_TASK); row++) {
    int mirror = mirror_row(row, job->size);
    mix_rows(fields, job, job->products ? job->d : job->z, row, mirror);
    if (job->products) product_rows(fields, job, row, mirror);
  }
}

static void mixing_task(int task, void *context) {
  const struct mixing_job *job = context;
  WITH_FIELDS(task_rows, job->fields, job, task)
}

/* out = S in, `quadrant` from lf_even_quadrant. fields <= 16; returns 1 when there are more, else 0. */
KERNEL int lf_mode_mixing(const float *quadrant, const float *in, float *out, int size, int fields) {
  if (fields > LARGEST_FIELDS) return 1;
  struct mixing_job job = {.quadrant = quadrant, .z = in, .out = out, .size = size, .fields = fields, .points = size / 2 + 1};
  parallel_for((job.points + ROWS_PER_TASK - 1) / ROWS_PER_TASK, mixing_task, &job);
  return 0;
}

/* For out = irfft2(S rfft2(in)): with z = rfft2(in) and d = rfft2 of the gradient in that output, writes S d to `out` (whose irfft2
   is the gradient in the input) and to `products` [pair][N/2 + 1][N/2 + 1] what lf_even_average turns into the gradient in the
   packed entries of S, with scale 1 / N^2. */
KERNEL int lf_mode_mixing_gradient(const float *quadrant, const float *z, const float *d, float *out, float *products, int size,
                                   int fields) {
  if (fields > LARGEST_FIELDS) return 1;
  struct mixing_job job = {quadrant, z, d, out, products, size, fields, size / 2 + 1};
  parallel_for((job.points + ROWS_PER_TASK - 1) / ROWS_PER_TASK, mixing_task, &job);
  return 0;
}

/* How many modes of the full plane a distinct mode stands for: 1, 2, 4 or 8. */
INLINE double mode_count(int hi, int lo, int size) {
  double count = (hi == 0 || 2 * hi == size ? 1.0 : 2.0) * (lo == 0 || 2 * lo == size ? 1.0 : 2.0);
  return hi == lo ? count : 2.0 * count;
}

/* variance[i] = 1/N^2 sum over modes of sum_j S_ij^2: the ensemble variance of field i of irfft2(S rfft2(white noise)). */
KERNEL void lf_mode_variance(const double *root, double *variance, int size, int fields, int lanes) {
  for (int i = 0; i < fields; i++) variance[i] = 0;
  for (int hi = 0; hi <= size / 2; hi++)
    for (int lo = 0; lo <= hi; lo++) {
      const double *s = root + distinct_mode(hi, lo) * lanes;
      double weight = mode_count(hi, lo, size) / ((double)size * size);
      for (int i = 0, pair = 0; i < fields; i++)
        for (int j = i; j < fields; j++, pair++) {
          variance[i] += weight * s[pair] * s[pair];
          if (j != i) variance[j] += weight * s[pair] * s[pair];
        }
    }
}

/* Adds to the gradient in S (per mode of the full plane, packed) what comes through lf_mode_variance. */
KERNEL void lf_mode_variance_gradient(const double *root, const double *cotangent, double *gradient, int size, int fields, int lanes) {
  int count = (size / 2 + 1) * (size / 2 + 2) / 2;
  double scale[LARGEST_FIELDS * (LARGEST_FIELDS + 1) / 2];
  int pairs = 0;
  for (int i = 0; i < fields; i++)
    for (int j = i; j < fields; j++) scale[pairs++] = 2.0 * (i == j ? cotangent[i] : cotangent[i] + cotangent[j]) / ((double)size * size);
  for (int mode = 0; mode < count; mode++)
    for (int pair = 0; pair < pairs; pair++)
      gradient[(ptrdiff_t)mode * lanes + pair] += scale[pair] * root[(ptrdiff_t)mode * lanes + pair];
}
