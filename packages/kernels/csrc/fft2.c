#include "fft-lines.h"
#include "kernels.h"
#include "quads.h"
#include "threads.h"

/* Real two-dimensional Fourier transforms. Forward: groups of 2 * LANES rows are transposed into LANES complex lines (one row the
   real, one the imaginary part), transformed, taken apart by symmetry and transposed into blocks of LANES columns; then each block
   is transformed along the rows. For an even number of columns the first and the middle column (both real before the second
   transform) travel as one complex column, number 0. Inverse: the same backwards, with real and imaginary parts exchanged. */

struct fft2 {
  struct axis along_row, along_column; /* sizes: columns, rows */
  const float *in;
  float *out, *blocks;
  float edge_scale, inner_scale; /* factors of the self-conjugate columns (first, middle) and of the others */
  int rows, columns, half;       /* half: complex columns of the half plane */
  int packed;                    /* complex columns that are transformed: half, less one for an even number of columns */
  int groups, column_blocks;     /* per field */
  int batch, groups_per_task, blocks_per_task;
};

INLINE int round_up(int n, int unit) { return (n + unit - 1) / unit * unit; }
INLINE float *block_of(const struct fft2 *t, int field, int block) {
  ptrdiff_t rows = (ptrdiff_t)t->groups * 2 * LANES;
  return t->blocks + ((ptrdiff_t)field * t->column_blocks + block) * rows * ELEMENT;
}

/* Line buffers of the running thread: a, b, and a row of zeros or of rubbish that stands for missing rows. */
struct buffers {
  float *a, *b, *spare_row;
};
INLINE struct buffers line_buffers(const struct fft2 *t) {
  size_t line = (size_t)round_up(max_int(t->rows, t->columns), LANES) * ELEMENT;
  float *memory = scratch(SCRATCH_FFT_LINES, (2 * line + (size_t)round_up(t->columns, 16)) * sizeof(float));
  return (struct buffers){memory, memory + line, memory + 2 * line};
}

/* ---- forward, rows ---- */

/* a[j] = (rows 0 .. LANES-1, rows LANES .. 2 LANES-1) at column j. */
static void load_lines(const struct fft2 *t, const float *const row[2 * LANES], float *a) {
  int column = 0;
  for (; column + 4 <= t->columns; column += 4)
    for (int part = 0; part < 2; part++) {
      vf v[4];
      load_columns(row + part * LANES, column, v);
      for (int j = 0; j < 4; j++) *(vf *)(a + (column + j) * ELEMENT + part * LANES) = v[j];
    }
  for (; column < t->columns; column++)
    for (int i = 0; i < 2 * LANES; i++) a[column * ELEMENT + i] = row[i][column];
}

struct separated {
  vf first_re, first_im, second_re, second_im;
};

/* Column k of the spectra of the first and of the second row from z(k) and z(n - k) of their sum first + i second. */
INLINE struct separated separate(const struct fft2 *t, const float *z, int k) {
  const vf *here = (const vf *)(z + (ptrdiff_t)k * ELEMENT);
  if (k >= t->packed) return (struct separated){{0}, {0}, {0}, {0}};
  if (k == 0) {
    const vf *middle = (const vf *)(z + (ptrdiff_t)(t->columns / 2) * ELEMENT);
    int is_even = t->columns % 2 == 0;
    float scale = t->edge_scale, other = is_even ? scale : 0;
    return (struct separated){here[0] * scale, middle[0] * other, here[1] * scale, middle[1] * other};
  }
  const vf *there = (const vf *)(z + (ptrdiff_t)(t->columns - k) * ELEMENT);
  float scale = 0.5f * t->inner_scale;
  return (struct separated){(here[0] + there[0]) * scale, (here[1] - there[1]) * scale, (here[1] + there[1]) * scale,
                            (there[0] - here[0]) * scale};
}

