#include "threads.h"
#include "vector-math.h"

/* Reductions of [outer, length, inner] over the middle axis. Sums run in float over SHORT terms, then in double; how they are cut
   depends on the shape alone. */
enum { SHORT = 64, MAX_SLABS = 64, SLAB = 1024, WORTH_SHARING = 65536, COLUMNS = 64 };
enum reduction { SUM, PRODUCT, LARGEST, SMALLEST };

INLINE vf larger(vf a, vf b) { return select_float((a > b) | (a != a), a, b); }
INLINE vf smaller(vf a, vf b) { return select_float((a < b) | (a != a), a, b); }
INLINE float larger_of(float a, float b) { return a > b || a != a ? a : b; }
INLINE float smaller_of(float a, float b) { return a < b || a != a ? a : b; }

static float sum_lanes(vf v) {
  float total = 0;
  for (int i = 0; i < LANES; i++) total += v[i];
  return total;
}

static double sum_row(const float *x, int n) {
  double total = 0;
  int i = 0;
  while (i + LANES <= n) {
    int steps = min_int((n - i) / LANES, SHORT);
    vf a = splat(0.0f), b = splat(0.0f);
    int k = 0;
    for (; k + 2 <= steps; k += 2, i += 2 * LANES) a += load(x + i), b += load(x + i + LANES);
    for (; k < steps; k++, i += LANES) a += load(x + i);
    total += (double)sum_lanes(a + b);
  }
  for (; i < n; i++) total += (double)x[i];
  return total;
}

static float fold_row(enum reduction operation, const float *x, int n) {
  if (operation == SUM) return (float)sum_row(x, n);
  if (operation == PRODUCT) {
    double product = 1;
    for (int i = 0; i < n; i++) product *= (double)x[i];
    return (float)product;
  }
  float best = operation == LARGEST ? -__builtin_inff() : __builtin_inff();
  int i = 0;
  if (n >= LANES) {
    vf all = load(x);
    for (i = LANES; i + LANES <= n; i += LANES) all = operation == LARGEST ? larger(all, load(x + i)) : smaller(all, load(x + i));
    for (int lane = 0; lane < LANES; lane++) best = operation == LARGEST ? larger_of(best, all[lane]) : smaller_of(best, all[lane]);
  }
  for (; i < n; i++) best = operation == LARGEST ? larger_of(best, x[i]) : smaller_of(best, x[i]);
  return best;
}

/* `columns` columns (at most COLUMNS) of `rows` rows, added to `total`. */
static void sum_columns(const float *x, int rows, ptrdiff_t row, int columns, double *total) {
  for (int from = 0; from < rows; from += SHORT) {
    float sums[COLUMNS] = {0};
    for (int r = from, to = min_int(rows, from + SHORT); r < to; r++)
      for (int c = 0; c < columns; c++) sums[c] += x[r * row + c];
    for (int c = 0; c < columns; c++) total[c] += (double)sums[c];
  }
}

static void fold_columns(enum reduction operation, const float *x, int rows, ptrdiff_t row, int columns, float *out) {
  double product[COLUMNS];
  for (int c = 0; c < columns; c++) {
    product[c] = 1;
    out[c] = operation == LARGEST ? -__builtin_inff() : __builtin_inff();
  }
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++) {
      float value = x[r * row + c];
      if (operation == PRODUCT) product[c] *= (double)value;
      else out[c] = operation == LARGEST ? larger_of(out[c], value) : smaller_of(out[c], value);
    }
  if (operation == PRODUCT)
    for (int c = 0; c < columns; c++) out[c] = (float)product[c];
}

struct reduction_job {
  enum reduction operation;
  const float *x;
  float *out;
  int outer, length, inner;
  float scale;
  double *partials;
  int slab;
};

static void reduce_outer(int o, void *context) {
  const struct reduction_job *job = context;
  const float *x = job->x + (size_t)o * job->length * job->inner;
  float *out = job->out + (size_t)o * job->inner;
  if (job->inner == 1) {
    *out = fold_row(job->operation, x, job->length) * job->scale;
    return;
  }
  for (int c = 0; c < job->inner; c += COLUMNS) {
    int columns = min_int(COLUMNS, job->inner - c);
    double total[COLUMNS] = {0};
    if (job->operation == SUM) sum_columns(x + c, job->length, job->inner, columns, total);
    else fold_columns(job->operation, x + c, job->length, job->inner, columns, out + c);
    for (int i = 0; i < columns; i++) out[c + i] = (job->operation == SUM ? (float)total[i] : out[c + i]) * job->scale;
  }
}

