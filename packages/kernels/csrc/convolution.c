#include "convolution.h"

/* Two-dimensional convolutions of maps [batch, rows, columns, channels] by filters [rows, columns, in, out], as matrix products that
   read the map in place: along one row of the filter the pixels that meet it are contiguous, so a tile's A is the map itself, its
   rows stride pixels apart. Only a zero-padded copy of a block of map rows is made, per task. */
enum {
  PADDED_FLOATS = 1 << 16,  /* size of such a copy: half a second-level cache */
  BLOCK_FLOATS = 1 << 14,   /* part of dy that a pass of the filter gradient runs over: in or near the first cache */
  MAX_PARTIALS = 16,        /* filter gradients summed apart, then added in order */
  PARTIAL_FLOATS = 1 << 21,
};

static int blocks_of(int size, int block) { return (int)(((int64_t)size + block - 1) / block); }

/* A block of the rows of one map with zeros around it: rows from `row`, columns from `column`, either may lie outside. */
static void copy_padded(const float *map, int map_rows, int map_columns, int channels, int row, int rows, int column, int columns,
                        float *out) {
  int left = min_int(max_int(-column, 0), columns), from = max_int(column, 0);
  int inside = max_int(min_int(map_columns - from, columns - left), 0);
  for (int r = 0; r < rows; r++, out += (size_t)columns * channels) {
    if (row + r < 0 || row + r >= map_rows) {
      __builtin_memset(out, 0, (size_t)columns * channels * sizeof(float));
      continue;
    }
    const float *source = map + ((size_t)(row + r) * map_columns + from) * channels;
    __builtin_memset(out, 0, (size_t)left * channels * sizeof(float));
    __builtin_memcpy(out + (size_t)left * channels, source, (size_t)inside * channels * sizeof(float));
    __builtin_memset(out + (size_t)(left + inside) * channels, 0, (size_t)(columns - left - inside) * channels * sizeof(float));
  }
}

/* out(y, x, :) = sum over i, j of map(y stride_rows + row_offset + i, x stride_columns + column_offset + j, :) filter(i, j, :, :) */
struct correlation {
  const float *maps;
  int batch, map_rows, map_columns, channels;
  int filter_rows, filter_columns, stride_rows, stride_columns, row_offset, column_offset;
  int out_rows, out_columns, out_channels;
  float *out;
  ptrdiff_t out_map, out_row, out_column;
  float *panels; /* the filter: TILE_COLUMNS output channels after another, each [filter_rows, filter_columns, channels] */
  int block, blocks; /* output rows of a task, tasks of a map */
};

static int padded_columns(const struct correlation *c) { return (c->out_columns - 1) * c->stride_columns + c->filter_columns; }

static void correlate_row(const struct correlation *c, const float *padded, float *out) {
  int width = padded_columns(c), depth = c->filter_columns * c->channels;
  int tiles = blocks_of(c->out_columns, TILE_ROWS), rows = blocks_of(c->out_columns, tiles);
  struct tile t = {.segments = c->filter_rows, .depth = depth, .a_segment = (ptrdiff_t)width * c->channels,
                   .a_row = (ptrdiff_t)c->stride_columns * c->channels, .a_step = 1, .b_step = TILE_COLUMNS,
                   .c_row = c->out_column, .alpha = 1.0f, .beta = 0.0f};
  for (int channel = 0; channel < c->out_channels; channel += TILE_COLUMNS) {
    t.b = c->panels + (size_t)channel * c->filter_rows * depth;
    t.columns = min_int(TILE_COLUMNS, c->out_channels - channel);
    for (int x = 0; x < c->out_columns; x += rows) {
      t.rows = min_int(rows, c->out_columns - x);
      t.a = padded + x * t.a_row;
      t.c = out + x * c->out_column + channel;
      compute_tile(&t);
    }
  }
}

static void correlate_block(int task, void *context) {
  const struct correlation *c = context;
  int map = task / c->blocks, from = task % c->blocks * c->block, rows = min_int(c->block, c->out_rows - from);
  int width = padded_columns(c), height = (rows - 1) * c->stride_rows + c->filter_rows;
  float *padded = scratch(SCRATCH_CONVOLUTION, (size_t)height * width * c->channels * sizeof(float));
  if (!padded) return;
  copy_padded(c->maps + (size_t)map * c->map_rows * c->map_columns * c->channels, c->map_rows, c->map_columns, c->channels,
              from * c->stride_rows + c->row_offset, height, c->column_offset, width, padded);
  for (int y = 0; y < rows; y++)
    correlate_row(c, padded + (size_t)y * c->stride_rows * width * c->channels,
                  c->out + map * c->out_map + (from + y) * c->out_row);
}