/* Writes columns k .. k + 3 of 2 * LANES rows to their block; `to` is the group's first row in block 0. */
static void store_lines(const struct fft2 *t, const float *z, float *to) {
  ptrdiff_t block_size = (ptrdiff_t)t->groups * 2 * LANES * ELEMENT;
  for (int k = 0; k < t->column_blocks * LANES; k += 4) {
    vf parts[4][4];
    for (int j = 0; j < 4; j++) {
      struct separated s = separate(t, z, k + j);
      parts[0][j] = s.first_re;
      parts[1][j] = s.first_im;
      parts[2][j] = s.second_re;
      parts[3][j] = s.second_im;
    }
    float *place = to + k / LANES * block_size + k % LANES;
    for (int part = 0; part < 4; part++) {
      float *row[LANES];
      for (int lane = 0; lane < LANES; lane++) row[lane] = place + ((part / 2) * LANES + lane) * ELEMENT + (part % 2) * LANES;
      store_columns(row, 0, parts[part]);
    }
  }
}

static void forward_group(const struct fft2 *t, int field, int group) {
  struct buffers buffers = line_buffers(t);
  if (!buffers.a) return;
  int first = group * 2 * LANES;
  const float *row[2 * LANES];
  if (first + 2 * LANES > t->rows)
    for (int j = 0; j < t->columns; j++) buffers.spare_row[j] = 0;
  for (int i = 0; i < 2 * LANES; i++)
    row[i] = first + i < t->rows ? t->in + ((ptrdiff_t)field * t->rows + first + i) * t->columns : buffers.spare_row;
  load_lines(t, row, buffers.a);
  const float *z = transform_lines(&t->along_row, buffers.a, buffers.a, buffers.b, NULL);
  store_lines(t, z, block_of(t, field, 0) + first * ELEMENT);
}

/* ---- forward, columns ---- */

/* The first and the middle column from their sum first + i middle, which stands in the place of the first. */
static void separate_edges(const struct fft2 *t, float *out) {
  int n = t->rows, middle = 2 * (t->half - 1);
  ptrdiff_t row = 2 * (ptrdiff_t)t->half;
  for (int k = 0; 2 * k <= n; k++) {
    float *here = out + k * row, *there = out + (k == 0 ? 0 : n - k) * row;
    float re = here[0], im = here[1], re_there = there[0], im_there = there[1];
    here[0] = 0.5f * (re + re_there);
    here[1] = 0.5f * (im - im_there);
    there[0] = here[0];
    there[1] = -here[1];
    here[middle] = 0.5f * (im + im_there);
    here[middle + 1] = 0.5f * (re_there - re);
    there[middle] = here[middle];
    there[middle + 1] = -here[middle + 1];
  }
}

static void forward_block(const struct fft2 *t, int field, int block) {
  struct buffers buffers = line_buffers(t);
  if (!buffers.a) return;
  const float *z = transform_lines(&t->along_column, block_of(t, field, block), buffers.a, buffers.b, NULL);
  float *plane = t->out + (ptrdiff_t)field * t->rows * t->half * 2, *out = plane + (ptrdiff_t)block * LANES * 2;
  int columns = min_int(LANES, t->packed - block * LANES);
  for (int r = 0; r < t->rows; r++) {
    vf re = *(const vf *)(z + (ptrdiff_t)r * ELEMENT), im = *(const vf *)(z + (ptrdiff_t)r * ELEMENT + LANES);
    float *to = out + (ptrdiff_t)r * t->half * 2;
    if (columns == LANES) {
      store_complex(to, re, im);
    } else {
      float whole[2 * LANES];
      store_complex(whole, re, im);
      for (int i = 0; i < 2 * columns; i++) to[i] = whole[i];
    }
  }
  if (block == 0 && t->columns % 2 == 0) separate_edges(t, plane);
}

/* ---- inverse, columns (all lines hold imaginary parts first) ---- */

