/* Cosine sums along one axis of an even function, for a block of lanes side by side. The sum is folded at its middle, again and again, and
   the odd rows that each fold leaves are split into even and odd k, down to lengths that fit in registers: every size is allowed, and
   those with many factors of two are fast. */
#ifndef LENSFIELD_COSINE_LINE_H
#define LENSFIELD_COSINE_LINE_H

#include "vector-double.h"

#if defined(__AVX512F__)
#define TILE_ROWS 8
#elif defined(__AVX__)
#define TILE_ROWS 6
#else
#define TILE_ROWS 4
#endif

/* Below these lengths a fold or a split saves nothing. What a block of lanes needs between two passes stays in the cache of a core. */
enum { SHORTEST_FOLD = 8, SHORTEST_SPLIT = 32, BLOCK = 8 };

/* out[row][lane] = sum_k matrix[row][k] in[k][lane] for `rows` (constant) rows and `vectors` (constant) vectors of lanes. */
INLINE void cosine_tile(const double *matrix, int length, const double *in, ptrdiff_t in_stride, double *out, ptrdiff_t out_stride,
                        const int rows, const int vectors) {
  vd sum[TILE_ROWS][2];
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++) sum[r][v] = (vd){0};
  for (int k = 0; k < length; k++) {
    vd x[2];
    for (int v = 0; v < vectors; v++) x[v] = load_double(in + k * in_stride + v * DOUBLE_LANES);
    for (int r = 0; r < rows; r++) {
      vd c = splat_double(matrix[(ptrdiff_t)r * length + k]);
      for (int v = 0; v < vectors; v++) sum[r][v] += c * x[v];
    }
  }
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++) store_double(out + r * out_stride + v * DOUBLE_LANES, sum[r][v]);
}

INLINE void cosine_rows(const double *matrix, int length, const double *in, ptrdiff_t in_stride, double *out, ptrdiff_t out_stride,
                        const int rows) {
  const int vectors = BLOCK >= 2 * DOUBLE_LANES ? 2 : 1;
  for (int lane = 0; lane < BLOCK; lane += vectors * DOUBLE_LANES)
    cosine_tile(matrix, length, in + lane, in_stride, out + lane, out_stride, rows, vectors);
}

/* A square matrix. */
static void cosine_product(const double *matrix, int length, const double *in, ptrdiff_t in_stride, double *out, ptrdiff_t out_stride) {
  int row = 0;
  for (; row + TILE_ROWS <= length; row += TILE_ROWS)
    cosine_rows(matrix + (ptrdiff_t)row * length, length, in, in_stride, out + row * out_stride, out_stride, TILE_ROWS);
  for (; row + 2 <= length; row += 2)
    cosine_rows(matrix + (ptrdiff_t)row * length, length, in, in_stride, out + row * out_stride, out_stride, 2);
  for (; row < length; row++)
    cosine_rows(matrix + (ptrdiff_t)row * length, length, in, in_stride, out + row * out_stride, out_stride, 1);
}

/* 1 / (2 cos(pi (2 m + 1) / (2 length))), m < length / 2. */
static const double SECANTS_4[2] = {0.541196100146197, 1.3065629648763764};
static const double SECANTS_8[4] = {0.5097955791041592, 0.6013448869350453, 0.8999762231364156, 2.5629154477415055};
static const double SECANTS_16[8] = {0.5024192861881557, 0.5224986149396889, 0.5669440348163577, 0.6468217833599901,
                                     0.7881546234512502, 1.060677685990347,  1.7224470982383342, 5.101148618689155};

/* The sums of `odd_sums` for lengths 2 to 16 in registers, x in place. */
INLINE void split_sums(vd *x, const int length, const double *secants, void (*half_sums)(vd *)) {
  vd even[8], odd[8];
  for (int q = 0; q < length / 2; q++) {
    even[q] = x[2 * q];
    odd[q] = q ? x[2 * q + 1] + x[2 * q - 1] : x[1];
  }
  half_sums(even);
  half_sums(odd);
  for (int m = 0; m < length / 2; m++) {
    x[m] = even[m] + secants[m] * odd[m];
    x[length - 1 - m] = even[m] - secants[m] * odd[m];
  }
}