struct outer_chunks {
  struct reduction_job job;
  int size;
};

static void reduce_chunk(int chunk, void *context) {
  struct outer_chunks *chunks = context;
  int from = chunk * chunks->size, to = min_int(chunks->job.outer, from + chunks->size);
  for (int o = from; o < to; o++) reduce_outer(o, &chunks->job);
}

static void sum_slab(int slab, void *context) {
  const struct reduction_job *job = context;
  int from = slab * job->slab, rows = min_int(job->slab, job->length - from);
  double *total = job->partials + (size_t)slab * job->inner;
  const float *x = job->x + (size_t)from * job->inner;
  for (int c = 0; c < job->inner; c++) total[c] = 0;
  if (job->inner == 1) *total = sum_row(x, rows);
  else for (int c = 0; c < job->inner; c += COLUMNS) sum_columns(x + c, rows, job->inner, min_int(COLUMNS, job->inner - c), total + c);
}

/* One long sum of many rows, as of the gradient of a bias: cut along its length. */
static int sum_in_slabs(struct reduction_job *job) {
  int slabs = min_int(MAX_SLABS, job->length / SLAB);
  job->slab = (job->length + slabs - 1) / slabs;
  slabs = (job->length + job->slab - 1) / job->slab;
  job->partials = scratch(SCRATCH_REDUCTION, (size_t)slabs * job->inner * sizeof(double));
  if (!job->partials) return 0;
  parallel_for(slabs, sum_slab, job);
  for (int c = 0; c < job->inner; c++) {
    double total = 0;
    for (int slab = 0; slab < slabs; slab++) total += job->partials[(size_t)slab * job->inner + c];
    job->out[c] = (float)total * job->scale;
  }
  return 1;
}

/* operation: 0 sum, 1 product, 2 largest, 3 smallest; the result is multiplied by scale. x [outer, length, inner] -> [outer, inner].
   NaN in, NaN out. */
KERNEL void lf_reduce(int operation, const float *x, float *out, int outer, int length, int inner, float scale) {
  struct reduction_job job = {(enum reduction)operation, x, out, outer, length, inner, scale, NULL, 0};
  int64_t elements = (int64_t)outer * length * inner;
  if (operation == SUM && outer == 1 && length >= 2 * SLAB && elements >= WORTH_SHARING && inner <= 4096 && sum_in_slabs(&job)) return;
  struct outer_chunks chunks = {job, max_int(1, (int)(WORTH_SHARING / 4 / max_int(1, length * inner)))};
  int tasks = (outer + chunks.size - 1) / chunks.size;
  if (elements >= WORTH_SHARING) parallel_for(tasks, reduce_chunk, &chunks);
  else for (int task = 0; task < tasks; task++) reduce_chunk(task, &chunks);
}

static void softmax_row(const float *x, float *out, int n, int is_log) {
  float largest = fold_row(LARGEST, x, n);
  int i = 0;
  for (; i + LANES <= n; i += LANES) store(out + i, exp_v(load(x + i) - largest));
  if (i < n) store_partial(out + i, exp_v(load_partial(x + i, n - i) - largest), n - i);
  float total = (float)sum_row(out, n);
  if (is_log) {
    float shift = largest + log_v(splat(total))[0];
    for (i = 0; i < n; i++) out[i] = x[i] - shift;
  } else {
    for (i = 0; i < n; i++) out[i] /= total;
  }
}

struct softmax_job {
  const float *x;
  float *out;
  int columns, is_log;
};

static void softmax_one(int row, void *context) {
  const struct softmax_job *job = context;
  size_t from = (size_t)row * job->columns;
  softmax_row(job->x + from, job->out + from, job->columns, job->is_log);
}

/* Softmax of each row of [rows, columns], or its logarithm. */
KERNEL void lf_softmax(const float *x, float *out, int rows, int columns, int is_log) {
  struct softmax_job job = {x, out, columns, is_log};
  if ((int64_t)rows * columns >= WORTH_SHARING) parallel_for(rows, softmax_one, &job);
  else for (int row = 0; row < rows; row++) softmax_one(row, &job);
}