/* Lane 0 becomes first + i middle, each made Hermitian: what the real parts of their transforms depend on. */
static void join_edges(const struct fft2 *t, const float *plane, float *a) {
  int n = t->rows, middle = 2 * (t->half - 1);
  float scale = 0.5f * t->edge_scale;
  for (int k = 0; k < n; k++) {
    const float *here = plane + (ptrdiff_t)k * t->half * 2, *there = plane + (ptrdiff_t)(k == 0 ? 0 : n - k) * t->half * 2;
    float first_re = (here[0] + there[0]) * scale, first_im = (here[1] - there[1]) * scale;
    float middle_re = (here[middle] + there[middle]) * scale, middle_im = (here[middle + 1] - there[middle + 1]) * scale;
    a[(ptrdiff_t)k * ELEMENT + LANES] = first_re - middle_im;
    a[(ptrdiff_t)k * ELEMENT] = first_im + middle_re;
  }
}

static void inverse_block(const struct fft2 *t, int field, int block) {
  struct buffers buffers = line_buffers(t);
  if (!buffers.a) return;
  const float *plane = t->in + (ptrdiff_t)field * t->rows * t->half * 2, *in = plane + (ptrdiff_t)block * LANES * 2;
  int columns = min_int(LANES, t->packed - block * LANES);
  vf scale = splat(t->inner_scale);
  if (block == 0) scale[0] = t->edge_scale;
  for (int r = 0; r < t->rows; r++) {
    const float *from = in + (ptrdiff_t)r * t->half * 2;
    float whole[2 * LANES] = {0};
    if (columns < LANES) {
      for (int i = 0; i < 2 * columns; i++) whole[i] = from[i];
      from = whole;
    }
    vf re, im;
    load_complex(from, &re, &im);
    *(vf *)(buffers.a + (ptrdiff_t)r * ELEMENT) = im * scale;
    *(vf *)(buffers.a + (ptrdiff_t)r * ELEMENT + LANES) = re * scale;
  }
  if (block == 0 && t->columns % 2 == 0) join_edges(t, plane, buffers.a);
  float *to = block_of(t, field, block);
  transform_lines(&t->along_column, buffers.a, buffers.a, buffers.b, to);
  /* Missing rows are the imaginary parts of others: zeros, so that they do not touch them. */
  for (ptrdiff_t i = (ptrdiff_t)t->rows * ELEMENT; i < (ptrdiff_t)t->groups * 2 * LANES * ELEMENT; i++) to[i] = 0;
}

/* ---- inverse, rows ---- */

/* z(k) = first + i second and z(n - k) = first* + i second*, imaginary parts first; column 0 holds two real columns. */
INLINE void join_rows(const struct fft2 *t, float *z, int k, struct separated s) {
  vf *here = (vf *)(z + (ptrdiff_t)k * ELEMENT);
  if (k >= t->packed) return;
  if (k == 0) {
    here[1] = s.first_re;
    here[0] = s.second_re;
    if (t->columns % 2) return;
    vf *middle = (vf *)(z + (ptrdiff_t)(t->columns / 2) * ELEMENT);
    middle[1] = s.first_im;
    middle[0] = s.second_im;
    return;
  }
  vf *there = (vf *)(z + (ptrdiff_t)(t->columns - k) * ELEMENT);
  here[1] = s.first_re - s.second_im;
  here[0] = s.first_im + s.second_re;
  there[1] = s.first_re + s.second_im;
  there[0] = s.second_re - s.first_im;
}

static void gather_lines(const struct fft2 *t, const float *from, float *z) {
  ptrdiff_t block_size = (ptrdiff_t)t->groups * 2 * LANES * ELEMENT;
  for (int k = 0; k < t->packed; k += 4) {
    const float *place = from + k / LANES * block_size + k % LANES;
    vf parts[4][4];
    for (int part = 0; part < 4; part++) {
      const float *row[LANES];
      for (int lane = 0; lane < LANES; lane++) row[lane] = place + ((part / 2) * LANES + lane) * ELEMENT + (1 - part % 2) * LANES;
      load_columns(row, 0, parts[part]);
    }
    for (int j = 0; j < 4; j++) join_rows(t, z, k + j, (struct separated){parts[0][j], parts[1][j], parts[2][j], parts[3][j]});
  }
}