static void correlate(struct correlation c) {
  if (c.out_rows <= 0 || c.out_columns <= 0) return;
  int floats_per_row = padded_columns(&c) * c.channels * c.stride_rows;
  c.block = min_int(max_int(PADDED_FLOATS / max_int(floats_per_row, 1), 1), c.out_rows);
  c.blocks = blocks_of(c.out_rows, c.block);
  c.block = blocks_of(c.out_rows, c.blocks);
  int64_t work = (int64_t)c.batch * c.out_rows * c.out_columns * c.out_channels * c.filter_rows * c.filter_columns * c.channels;
  run_tasks(c.batch * c.blocks, work, correlate_block, &c);
}

/* Where filter(i, j, in, out) of a correlation lies in a filter of the convolution. */
struct filter_view {
  const float *data;
  ptrdiff_t row, column, in, out;
};

static float *pack_filter(struct filter_view f, int rows, int columns, int in, int out) {
  int panels = blocks_of(out, TILE_COLUMNS);
  size_t depth = (size_t)rows * columns * in;
  float *packed = scratch(SCRATCH_GEMM, (panels * depth * TILE_COLUMNS + LANES) * sizeof(float)), *next = packed;
  if (!packed) return NULL;
  for (int panel = 0; panel < panels; panel++)
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < columns; j++)
        for (int p = 0; p < in; p++)
          for (int v = 0; v < TILE_COLUMNS; v++) {
            int channel = panel * TILE_COLUMNS + v;
            *next++ = channel < out ? f.data[i * f.row + j * f.column + p * f.in + channel * f.out] : 0.0f;
          }
  return packed;
}

KERNEL void lf_conv2d(const float *x, const float *filter, float *out, int batch, int in_rows, int in_columns, int in_channels,
                      int out_rows, int out_columns, int out_channels, int filter_rows, int filter_columns, int stride_rows,
                      int stride_columns, int pad_top, int pad_left) {
  struct geometry g = {batch,       in_rows,        in_columns,  in_channels,    out_rows, out_columns, out_channels,
                       filter_rows, filter_columns, stride_rows, stride_columns, pad_top,  pad_left};
  if (is_small_map(&g)) {
    convolve_small_maps(&g, x, filter, out);
    return;
  }
  struct filter_view view = {filter, (ptrdiff_t)filter_columns * in_channels * out_channels, (ptrdiff_t)in_channels * out_channels,
                             out_channels, 1};
  struct correlation c = {.maps = x, .batch = batch, .map_rows = in_rows, .map_columns = in_columns, .channels = in_channels,
                          .filter_rows = filter_rows, .filter_columns = filter_columns, .stride_rows = stride_rows,
                          .stride_columns = stride_columns, .row_offset = -pad_top, .column_offset = -pad_left,
                          .out_rows = out_rows, .out_columns = out_columns, .out_channels = out_channels, .out = out,
                          .out_map = (ptrdiff_t)out_rows * out_columns * out_channels,
                          .out_row = (ptrdiff_t)out_columns * out_channels, .out_column = out_channels};
  c.panels = pack_filter(view, filter_rows, filter_columns, in_channels, out_channels);
  if (c.panels) correlate(c);
}

/* One axis of the input gradient for the inputs with (input + pad) = phase (mod stride): they meet only the taps phase + stride t. */
struct phase {
  int taps, first, count, offset;
};

static struct phase phase_of(int phase, int stride, int filter, int pad, int size) {
  struct phase p;
  p.taps = phase < filter ? (filter - 1 - phase) / stride + 1 : 0;
  int quotient = pad > phase ? (pad - phase + stride - 1) / stride : 0; /* of the first input that is not negative */
  p.first = quotient * stride + phase - pad;
  p.count = p.first < size ? (size - 1 - p.first) / stride + 1 : 0;
  p.offset = quotient - (p.taps - 1);
  return p;
}

/* Input (q stride + phase - pad) receives dy(q - t) filter(phase + stride t) for t = 0 ... taps - 1: a correlation of dy with every
   stride-th tap in reverse order. */
