#include "convolution.h"
#include "gemm.h"

/* One tap of the filter at a time: the pixels that it meets, [batch, out_rows, out_columns, in_channels], times its matrix [in, out]. A
   filter of many channels is read once for all maps. */
struct tap {
  const struct geometry *g;
  int row, column;
  const float *from;
  float *to;
};

static int meets(int size, int count, int stride, int offset) {
  for (int i = 0; i < count; i++)
    if (i * stride + offset >= 0 && i * stride + offset < size) return 1;
  return 0;
}

/* Whether any pixel of a map lies under the tap. */
static int is_met(const struct tap *t) {
  const struct geometry *g = t->g;
  return meets(g->in_rows, g->out_rows, g->stride_rows, t->row - g->pad_top) &&
         meets(g->in_columns, g->out_columns, g->stride_columns, t->column - g->pad_left);
}

/* Place in the map of the pixel that an output meets, or -1 outside. */
static ptrdiff_t pixel_under(const struct tap *t, int y, int x) {
  const struct geometry *g = t->g;
  int row = y * g->stride_rows - g->pad_top + t->row, column = x * g->stride_columns - g->pad_left + t->column;
  int is_inside = row >= 0 && row < g->in_rows && column >= 0 && column < g->in_columns;
  return is_inside ? ((ptrdiff_t)row * g->in_columns + column) * g->in_channels : -1;
}

static void gather_map(int map, void *context) {
  const struct tap *t = context;
  const struct geometry *g = t->g;
  const float *from = t->from + (ptrdiff_t)map * g->in_rows * g->in_columns * g->in_channels;
  float *to = t->to + (ptrdiff_t)map * g->out_rows * g->out_columns * g->in_channels;
  for (int y = 0; y < g->out_rows; y++)
    for (int x = 0; x < g->out_columns; x++, to += g->in_channels) {
      ptrdiff_t pixel = pixel_under(t, y, x);
      if (pixel < 0) __builtin_memset(to, 0, (size_t)g->in_channels * sizeof(float));
      else __builtin_memcpy(to, from + pixel, (size_t)g->in_channels * sizeof(float));
    }
}

static void scatter_map(int map, void *context) {
  const struct tap *t = context;
  const struct geometry *g = t->g;
  const float *from = t->from + (ptrdiff_t)map * g->out_rows * g->out_columns * g->in_channels;
  float *to = t->to + (ptrdiff_t)map * g->in_rows * g->in_columns * g->in_channels;
  for (int y = 0; y < g->out_rows; y++)
    for (int x = 0; x < g->out_columns; x++, from += g->in_channels) {
      ptrdiff_t pixel = pixel_under(t, y, x);
      if (pixel < 0) continue;
      float *RESTRICT sum = to + pixel;
      for (int c = 0; c < g->in_channels; c++) sum[c] += from[c];
    }
}

static int pixels_of(const struct geometry *g) { return g->batch * g->out_rows * g->out_columns; }

static float *pixel_scratch(const struct geometry *g) {
  return scratch(SCRATCH_CONVOLUTION, (size_t)pixels_of(g) * g->in_channels * sizeof(float));
}

static void move(const struct tap *t, parallel_body body) {
  run_tasks(t->g->batch, (int64_t)pixels_of(t->g) * t->g->in_channels, body, (void *)t);
}

static ptrdiff_t matrix_at(const struct tap *t) {
  return ((ptrdiff_t)t->row * t->g->filter_columns + t->column) * t->g->in_channels * t->g->out_channels;
}

static int next_tap(struct tap *t) {
  if (++t->column == t->g->filter_columns) t->column = 0, t->row++;
  return t->row < t->g->filter_rows;
}

void convolve_small_maps(const struct geometry *g, const float *x, const float *filter, float *out) {
  struct tap t = {.g = g, .from = x, .to = pixel_scratch(g)};
  int pixels = pixels_of(g);
  if (!t.to) return;
  __builtin_memset(out, 0, (size_t)pixels * g->out_channels * sizeof(float));
  do {
    if (!is_met(&t)) continue;
    move(&t, gather_map);
    lf_gemm(t.to, filter + matrix_at(&t), out, pixels, g->out_channels, g->in_channels, 0, 0, 1.0f, 1.0f, 1, 0, 0, 0);
  } while (next_tap(&t));
}

void small_maps_input_gradient(const struct geometry *g, const float *dy, const float *filter, float *dx) {
  float *product = pixel_scratch(g);
  struct tap t = {.g = g, .from = product, .to = dx};
  if (!product) return;
  __builtin_memset(dx, 0, (size_t)g->batch * g->in_rows * g->in_columns * g->in_channels * sizeof(float));
  do {
    if (!is_met(&t)) continue;
    lf_gemm(dy, filter + matrix_at(&t), product, pixels_of(g), g->in_channels, g->out_channels, 0, 1, 1.0f, 0.0f, 1, 0, 0, 0);
    move(&t, scatter_map);
  } while (next_tap(&t));
}

void small_maps_filter_gradient(const struct geometry *g, const float *x, const float *dy, float *dfilter) {
  struct tap t = {.g = g, .from = x, .to = pixel_scratch(g)};
  if (!t.to) return;
  do {
    float *out = dfilter + matrix_at(&t);
    if (is_met(&t)) {
      move(&t, gather_map);
      lf_gemm(t.to, dy, out, g->in_channels, g->out_channels, pixels_of(g), 1, 0, 1.0f, 0.0f, 1, 0, 0, 0);
    } else __builtin_memset(out, 0, (size_t)g->in_channels * g->out_channels * sizeof(float));
  } while (next_tap(&t));
}