static void scatter_lines(const struct fft2 *t, const float *z, float *const row[2 * LANES]) {
  int column = 0;
  for (; column + 4 <= t->columns; column += 4)
    for (int part = 0; part < 2; part++) {
      vf v[4];
      for (int j = 0; j < 4; j++) v[j] = *(const vf *)(z + (column + j) * ELEMENT + (1 - part) * LANES);
      store_columns(row + part * LANES, column, v);
    }
  for (; column < t->columns; column++)
    for (int i = 0; i < 2 * LANES; i++) row[i][column] = z[column * ELEMENT + (i + LANES) % (2 * LANES)];
}

static void inverse_group(const struct fft2 *t, int field, int group) {
  struct buffers buffers = line_buffers(t);
  if (!buffers.a) return;
  int first = group * 2 * LANES;
  float *row[2 * LANES];
  for (int i = 0; i < 2 * LANES; i++)
    row[i] = first + i < t->rows ? t->out + ((ptrdiff_t)field * t->rows + first + i) * t->columns : buffers.spare_row;
  gather_lines(t, block_of(t, field, 0) + first * ELEMENT, buffers.a);
  const float *z = transform_lines(&t->along_row, buffers.a, buffers.a, buffers.b, NULL);
  scatter_lines(t, z, row);
}

/* ---- both ---- */

static void forward_groups(int task, void *context) {
  const struct fft2 *t = context;
  int total = t->batch * t->groups;
  for (int i = task * t->groups_per_task; i < min_int(total, (task + 1) * t->groups_per_task); i++)
    forward_group(t, i / t->groups, i % t->groups);
}
static void forward_blocks(int task, void *context) {
  const struct fft2 *t = context;
  int total = t->batch * t->column_blocks;
  for (int i = task * t->blocks_per_task; i < min_int(total, (task + 1) * t->blocks_per_task); i++)
    forward_block(t, i / t->column_blocks, i % t->column_blocks);
}
static void inverse_blocks(int task, void *context) {
  const struct fft2 *t = context;
  int total = t->batch * t->column_blocks;
  for (int i = task * t->blocks_per_task; i < min_int(total, (task + 1) * t->blocks_per_task); i++)
    inverse_block(t, i / t->column_blocks, i % t->column_blocks);
}
static void inverse_groups(int task, void *context) {
  const struct fft2 *t = context;
  int total = t->batch * t->groups;
  for (int i = task * t->groups_per_task; i < min_int(total, (task + 1) * t->groups_per_task); i++)
    inverse_group(t, i / t->groups, i % t->groups);
}

/* The two steps over all fields, or, with one thread, field by field, so that what lies between them stays in the cache. */
static int run(struct fft2 *t, parallel_body first, parallel_body second, int first_is_groups) {
  enum { ELEMENTS_PER_TASK = 2048 };
  int one_by_one = thread_count() == 1;
  int fields = t->batch;
  size_t field_size = (size_t)t->column_blocks * t->groups * 2 * LANES * ELEMENT;
  t->blocks = scratch(SCRATCH_FFT, field_size * (one_by_one ? 1 : fields) * sizeof(float));
  if (!t->blocks || !line_buffers(t).a) return 1;
  t->groups_per_task = max_int(1, ELEMENTS_PER_TASK / (2 * LANES * t->columns));
  t->blocks_per_task = max_int(1, ELEMENTS_PER_TASK / (2 * LANES * t->rows));
  t->batch = one_by_one ? 1 : fields;
  int group_tasks = (t->batch * t->groups + t->groups_per_task - 1) / t->groups_per_task;
  int block_tasks = (t->batch * t->column_blocks + t->blocks_per_task - 1) / t->blocks_per_task;
  ptrdiff_t real = (ptrdiff_t)t->rows * t->columns, complex = (ptrdiff_t)t->rows * t->half * 2;
  for (int field = 0; field < fields; field += t->batch) {
    parallel_for(first_is_groups ? group_tasks : block_tasks, first, t);
    parallel_for(first_is_groups ? block_tasks : group_tasks, second, t);
    t->in += first_is_groups ? real : complex;
    t->out += first_is_groups ? complex : real;
  }
  return 0;
}