static void input_gradient_phase(const float *dy, const float *filter, float *dx, const struct geometry *g, struct phase rows,
                                 struct phase columns, int phase_row, int phase_column) {
  ptrdiff_t tap_column = (ptrdiff_t)g->in_channels * g->out_channels, tap_row = g->filter_columns * tap_column;
  struct filter_view view = {filter + (phase_row + g->stride_rows * (rows.taps - 1)) * tap_row +
                                 (phase_column + g->stride_columns * (columns.taps - 1)) * tap_column,
                             -g->stride_rows * tap_row, -g->stride_columns * tap_column, 1, g->out_channels};
  ptrdiff_t row = (ptrdiff_t)g->in_columns * g->in_channels;
  struct correlation c = {.maps = dy, .batch = g->batch, .map_rows = g->out_rows, .map_columns = g->out_columns,
                          .channels = g->out_channels, .filter_rows = rows.taps, .filter_columns = columns.taps, .stride_rows = 1,
                          .stride_columns = 1, .row_offset = rows.offset, .column_offset = columns.offset, .out_rows = rows.count,
                          .out_columns = columns.count, .out_channels = g->in_channels,
                          .out = dx + rows.first * row + (ptrdiff_t)columns.first * g->in_channels, .out_map = g->in_rows * row,
                          .out_row = g->stride_rows * row, .out_column = (ptrdiff_t)g->stride_columns * g->in_channels};
  c.panels = pack_filter(view, rows.taps, columns.taps, g->out_channels, g->in_channels);
  if (c.panels) correlate(c);
}

KERNEL void lf_conv2d_input_gradient(const float *dy, const float *filter, float *dx, int batch, int in_rows, int in_columns,
                                     int in_channels, int out_rows, int out_columns, int out_channels, int filter_rows,
                                     int filter_columns, int stride_rows, int stride_columns, int pad_top, int pad_left) {
  struct geometry g = {batch,       in_rows,        in_columns,  in_channels,    out_rows, out_columns, out_channels,
                       filter_rows, filter_columns, stride_rows, stride_columns, pad_top,  pad_left};
  if (is_small_map(&g)) {
    small_maps_input_gradient(&g, dy, filter, dx);
    return;
  }
  if (stride_rows > filter_rows || stride_columns > filter_columns)
    __builtin_memset(dx, 0, (size_t)batch * in_rows * in_columns * in_channels * sizeof(float));
  for (int i = 0; i < stride_rows; i++)
    for (int j = 0; j < stride_columns; j++) {
      struct phase rows = phase_of(i, stride_rows, filter_rows, pad_top, in_rows);
      struct phase columns = phase_of(j, stride_columns, filter_columns, pad_left, in_columns);
      if (rows.taps && columns.taps) input_gradient_phase(dy, filter, dx, &g, rows, columns, i, j);
    }
}

/* The filter gradient: products of the map's rows with dy, summed over blocks of rows, maps, and then partial sums in order. */
struct filter_gradient {
  const float *x, *dy;
  struct geometry g;
  float *partials;
  size_t size;         /* of one partial sum */
  int block, blocks;   /* output rows of a unit, units of a map */
  int units, unit_count; /* units of a partial sum, units in all */
};

static void add_rows(const struct filter_gradient *f, const float *padded, const float *dy, int dy_step, int rows, float *sum, float beta) {
  const struct geometry *g = &f->g;
  int width = (g->out_columns - 1) * g->stride_columns + g->filter_columns, depth = g->filter_columns * g->in_channels;
  int tiles = blocks_of(depth, TILE_ROWS), tile_rows = blocks_of(depth, tiles);
  struct tile t = {.segments = rows, .depth = g->out_columns, .a_segment = (ptrdiff_t)g->stride_rows * width * g->in_channels,
                   .a_row = 1, .a_step = (ptrdiff_t)g->stride_columns * g->in_channels, .b_step = dy_step,
                   .c_row = g->out_channels, .alpha = 1.0f, .beta = beta};
  for (int i = 0; i < g->filter_rows; i++)
    for (int channel = 0; channel < g->out_channels; channel += TILE_COLUMNS) {
      t.b = dy + channel;
      t.columns = min_int(TILE_COLUMNS, g->out_channels - channel);
      for (int tap = 0; tap < depth; tap += tile_rows) {
        t.rows = min_int(tile_rows, depth - tap);
        t.a = padded + (size_t)i * width * g->in_channels + tap;
        t.c = sum + ((size_t)i * depth + tap) * g->out_channels + channel;
        compute_tile(&t);
      }
    }
}