INLINE void sums_of_2(vd *x) {
  vd turned = 0.7071067811865476 * x[1];
  x[1] = x[0] - turned;
  x[0] += turned;
}
INLINE void sums_of_4(vd *x) { split_sums(x, 4, SECANTS_4, sums_of_2); }
INLINE void sums_of_8(vd *x) { split_sums(x, 8, SECANTS_8, sums_of_4); }
INLINE void sums_of_16(vd *x) { split_sums(x, 16, SECANTS_16, sums_of_8); }

/* Element q of b after a split into even and odd k. */
INLINE vd once_split(const double *b, ptrdiff_t stride, int q, const int odd) {
  if (!odd) return load_double(b + 2 * q * stride);
  vd sum = load_double(b + (2 * q + 1) * stride);
  return q ? sum + load_double(b + (2 * q - 1) * stride) : sum;
}

/* Element q after two splits. */
INLINE vd twice_split(const double *b, ptrdiff_t stride, int q, const int first_odd, const int second_odd) {
  if (!second_odd) return once_split(b, stride, 2 * q, first_odd);
  vd sum = once_split(b, stride, 2 * q + 1, first_odd);
  return q ? sum + once_split(b, stride, 2 * q - 1, first_odd) : sum;
}

/* Of length 8 or 16 (constant). */
INLINE void sums_in_registers(vd *x, double *y, ptrdiff_t y_stride, const int length) {
  if (length == 16) sums_of_16(x);
  else sums_of_8(x);
#pragma GCC unroll 16
  for (int m = 0; m < length; m++) store_double(y + m * y_stride, x[m]);
}

INLINE void short_sums(const double *b, ptrdiff_t b_stride, double *y, ptrdiff_t y_stride, const int length) {
  for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
    vd x[16];
    for (int q = 0; q < length; q++) x[q] = load_double(b + q * b_stride + lane);
    sums_in_registers(x, y + lane, y_stride, length);
  }
}

INLINE void sums_of_quarter(const double *b, ptrdiff_t b_stride, double *sums, const int quarter, const int first_odd, const int second_odd) {
  for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
    vd x[16];
    for (int q = 0; q < quarter; q++) x[q] = twice_split(b + lane, b_stride, q, first_odd, second_odd);
    sums_in_registers(x, sums + lane, BLOCK, quarter);
  }
}

/* Two splits at once, of length 4 quarter (constant, 8 or 16); `secants` of the length, `half_secants` of its half. */
INLINE void sums_by_quarters(const double *secants, const double *half_secants, const double *b, ptrdiff_t b_stride, double *y,
                             ptrdiff_t y_stride, double *work, const int quarter) {
  ptrdiff_t block = quarter * BLOCK;
  sums_of_quarter(b, b_stride, work, quarter, 0, 0);
  sums_of_quarter(b, b_stride, work + block, quarter, 0, 1);
  sums_of_quarter(b, b_stride, work + 2 * block, quarter, 1, 0);
  sums_of_quarter(b, b_stride, work + 3 * block, quarter, 1, 1);
  for (int m = 0; m < quarter; m++) {
    int mirrored = 2 * quarter - 1 - m;
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      const double *sums = work + m * BLOCK + lane;
      vd even = load_double(sums), even_turned = half_secants[m] * load_double(sums + block);
      vd odd = load_double(sums + 2 * block), odd_turned = half_secants[m] * load_double(sums + 3 * block);
      vd near = secants[m] * (odd + odd_turned), far = secants[mirrored] * (odd - odd_turned);
      double *to = y + lane;
      store_double(to + m * y_stride, even + even_turned + near);
      store_double(to + (4 * quarter - 1 - m) * y_stride, even + even_turned - near);
      store_double(to + mirrored * y_stride, even - even_turned + far);
      store_double(to + (4 * quarter - 1 - mirrored) * y_stride, even - even_turned - far);
    }
  }
}

static void odd_sums(const double *table, int length, const double *b, ptrdiff_t b_stride, double *y, ptrdiff_t y_stride, double *work);

