/* The inner product of matrix products and convolutions: a tile of C held in registers. */
#ifndef LENSFIELD_GEMM_TILE_H
#define LENSFIELD_GEMM_TILE_H

#include "kernels.h"
#include "threads.h"

/* Rows of a tile, and vectors in one of its rows. 12 accumulators of 16 registers (AVX2), 24 of 32 (AVX-512), 8 of 15 (WASM, where
   V8 keeps one for itself and spilling costs more than a smaller tile). */
#if LANES == 16
#define TILE_ROWS 12
#elif LANES == 8
#define TILE_ROWS 6
#else
#define TILE_ROWS 4
#endif
#define TILE_VECTORS 2
#define TILE_COLUMNS (TILE_VECTORS * LANES)
#define CACHE_LINE_VECTORS (16 / LANES)
#define STEPS_AHEAD 16 /* some 200 cycles of a whole tile */

/* C(r, j) = alpha * sum over s, k of A(s, r, k) B(s, k, j) + beta * C(r, j) for r < rows and j < columns, with
   A(s, r, k) = a[s a_segment + r a_row + k a_step], B(s, k, j) = b[(s depth + k) b_step + j], C(r, j) = c[r c_row + j].
   is_far: B comes from beyond the first caches, and its rows are asked for some steps before they are needed.
   A product has one segment. In a convolution a segment is one row of the filter, and its steps run over contiguous pixels.
   B is read in whole vectors: b must be readable up to the next multiple of LANES columns. beta = 0 does not read C. */
struct tile {
  const float *a, *b;
  float *c;
  ptrdiff_t a_segment, a_row, a_step, b_step, c_row;
  int segments, depth, rows, columns, is_far;
  float alpha, beta;
};

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE void store_tile_row(float *c, const vf *sums, int vectors, int columns, float alpha, float beta) {
  UNROLL for (int v = 0; v < vectors; v++) {
    int rest = columns - v * LANES;
    vf value = sums[v] * alpha;
    if (rest >= LANES) {
      if (beta != 0.0f) value += load(c + v * LANES) * beta;
      store(c + v * LANES, value);
    } else if (rest > 0) {
      if (beta != 0.0f) value += load_partial(c + v * LANES, rest) * beta;
      store_partial(c + v * LANES, value, rest);
    }
  }
}

/* Asks for the lines of a row of B before they are needed. The machine itself looks ahead within one page only. */
INLINE void prefetch_row(const float *row, int vectors) {
  UNROLL for (int v = 0; v < vectors; v += CACHE_LINE_VECTORS) __builtin_prefetch(row + v * LANES);
}

#define DEFINE_TILE(NAME, ROWS, VECTORS, IS_FAR)                                                            \
  static void NAME(const struct tile *t) {                                                                  \
    vf sums[ROWS][VECTORS] = {0};                                                                           \
    const float *b = t->b;                                                                                  \
    const ptrdiff_t a_row = t->a_row, a_step = t->a_step, b_step = t->b_step;                               \
    for (int s = 0; s < t->segments; s++) {                                                                 \
      const float *a = t->a + s * t->a_segment;                                                             \
      for (int k = t->depth; k > 0; k--, a += a_step, b += b_step) {                                        \
        vf right[VECTORS];                                                                                  \
        if (IS_FAR) prefetch_row(b + STEPS_AHEAD * b_step, VECTORS);                                        \
        UNROLL for (int v = 0; v < VECTORS; v++) right[v] = load(b + v * LANES);                            \
        UNROLL for (int r = 0; r < ROWS; r++) {                                                             \
          vf left = splat(a[r * a_row]);                                                                    \
          UNROLL for (int v = 0; v < VECTORS; v++) sums[r][v] += left * right[v];                           \
        }                                                                                                   \
      }                                                                                                     \
    }                                                                                                       \
    UNROLL for (int r = 0; r < ROWS; r++)                                                                   \
        store_tile_row(t->c + r * t->c_row, sums[r], VECTORS, t->columns, t->alpha, t->beta);               \
  }

#define DEFINE_TILES(ROWS) DEFINE_TILE(tile_##ROWS##_1, ROWS, 1, 0) DEFINE_TILE(tile_##ROWS##_2, ROWS, 2, 0)
DEFINE_TILE(whole_far_tile, TILE_ROWS, TILE_VECTORS, 1)
DEFINE_TILES(1)
DEFINE_TILES(2)
DEFINE_TILES(3)
DEFINE_TILES(4)
#if TILE_ROWS > 4
DEFINE_TILES(5)
DEFINE_TILES(6)
#endif
#if TILE_ROWS > 6
DEFINE_TILES(7)
DEFINE_TILES(8)
DEFINE_TILES(9)
DEFINE_TILES(10)
DEFINE_TILES(11)
DEFINE_TILES(12)
#endif

typedef void (*tile_function)(const struct tile *);
#define BOTH_WIDTHS(ROWS) {tile_##ROWS##_1, tile_##ROWS##_2}
static const tile_function tile_functions[TILE_ROWS][TILE_VECTORS] = {
    BOTH_WIDTHS(1), BOTH_WIDTHS(2), BOTH_WIDTHS(3),  BOTH_WIDTHS(4),
#if TILE_ROWS > 4
    BOTH_WIDTHS(5), BOTH_WIDTHS(6),
#endif
#if TILE_ROWS > 6
    BOTH_WIDTHS(7), BOTH_WIDTHS(8), BOTH_WIDTHS(9), BOTH_WIDTHS(10), BOTH_WIDTHS(11), BOTH_WIDTHS(12),
#endif
};

INLINE void compute_tile(const struct tile *t) {
  if (t->is_far && t->rows == TILE_ROWS && t->columns > LANES) whole_far_tile(t);
  else tile_functions[t->rows - 1][t->columns > LANES](t);
}

/* Tasks on several threads where the work, in multiplications, is worth waking them; else in turn. */
INLINE void run_tasks(int tasks, int64_t work, parallel_body body, void *context) {
  enum { WORTH_SHARING = 1 << 19 };
  if (work >= WORTH_SHARING) parallel_for(tasks, body, context);
  else for (int task = 0; task < tasks; task++) body(task, context);
}

#endif
