#include "kernels.h"
#include "threads.h"

/* Pooling of maps [batch, rows, columns, channels] over windows that are cut at the border. The maximum is the first one in the
   window's row-major order; the mean runs over the pixels inside the map. */
enum { WORTH_SHARING = 32768 };

struct pool {
  const float *x, *other; /* other: dy or values */
  float *out;
  int batch, in_rows, in_columns, channels, out_rows, out_columns;
  int window_rows, window_columns, stride_rows, stride_columns, pad_top, pad_left;
};

struct window {
  int row_from, row_to, column_from, column_to;
};

static struct window window_at(const struct pool *p, int row, int column) {
  int top = row * p->stride_rows - p->pad_top, left = column * p->stride_columns - p->pad_left;
  return (struct window){max_int(top, 0), min_int(top + p->window_rows, p->in_rows), max_int(left, 0),
                         min_int(left + p->window_columns, p->in_columns)};
}

static size_t pixel(const struct pool *p, int map, int row, int column) {
  return (((size_t)map * p->in_rows + row) * p->in_columns + column) * p->channels;
}

static void max_at(const struct pool *p, int map, struct window w, float *out) {
  const float *first = p->x + pixel(p, map, w.row_from, w.column_from);
  for (int c = 0; c < p->channels; c++) out[c] = first[c];
  for (int i = w.row_from; i < w.row_to; i++)
    for (int j = w.column_from; j < w.column_to; j++) {
      const float *x = p->x + pixel(p, map, i, j);
      for (int c = 0; c < p->channels; c++) out[c] = x[c] > out[c] || x[c] != x[c] ? x[c] : out[c];
    }
}

static void mean_at(const struct pool *p, int map, struct window w, float *out) {
  for (int c = 0; c < p->channels; c++) out[c] = 0;
  for (int i = w.row_from; i < w.row_to; i++)
    for (int j = w.column_from; j < w.column_to; j++) {
      const float *x = p->x + pixel(p, map, i, j);
      for (int c = 0; c < p->channels; c++) out[c] += x[c];
    }
  float share = 1.0f / (float)((w.row_to - w.row_from) * (w.column_to - w.column_from));
  for (int c = 0; c < p->channels; c++) out[c] *= share;
}

/* Pixel of the first maximum of one channel, relative to the map's first value. */
static size_t place_of_max(const struct pool *p, int map, struct window w, int channel) {
  size_t best = pixel(p, map, w.row_from, w.column_from) + channel;
  for (int i = w.row_from; i < w.row_to; i++)
    for (int j = w.column_from; j < w.column_to; j++) {
      size_t at = pixel(p, map, i, j) + channel;
      if (p->x[at] > p->x[best]) best = at;
    }
  return best;
}

static void select_at(const struct pool *p, int map, struct window w, float *out) {
  for (int c = 0; c < p->channels; c++) out[c] = p->other[place_of_max(p, map, w, c)];
}

typedef void (*window_function)(const struct pool *, int, struct window, float *);
struct window_job {
  struct pool pool;
  window_function function;
};

static void pool_row(int task, void *context) {
  const struct window_job *job = context;
  const struct pool *p = &job->pool;
  int map = task / p->out_rows, row = task % p->out_rows;
  float *out = p->out + (size_t)task * p->out_columns * p->channels;
  for (int column = 0; column < p->out_columns; column++, out += p->channels) job->function(p, map, window_at(p, row, column), out);
}

static void run(int tasks, int64_t elements, parallel_body body, void *context) {
  if (elements >= WORTH_SHARING) parallel_for(tasks, body, context);
  else for (int task = 0; task < tasks; task++) body(task, context);
}

static void pool_windows(struct pool p, window_function function) {
  struct window_job job = {p, function};
  run(p.batch * p.out_rows, (int64_t)p.batch * p.in_rows * p.in_columns * p.channels, pool_row, &job);
}

static void max_gradient_map(int map, void *context) {
  const struct pool *p = context;
  const float *dy = p->other + (size_t)map * p->out_rows * p->out_columns * p->channels;
  __builtin_memset(p->out + pixel(p, map, 0, 0), 0, (size_t)p->in_rows * p->in_columns * p->channels * sizeof(float));
  for (int row = 0; row < p->out_rows; row++)
    for (int column = 0; column < p->out_columns; column++, dy += p->channels) {
      struct window w = window_at(p, row, column);
      for (int c = 0; c < p->channels; c++) p->out[place_of_max(p, map, w, c)] += dy[c];
    }
}

static void mean_gradient_map(int map, void *context) {
  const struct pool *p = context;
  const float *dy = p->other + (size_t)map * p->out_rows * p->out_columns * p->channels;
  __builtin_memset(p->out + pixel(p, map, 0, 0), 0, (size_t)p->in_rows * p->in_columns * p->channels * sizeof(float));
  for (int row = 0; row < p->out_rows; row++)
    for (int column = 0; column < p->out_columns; column++, dy += p->channels) {
      struct window w = window_at(p, row, column);
      float share = 1.0f / (float)((w.row_to - w.row_from) * (w.column_to - w.column_from));
      for (int i = w.row_from; i < w.row_to; i++)
        for (int j = w.column_from; j < w.column_to; j++) {
          float *dx = p->out + pixel(p, map, i, j);
          for (int c = 0; c < p->channels; c++) dx[c] += share * dy[c];
        }
    }
}

#define GEOMETRY                                                                                                \
  batch, in_rows, in_columns, channels, out_rows, out_columns, window_rows, window_columns, stride_rows, stride_columns, pad_top, \
      pad_left

KERNEL void lf_max_pool(const float *x, float *out, int batch, int in_rows, int in_columns, int channels, int out_rows, int out_columns,
                        int window_rows, int window_columns, int stride_rows, int stride_columns, int pad_top, int pad_left) {
  pool_windows((struct pool){x, NULL, out, GEOMETRY}, max_at);
}

KERNEL void lf_mean_pool(const float *x, float *out, int batch, int in_rows, int in_columns, int channels, int out_rows, int out_columns,
                         int window_rows, int window_columns, int stride_rows, int stride_columns, int pad_top, int pad_left) {
  pool_windows((struct pool){x, NULL, out, GEOMETRY}, mean_at);
}

/* Entries of `values` where x has the maximum of each window: the transpose of lf_max_pool_gradient in dy. */
KERNEL void lf_max_pool_select(const float *values, const float *x, float *out, int batch, int in_rows, int in_columns, int channels,
                               int out_rows, int out_columns, int window_rows, int window_columns, int stride_rows, int stride_columns,
                               int pad_top, int pad_left) {
  pool_windows((struct pool){x, values, out, GEOMETRY}, select_at);
}

KERNEL void lf_max_pool_gradient(const float *dy, const float *x, float *dx, int batch, int in_rows, int in_columns, int channels,
                                 int out_rows, int out_columns, int window_rows, int window_columns, int stride_rows,
                                 int stride_columns, int pad_top, int pad_left) {
  struct pool p = {x, dy, dx, GEOMETRY};
  run(batch, (int64_t)batch * in_rows * in_columns * channels, max_gradient_map, &p);
}

KERNEL void lf_mean_pool_gradient(const float *dy, float *dx, int batch, int in_rows, int in_columns, int channels, int out_rows,
                                  int out_columns, int window_rows, int window_columns, int stride_rows, int stride_columns, int pad_top,
                                  int pad_left) {
  struct pool p = {NULL, dy, dx, GEOMETRY};
  run(batch, (int64_t)batch * in_rows * in_columns * channels, mean_gradient_map, &p);
}