/* One split, through memory. */
static void sums_by_halves(const double *secants, int length, const double *b, ptrdiff_t b_stride, double *y, ptrdiff_t y_stride,
                           double *work) {
  int half = length / 2;
  ptrdiff_t block = (ptrdiff_t)half * BLOCK;
  double *even = work, *odd = even + block, *even_sums = odd + block, *sums_of_odd = even_sums + block;
  for (int q = 0; q < half; q++)
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      store_double(even + (ptrdiff_t)q * BLOCK + lane, once_split(b + lane, b_stride, q, 0));
      store_double(odd + (ptrdiff_t)q * BLOCK + lane, once_split(b + lane, b_stride, q, 1));
    }
  odd_sums(secants + half, half, even, BLOCK, even_sums, BLOCK, work + 4 * block);
  odd_sums(secants + half, half, odd, BLOCK, sums_of_odd, BLOCK, work + 4 * block);
  for (int m = 0; m < half; m++)
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      vd e = load_double(even_sums + (ptrdiff_t)m * BLOCK + lane);
      vd o = secants[m] * load_double(sums_of_odd + (ptrdiff_t)m * BLOCK + lane);
      store_double(y + m * y_stride + lane, e + o);
      store_double(y + (length - 1 - m) * y_stride + lane, e - o);
    }
}

INLINE int fits_in_registers(int length) { return length == 8 || length == 16; }
INLINE int is_split(int length) { return length >= SHORTEST_SPLIT && length % 2 == 0; }

/* y_m = sum_k b_k cos(pi (2 m + 1) k / (2 length)), m < length: the odd rows of a fold. Even and odd k apart are two such sums of half
   the length, the odd ones by 2 cos(a) cos((2 q + 1) a) = cos(2 q a) + cos((2 q + 2) a):

     y_m = E_m + O_m,  y_(length - 1 - m) = E_m - O_m,  2 cos(pi (2 m + 1) / (2 length)) O_m = sum_q (b_(2 q + 1) + b_(2 q - 1)) cos(...).

   `table` holds the secants 1 / (2 cos(...)) of each split, then the cosines of what is left unless that fits in registers. `work`: 4 length
   lines. */
static void odd_sums(const double *table, int length, const double *b, ptrdiff_t b_stride, double *y, ptrdiff_t y_stride, double *work) {
  if (length == 8) short_sums(b, b_stride, y, y_stride, 8);
  else if (length == 16) short_sums(b, b_stride, y, y_stride, 16);
  else if (length == 32) sums_by_quarters(table, SECANTS_16, b, b_stride, y, y_stride, work, 8);
  else if (length == 64) sums_by_quarters(table, table + 32, b, b_stride, y, y_stride, work, 16);
  else if (is_split(length)) sums_by_halves(table, length, b, b_stride, y, y_stride, work);
  else cosine_product(table, length, b, b_stride, y, y_stride);
}

/* Doubles that `odd_sums` of this length has in its table. */
static ptrdiff_t odd_table_length(int length) {
  if (fits_in_registers(length)) return 0;
  return is_split(length) ? length / 2 + odd_table_length(length / 2) : (ptrdiff_t)length * length;
}

/* Whether a line with this middle is folded there. */
INLINE int is_folded(int size, int middle) { return size % 2 == 0 && middle % 2 == 0 && middle >= SHORTEST_FOLD; }

/* One line: y_j = sum_k u_k cos(2 pi j k / N), u and y [N/2 + 1][BLOCK], u overwritten; odd rows of a fold that all come after `last` are
   left out. `tables` holds those of the odd rows of each fold and then the dense remainder; `work` N times BLOCK. */
static void cosine_line(const double *tables, double *u, double *y, int size, int last, double *work) {
  int middle = size / 2, step = 1;
  while (is_folded(size, middle)) {
    int half = middle / 2;
    for (int k = 0; k < half; k++) {
      double *a = u + (ptrdiff_t)k * BLOCK, *b = u + (ptrdiff_t)(middle - k) * BLOCK;
      for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
        vd left = load_double(a + lane), right = load_double(b + lane);
        store_double(a + lane, left + right);
        store_double(b + lane, left - right);
      }
    }
    double *odd_rows = y + (ptrdiff_t)step * BLOCK;
    if (last >= step) odd_sums(tables, half, u + (ptrdiff_t)middle * BLOCK, -(ptrdiff_t)BLOCK, odd_rows, (ptrdiff_t)2 * step * BLOCK, work);
    tables += odd_table_length(half);
    middle = half;
    step *= 2;
  }
  cosine_product(tables, middle + 1, u, BLOCK, y, (ptrdiff_t)step * BLOCK);
}

#endif
