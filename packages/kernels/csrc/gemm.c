#include "gemm-tile.h"
#include "gemm.h"
#include "quads.h"

/* C = alpha op(A) op(B) + beta C, row-major, batches with any stride. B is packed once into panels of TILE_COLUMNS columns; the rows
   of C are cut into blocks, one task each. Every element of C is summed in the same order however the work is shared. */
enum {
  DEPTH_BLOCK = 512,   /* C is read and written once for each; a panel of B, 512 x 32 floats, may lie in the second cache */
  ROW_BLOCK = 132,     /* a packed block of A, 132 x 512 floats, stays in the second */
  COLUMN_BLOCK = 2048, /* columns packed at a time */
  SERIAL_WORK = 1 << 19, /* multiplications worth a task */
  SHARED_WORK = 1 << 22, /* of a product worth sharing: below, threads wait for each other's lines longer than they save */
  MOST_TASKS = 64,
  LEAST_ROWS = 60,       /* of a block where that leaves MANY_BLOCKS */
  MANY_BLOCKS = 8,
  FAR_DEPTH = 256,       /* of panels that do not stay in the first cache beside a tile of A */
  ROWS_AHEAD = 16,       /* of B, which lie far apart, asked for while others are packed */
};

struct matrix {
  const float *data;
  ptrdiff_t row, column; /* strides of op(X) */
};

struct product {
  struct matrix a, b;
  float *c;
  ptrdiff_t c_row;
  int m, n, k;
  float alpha, beta;
  int columns_from, columns_to;
  int row_blocks, column_block, column_blocks;
  float *packed_b;
  int is_packed_a;
};

static int blocks_of(int size, int block) { return (int)(((int64_t)size + block - 1) / block); }
static int round_up(int size, int unit) { return blocks_of(size, unit) * unit; }

/* Four lines of four contiguous numbers to four columns of lines that lie `step` apart. */
INLINE void turn_quad(const float *from, ptrdiff_t line, float *to, int step) {
  v4f a = load_quad(from), b = load_quad(from + line), c = load_quad(from + 2 * line), d = load_quad(from + 3 * line);
  v4f low_ab = SHUFFLE_QUAD(a, b, 0, 4, 1, 5), high_ab = SHUFFLE_QUAD(a, b, 2, 6, 3, 7);
  v4f low_cd = SHUFFLE_QUAD(c, d, 0, 4, 1, 5), high_cd = SHUFFLE_QUAD(c, d, 2, 6, 3, 7);
  store_quad(to, SHUFFLE_QUAD(low_ab, low_cd, 0, 1, 4, 5));
  store_quad(to + step, SHUFFLE_QUAD(low_ab, low_cd, 2, 3, 6, 7));
  store_quad(to + 2 * step, SHUFFLE_QUAD(high_ab, high_cd, 0, 1, 4, 5));
  store_quad(to + 3 * step, SHUFFLE_QUAD(high_ab, high_cd, 2, 3, 6, 7));
}

/* Panels of TILE_COLUMNS columns, depth-block by depth-block, so that a tile reads B from one end to the other. */
static float *panel_of(const struct product *p, int depth_from, int depth, int panel) {
  int width = round_up(p->columns_to - p->columns_from, TILE_COLUMNS);
  return p->packed_b + (size_t)depth_from * width + (size_t)panel * depth * TILE_COLUMNS;
}

/* Rows of B that are contiguous, with zeros up to a whole panel. */
static void pack_rows(const float *RESTRICT b, ptrdiff_t row, int depth, int columns, float *RESTRICT out) {
  for (int k = 0; k < depth; k++, b += row, out += TILE_COLUMNS) {
    prefetch_row(b + ROWS_AHEAD * row, TILE_VECTORS);
    if (columns == TILE_COLUMNS) {
      for (int v = 0; v < TILE_VECTORS; v++) store(out + v * LANES, load(b + v * LANES));
    } else {
      for (int v = 0; v < TILE_VECTORS; v++) store(out + v * LANES, splat(0.0f));
      for (int j = 0; j < columns; j++) out[j] = b[j];
    }
  }
}

/* Columns of B that are contiguous or not, four from one end to the other: many side by side would meet in few sets of the cache. */
static void pack_columns(const float *RESTRICT b, ptrdiff_t column, ptrdiff_t row, int depth, int columns, float *RESTRICT out) {
  int fours = row == 1 ? columns / 4 * 4 : 0, quads = depth / 4 * 4;
  for (int j = 0; j < fours; j += 4)
    for (int k = 0; k < quads; k += 4) turn_quad(b + j * column + k, column, out + k * TILE_COLUMNS + j, TILE_COLUMNS);
  for (int j = 0; j < columns; j++)
    for (int k = j < fours ? quads : 0; k < depth; k++) out[k * TILE_COLUMNS + j] = b[k * row + j * column];
  for (int k = 0; k < depth; k++)
    for (int j = columns; j < TILE_COLUMNS; j++) out[k * TILE_COLUMNS + j] = 0.0f;
}

