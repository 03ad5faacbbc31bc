#include "kernels.h"
#include "threads.h"

/* Maps [batch, rows, columns, channels] on another grid, by the nearest pixel or linearly between two, as TensorFlow.js defines the
   places; each gradient is the transpose. */
enum { WORTH_SHARING = 32768 };

/* Where a pixel of the new grid reads on the old one: low, and high with this weight. */
struct place {
  int low, high;
  float weight;
};

struct grid {
  const float *from;
  float *to;
  int in_rows, in_columns, channels, out_rows, out_columns, is_nearest, align_corners, half_pixel;
  struct place *rows, *columns;
};

static struct place place_of(const struct grid *g, int i, int size, int new_size) {
  int is_aligned = g->align_corners && new_size > 1;
  double ratio = (double)(is_aligned ? size - 1 : size) / (double)(is_aligned ? new_size - 1 : new_size);
  if (g->is_nearest) {
    double at = ratio * (g->half_pixel ? (double)i + 0.5 : (double)i);
    int nearest = max_int(0, min_int(size - 1, (int)__builtin_floor(g->align_corners ? at + 0.5 : at)));
    return (struct place){nearest, nearest, 0.0f};
  }
  double at = g->half_pixel ? ratio * ((double)i + 0.5) - 0.5 : ratio * (double)i;
  int low = max_int(0, (int)__builtin_floor(at)), high = min_int(size - 1, (int)__builtin_ceil(at));
  return (struct place){low, high, high > low ? (float)(at - low) : 0.0f};
}

static void mix(const float *RESTRICT a, const float *RESTRICT b, float weight, float *RESTRICT out, int n) {
  for (int c = 0; c < n; c++) out[c] = a[c] + (b[c] - a[c]) * weight;
}

static void mix_four(const float *RESTRICT top, const float *RESTRICT bottom, struct place column, float weight, float *RESTRICT out,
                     int n) {
  const float *top_right = top + (size_t)(column.high - column.low) * n, *bottom_right = bottom + (size_t)(column.high - column.low) * n;
  for (int c = 0; c < n; c++) {
    float above = top[c] + (top_right[c] - top[c]) * column.weight, below = bottom[c] + (bottom_right[c] - bottom[c]) * column.weight;
    out[c] = above + (below - above) * weight;
  }
}

static void resize_row(int task, void *context) {
  const struct grid *g = context;
  int map = task / g->out_rows, n = g->channels;
  struct place row = g->rows[task % g->out_rows];
  const float *top = g->from + ((size_t)map * g->in_rows + row.low) * g->in_columns * n;
  const float *bottom = g->from + ((size_t)map * g->in_rows + row.high) * g->in_columns * n;
  float *out = g->to + (size_t)task * g->out_columns * n;
  for (int j = 0; j < g->out_columns; j++, out += n) {
    struct place column = g->columns[j];
    const float *above = top + (size_t)column.low * n, *below = bottom + (size_t)column.low * n;
    /* A weight of zero reads one pixel only, so that an infinity beside it does no harm. */
    if (row.weight != 0.0f && column.weight != 0.0f) mix_four(above, below, column, row.weight, out, n);
    else if (row.weight != 0.0f) mix(above, below, row.weight, out, n);
    else if (column.weight != 0.0f) mix(above, top + (size_t)column.high * n, column.weight, out, n);
    else __builtin_memcpy(out, above, (size_t)n * sizeof(float));
  }
}

static void add_scaled(float *dx, const float *dy, float weight, int n) {
  int c = 0;
  for (; c + LANES <= n; c += LANES) store(dx + c, load(dx + c) + weight * load(dy + c));
  for (; c < n; c++) dx[c] += weight * dy[c];
}

/* Adds a row of dy with this weight to a row of dx. */
static void add_row(const struct grid *g, const float *dy, float weight, float *dx) {
  int n = g->channels;
  for (int j = 0; j < g->out_columns; j++, dy += n) {
    struct place column = g->columns[j];
    if (column.weight == 0.0f) {
      add_scaled(dx + (size_t)column.low * n, dy, weight, n);
      continue;
    }
    add_scaled(dx + (size_t)column.low * n, dy, weight * (1.0f - column.weight), n);
    add_scaled(dx + (size_t)column.high * n, dy, weight * column.weight, n);
  }
}

/* A row of dx takes from each row of dy that read it, in order. */
static void gather_row(int task, void *context) {
  const struct grid *g = context;
  int map = task / g->in_rows, row = task % g->in_rows;
  size_t length = (size_t)g->in_columns * g->channels;
  float *dx = g->to + (size_t)task * length;
  __builtin_memset(dx, 0, length * sizeof(float));
  for (int i = 0; i < g->out_rows; i++) {
    struct place place = g->rows[i];
    const float *dy = g->from + ((size_t)map * g->out_rows + i) * g->out_columns * g->channels;
    if (place.low == row) add_row(g, dy, 1.0f - place.weight, dx);
    else if (place.high == row && place.weight != 0.0f) add_row(g, dy, place.weight, dx);
  }
}

static void run(int tasks, int64_t elements, parallel_body body, void *context) {
  if (elements >= WORTH_SHARING) parallel_for(tasks, body, context);
  else for (int task = 0; task < tasks; task++) body(task, context);
}

/* The places of both axes, once for all tasks. */
static int reserve_places(struct grid *g) {
  g->rows = scratch(SCRATCH_OTHER, (size_t)(g->out_rows + g->out_columns) * sizeof(struct place));
  if (!g->rows) return 0;
  g->columns = g->rows + g->out_rows;
  for (int i = 0; i < g->out_rows; i++) g->rows[i] = place_of(g, i, g->in_rows, g->out_rows);
  for (int j = 0; j < g->out_columns; j++) g->columns[j] = place_of(g, j, g->in_columns, g->out_columns);
  return 1;
}

/* x [batch, in_rows, in_columns, channels] -> out [batch, out_rows, out_columns, channels]; nearest pixel where is_nearest, else
   linear in both directions. The flags are TensorFlow.js's alignCorners and halfPixelCenters, of which one at most is set. Returns 1 when
   memory ran out, else 0. */
KERNEL int lf_resize(const float *x, float *out, int batch, int in_rows, int in_columns, int channels, int out_rows, int out_columns,
                     int is_nearest, int align_corners, int half_pixel) {
  struct grid g = {x, out, in_rows, in_columns, channels, out_rows, out_columns, is_nearest, align_corners, half_pixel, NULL, NULL};
  if (!reserve_places(&g)) return 1;
  run(batch * out_rows, (int64_t)batch * out_rows * out_columns * channels, resize_row, &g);
  return 0;
}

/* Transpose of lf_resize: dy like its out, dx like its x. Returns as it does. */
KERNEL int lf_resize_gradient(const float *dy, float *dx, int batch, int in_rows, int in_columns, int channels, int out_rows,
                              int out_columns, int is_nearest, int align_corners, int half_pixel) {
  struct grid g = {dy, dx, in_rows, in_columns, channels, out_rows, out_columns, is_nearest, align_corners, half_pixel, NULL, NULL};
  if (!reserve_places(&g)) return 1;
  run(batch * in_rows, (int64_t)batch * out_rows * out_columns * channels, gather_row, &g);
  return 0;
}