static struct fft2 prepare(const float *in, float *out, const int32_t *row_radices, const float *row_twiddles,
                           const int32_t *column_radices, const float *column_twiddles, int batch, int rows, int columns,
                           float edge_scale, float inner_scale) {
  struct fft2 t = {.edge_scale = edge_scale, .inner_scale = inner_scale};
  t.along_row = (struct axis){row_radices, row_twiddles, columns};
  t.along_column = (struct axis){column_radices, column_twiddles, rows};
  t.in = in;
  t.out = out;
  t.rows = rows;
  t.columns = columns;
  t.half = columns / 2 + 1;
  t.packed = columns % 2 ? t.half : t.half - 1;
  t.groups = (rows + 2 * LANES - 1) / (2 * LANES);
  t.column_blocks = (t.packed + LANES - 1) / LANES;
  t.batch = batch;
  return t;
}

/* Real [batch, rows, columns] to complex [batch, rows, columns / 2 + 1], sign minus, no normalisation but the two factors: of the
   self-conjugate columns (first, and middle for an even number of columns) and of the others. 0, or 1 when memory ran out. */
KERNEL int lf_rfft2(const float *in, float *out, const int32_t *row_radices, const float *row_twiddles, const int32_t *column_radices,
                    const float *column_twiddles, int batch, int rows, int columns, float edge_scale, float inner_scale) {
  struct fft2 t = prepare(in, out, row_radices, row_twiddles, column_radices, column_twiddles, batch, rows, columns, edge_scale, inner_scale);
  return run(&t, forward_groups, forward_blocks, 1);
}

/* The way back, sign plus: the real part of the sum over the full plane that the half plane stands for, columns weighted by the
   factors first. Imaginary parts that a real field cannot have are left out, as in numpy.fft.irfft2. */
KERNEL int lf_irfft2(const float *in, float *out, const int32_t *row_radices, const float *row_twiddles, const int32_t *column_radices,
                     const float *column_twiddles, int batch, int rows, int columns, float edge_scale, float inner_scale) {
  struct fft2 t = prepare(in, out, row_radices, row_twiddles, column_radices, column_twiddles, batch, rows, columns, edge_scale, inner_scale);
  return run(&t, inverse_blocks, inverse_groups, 0);
}

/* A transform that another thread makes while the caller goes on. */
struct begun_transform {
  struct fft2 transform;
  int failed;
};
static PER_THREAD struct begun_transform begun;

static void run_begun(int task, void *context) {
  (void)task;
  struct begun_transform *own = context;
  own->failed = run(&own->transform, forward_groups, forward_blocks, 1);
}

/* lf_rfft2 in two parts: `in` and `out` belong to it until lf_finish_rfft2, which gives its result. One at a time. */
KERNEL void lf_begin_rfft2(const float *in, float *out, const int32_t *row_radices, const float *row_twiddles,
                           const int32_t *column_radices, const float *column_twiddles, int batch, int rows, int columns,
                           float edge_scale, float inner_scale) {
  begun.transform =
      prepare(in, out, row_radices, row_twiddles, column_radices, column_twiddles, batch, rows, columns, edge_scale, inner_scale);
  begin_task(run_begun, &begun);
}

KERNEL int lf_finish_rfft2(void) {
  finish_task();
  int failed = begun.failed;
  begun.failed = 0;
  return failed;
}