static void pack_panel(const struct product *p, int depth_from, int depth, int panel) {
  int column = p->columns_from + panel * TILE_COLUMNS;
  int columns = min_int(TILE_COLUMNS, p->columns_to - column);
  const float *RESTRICT b = p->b.data + depth_from * p->b.row + column * p->b.column;
  float *RESTRICT out = panel_of(p, depth_from, depth, panel);
  if (p->b.column == 1) pack_rows(b, p->b.row, depth, columns, out);
  else pack_columns(b, p->b.column, p->b.row, depth, columns, out);
}

static void pack_panels(int panel, void *context) {
  const struct product *p = context;
  for (int depth_from = 0; depth_from < p->k; depth_from += DEPTH_BLOCK)
    pack_panel(p, depth_from, min_int(DEPTH_BLOCK, p->k - depth_from), panel);
}

/* TILE_ROWS rows side by side, tile after tile, so that a tile reads A from one end to the other. */
static void pack_block(const struct matrix *a, int row, int rows, int depth_from, int depth, float *RESTRICT out) {
  const float *RESTRICT data = a->data + row * a->row + depth_from * a->column;
  if (a->row == 1) { /* along the rows, which are contiguous */
    int whole = rows / TILE_ROWS * TILE_ROWS;
    for (int k = 0; k < depth; k++, data += a->column) {
      float *RESTRICT to = out + k * TILE_ROWS;
      for (int tile = 0; tile < whole; tile += TILE_ROWS) __builtin_memcpy(to + tile * depth, data + tile, TILE_ROWS * sizeof(float));
      for (int r = whole; r < rows; r++) to[whole * depth + r - whole] = data[r];
    }
    return;
  }
  int whole = TILE_ROWS % 4 == 0 ? rows / TILE_ROWS * TILE_ROWS : 0, quads = depth / 4 * 4;
  for (int r = 0; r < whole; r += 4)
    for (int k = 0; k < quads; k += 4)
      turn_quad(data + r * a->row + k * a->column, a->row, out + r / TILE_ROWS * TILE_ROWS * depth + r % TILE_ROWS + k * TILE_ROWS, TILE_ROWS);
  for (int r = 0; r < rows; r++) {
    float *RESTRICT column = out + r / TILE_ROWS * TILE_ROWS * depth + r % TILE_ROWS;
    for (int k = r < whole ? quads : 0; k < depth; k++) column[k * TILE_ROWS] = data[r * a->row + k * a->column];
  }
}

static struct tile row_tile(const struct product *p, const float *packed_a, int row_from, int row, int depth_from) {
  int depth = min_int(DEPTH_BLOCK, p->k - depth_from);
  struct tile t = {.c = p->c + row * p->c_row, .c_row = p->c_row, .segments = 1, .depth = depth, .b_step = TILE_COLUMNS,
                   .is_far = p->is_packed_a && depth >= FAR_DEPTH, .alpha = p->alpha, .beta = depth_from ? 1.0f : p->beta};
  if (p->is_packed_a) {
    t.a = packed_a + (row - row_from) * depth, t.a_row = 1, t.a_step = TILE_ROWS;
  } else {
    t.a = p->a.data + row * p->a.row + depth_from * p->a.column, t.a_row = p->a.row, t.a_step = p->a.column;
  }
  return t;
}

/* Whole tiles, as many in each block as in the others, or one more. */
static int first_row(const struct product *p, int block) {
  return min_int(p->m, (int)((int64_t)blocks_of(p->m, TILE_ROWS) * block / p->row_blocks) * TILE_ROWS);
}