/* dy with its channels filled up to whole vectors, where they are not. */
static void widen(const float *RESTRICT dy, int pixels, int channels, int width, float *RESTRICT out) {
  for (int i = 0; i < pixels; i++)
    for (int c = 0; c < width; c++) out[(size_t)i * width + c] = c < channels ? dy[(size_t)i * channels + c] : 0.0f;
}

static void filter_gradient_unit(const struct filter_gradient *f, int unit, float *sum, int is_first) {
  const struct geometry *g = &f->g;
  int map = unit / f->blocks, from = unit % f->blocks * f->block, rows = min_int(f->block, g->out_rows - from);
  int width = (g->out_columns - 1) * g->stride_columns + g->filter_columns, height = (rows - 1) * g->stride_rows + g->filter_rows;
  int dy_width = blocks_of(g->out_channels, LANES) * LANES, is_wide = dy_width == g->out_channels;
  size_t padded_size = ((size_t)height * width * g->in_channels + 15) / 16 * 16, dy_row = (size_t)g->out_columns * dy_width;
  float *padded = scratch(SCRATCH_CONVOLUTION, (padded_size + (is_wide ? 0 : rows * dy_row) + TILE_ROWS) * sizeof(float));
  if (!padded) return;
  copy_padded(f->x + (size_t)map * g->in_rows * g->in_columns * g->in_channels, g->in_rows, g->in_columns, g->in_channels,
              from * g->stride_rows - g->pad_top, height, -g->pad_left, width, padded);
  const float *dy = f->dy + ((size_t)map * g->out_rows + from) * g->out_columns * g->out_channels;
  if (!is_wide) {
    widen(dy, rows * g->out_columns, g->out_channels, dy_width, padded + padded_size);
    dy = padded + padded_size;
  }
  int step = min_int(max_int(BLOCK_FLOATS / (int)dy_row, 1), rows);
  for (int y = 0; y < rows; y += step)
    add_rows(f, padded + (size_t)y * g->stride_rows * width * g->in_channels, dy + y * dy_row, dy_width, min_int(step, rows - y), sum,
             is_first && y == 0 ? 0.0f : 1.0f);
}

static void filter_gradient_partial(int partial, void *context) {
  const struct filter_gradient *f = context;
  int from = partial * f->units, to = min_int(f->unit_count, from + f->units);
  for (int unit = from; unit < to; unit++) filter_gradient_unit(f, unit, f->partials + partial * f->size, unit == from);
}

KERNEL void lf_conv2d_filter_gradient(const float *x, const float *dy, float *dfilter, int batch, int in_rows, int in_columns,
                                      int in_channels, int out_rows, int out_columns, int out_channels, int filter_rows,
                                      int filter_columns, int stride_rows, int stride_columns, int pad_top, int pad_left) {
  struct geometry g = {batch,       in_rows,        in_columns,  in_channels,    out_rows, out_columns, out_channels,
                       filter_rows, filter_columns, stride_rows, stride_columns, pad_top,  pad_left};
  if (is_small_map(&g)) {
    small_maps_filter_gradient(&g, x, dy, dfilter);
    return;
  }
  struct filter_gradient f = {.x = x, .dy = dy, .g = g};
  f.size = (size_t)filter_rows * filter_columns * in_channels * out_channels;
  int floats_per_row = ((out_columns - 1) * stride_columns + filter_columns) * in_channels * stride_rows;
  f.block = min_int(max_int(PADDED_FLOATS / floats_per_row, 1), out_rows);
  f.blocks = blocks_of(out_rows, f.block);
  f.block = blocks_of(out_rows, f.blocks);
  f.unit_count = batch * f.blocks;
  int partials = min_int(f.unit_count, max_int(2, min_int(MAX_PARTIALS, (int)(PARTIAL_FLOATS / f.size))));
  f.units = blocks_of(f.unit_count, partials);
  partials = blocks_of(f.unit_count, f.units);
  f.partials = scratch(SCRATCH_GEMM, partials * f.size * sizeof(float));
  if (!f.partials) return;
  run_tasks(partials, (int64_t)batch * out_rows * out_columns * (int64_t)f.size, filter_gradient_partial, &f);
  for (size_t i = 0; i < f.size; i++) {
    float sum = f.partials[i];
    for (int partial = 1; partial < partials; partial++) sum += f.partials[partial * f.size + i];
    dfilter[i] = sum;
  }
}