static void multiply_block(int task, void *context) {
  const struct product *p = context;
  float *packed_a = p->is_packed_a ? scratch(SCRATCH_GEMM_ROWS, ROW_BLOCK * DEPTH_BLOCK * sizeof(float)) : NULL;
  if (p->is_packed_a && !packed_a) return;
  int row_from = first_row(p, task / p->column_blocks), row_to = first_row(p, task / p->column_blocks + 1);
  int panels = blocks_of(p->columns_to - p->columns_from, TILE_COLUMNS);
  int panel_from = task % p->column_blocks * p->column_block, panel_to = min_int(panels, panel_from + p->column_block);
  for (int depth_from = 0; depth_from < p->k || depth_from == 0; depth_from += DEPTH_BLOCK) {
    int depth = min_int(DEPTH_BLOCK, p->k - depth_from);
    if (p->is_packed_a) pack_block(&p->a, row_from, row_to - row_from, depth_from, depth, packed_a);
    for (int panel = panel_from; panel < panel_to; panel++) {
      int column = p->columns_from + panel * TILE_COLUMNS;
      for (int row = row_from; row < row_to; row += TILE_ROWS) {
        struct tile t = row_tile(p, packed_a, row_from, row, depth_from);
        t.b = panel_of(p, depth_from, depth, panel);
        t.c += column;
        t.rows = min_int(TILE_ROWS, row_to - row);
        t.columns = min_int(TILE_COLUMNS, p->columns_to - column);
        compute_tile(&t);
      }
    }
  }
}

/* Tasks of at least SERIAL_WORK multiplications, or one: blocks of rows first, then of panels where rows are few. Where they are many
   a block has enough of them to use a panel of B again and again. */
static int share(struct product *p, int64_t work) {
  int tasks = work < SHARED_WORK ? 1 : (int)(work / SERIAL_WORK > MOST_TASKS ? MOST_TASKS : work / SERIAL_WORK);
  int panels = blocks_of(p->columns_to - p->columns_from, TILE_COLUMNS);
  int least_rows = p->m >= MANY_BLOCKS * LEAST_ROWS ? LEAST_ROWS : TILE_ROWS;
  int row_block = min_int(ROW_BLOCK, round_up(max_int(blocks_of(p->m, tasks), least_rows), TILE_ROWS));
  p->row_blocks = blocks_of(p->m, row_block);
  int column_blocks = p->row_blocks >= MANY_BLOCKS ? 1 : max_int(1, tasks / p->row_blocks);
  p->column_block = blocks_of(panels, min_int(panels, column_blocks));
  p->column_blocks = blocks_of(panels, p->column_block);
  return p->row_blocks * p->column_blocks;
}

static void run_where_worth(int tasks, int64_t work, parallel_body body, void *context) {
  if (work >= SHARED_WORK) parallel_for(tasks, body, context);
  else for (int task = 0; task < tasks; task++) body(task, context);
}

static void multiply(struct product p) {
  /* Packing A pays when each of its rows meets many panels, or when its steps lie in other pages. */
  p.is_packed_a = p.k > 64 && (p.n > 8 * TILE_COLUMNS || p.a.column > 256);
  int width = round_up(min_int(p.n, COLUMN_BLOCK), TILE_COLUMNS);
  p.packed_b = scratch(SCRATCH_GEMM, (size_t)width * max_int(p.k, 1) * sizeof(float));
  if (!p.packed_b) return;
  for (int from = 0; from < p.n; from += COLUMN_BLOCK) {
    p.columns_from = from, p.columns_to = min_int(p.n, from + COLUMN_BLOCK);
    int64_t work = (int64_t)p.m * p.k * (p.columns_to - p.columns_from);
    int tasks = share(&p, work), panels = blocks_of(p.columns_to - p.columns_from, TILE_COLUMNS);
    run_where_worth(panels, work, pack_panels, &p);
    run_where_worth(tasks, work, multiply_block, &p);
  }
}

struct batch {
  struct product first;
  ptrdiff_t a_stride, b_stride, c_stride;
};

static void multiply_one(int i, void *context) {
  const struct batch *all = context;
  struct product p = all->first;
  p.a.data += i * all->a_stride, p.b.data += i * all->b_stride, p.c += i * all->c_stride;
  multiply(p);
}

/* Strides in floats from one matrix of a batch to the next; 0 repeats a matrix. transpose_a: A is stored [k, m]; transpose_b: B is
   stored [n, k]. */
KERNEL void lf_gemm(const float *a, const float *b, float *c, int m, int n, int k, int transpose_a, int transpose_b, float alpha,
                    float beta, int batch, int a_stride, int b_stride, int c_stride) {
  struct product first = {.a = {a, transpose_a ? 1 : k, transpose_a ? m : 1}, .b = {b, transpose_b ? 1 : n, transpose_b ? k : 1},
                          .c = c, .c_row = n, .m = m, .n = n, .k = k, .alpha = alpha, .beta = beta};
  struct batch all = {first, a_stride, b_stride, c_stride};
  int64_t work = (int64_t)m * n * k;
  if (work < SHARED_WORK) run_where_worth(batch, work * batch, multiply_one, &all);
  else for (int i = 0; i < batch; i++) multiply_one(i, &all);
}
