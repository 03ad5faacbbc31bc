/* Many small symmetric matrices, packed by their upper triangle, row by row: (0,0), (0,1), ..., (1,1), ... in the first
   size (size + 1) / 2 of `stride` doubles. In registers one matrix per lane of a vector, an entry per vector. */
#ifndef LENSFIELD_PACKED_MATRICES_H
#define LENSFIELD_PACKED_MATRICES_H

#include "vector-double.h"

/* For a square of DOUBLE_LANES vectors a and b: what a keeps and takes from b, and the other way round, in each step of a transpose. */
#if DOUBLE_LANES == 8
#define TAKE_1(a, b) SHUFFLE_DOUBLE(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define GIVE_1(a, b) SHUFFLE_DOUBLE(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#define TAKE_2(a, b) SHUFFLE_DOUBLE(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define GIVE_2(a, b) SHUFFLE_DOUBLE(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define TAKE_4(a, b) SHUFFLE_DOUBLE(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define GIVE_4(a, b) SHUFFLE_DOUBLE(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
#elif DOUBLE_LANES == 4
#define TAKE_1(a, b) SHUFFLE_DOUBLE(a, b, 0, 4, 2, 6)
#define GIVE_1(a, b) SHUFFLE_DOUBLE(a, b, 1, 5, 3, 7)
#define TAKE_2(a, b) SHUFFLE_DOUBLE(a, b, 0, 1, 4, 5)
#define GIVE_2(a, b) SHUFFLE_DOUBLE(a, b, 2, 3, 6, 7)
#else
#define TAKE_1(a, b) SHUFFLE_DOUBLE(a, b, 0, 2)
#define GIVE_1(a, b) SHUFFLE_DOUBLE(a, b, 1, 3)
#endif

#define TRANSPOSE_STEP(rows, distance, take, give) \
  for (int i = 0; i < DOUBLE_LANES; i++)           \
    if (!(i & (distance))) {                       \
      vd a = rows[i], b = rows[i + (distance)];    \
      rows[i] = take(a, b);                        \
      rows[i + (distance)] = give(a, b);           \
    }

/* In place: lane j of row i to lane i of row j. */
INLINE void transpose_lanes(vd rows[DOUBLE_LANES]) {
  TRANSPOSE_STEP(rows, 1, TAKE_1, GIVE_1)
#if DOUBLE_LANES > 2
  TRANSPOSE_STEP(rows, 2, TAKE_2, GIVE_2)
#endif
#if DOUBLE_LANES > 4
  TRANSPOSE_STEP(rows, 4, TAKE_4, GIVE_4)
#endif
}

/* Entries of the matrices at `row`, one per lane. */
INLINE void load_matrices(const double *const row[DOUBLE_LANES], int stride, const int pairs, vd *entries) {
  for (int chunk = 0; chunk < pairs; chunk += DOUBLE_LANES) {
    vd rows[DOUBLE_LANES];
    int used = min_int(DOUBLE_LANES, pairs - chunk);
    for (int lane = 0; lane < DOUBLE_LANES; lane++)
      rows[lane] = chunk + DOUBLE_LANES <= stride ? load_double(row[lane] + chunk) : load_few(row[lane] + chunk, used);
    transpose_lanes(rows);
    for (int entry = 0; entry < used; entry++) entries[chunk + entry] = rows[entry];
  }
}

/* Of the matrices first ... first + DOUBLE_LANES - 1; lanes past the end repeat the last matrix. */
INLINE void load_packed(const double *packed, int stride, int first, int count, const int pairs, vd *entries) {
  const double *row[DOUBLE_LANES];
  for (int lane = 0; lane < DOUBLE_LANES; lane++) row[lane] = packed + (ptrdiff_t)min_int(first + lane, count - 1) * stride;
  load_matrices(row, stride, pairs, entries);
}

/* The other way round, and zeros to the end of the last vector where `stride` leaves room for them. */
INLINE void store_packed(double *packed, int stride, int first, int count, const int pairs, const vd *entries) {
  for (int chunk = 0; chunk < pairs; chunk += DOUBLE_LANES) {
    vd rows[DOUBLE_LANES];
    int used = min_int(DOUBLE_LANES, pairs - chunk);
    for (int entry = 0; entry < DOUBLE_LANES; entry++) rows[entry] = entry < used ? entries[chunk + entry] : (vd){0};
    transpose_lanes(rows);
    for (int lane = 0; lane < min_int(DOUBLE_LANES, count - first); lane++) {
      double *to = packed + (ptrdiff_t)(first + lane) * stride + chunk;
      if (chunk + DOUBLE_LANES <= stride) store_double(to, rows[lane]);
      else store_few(to, rows[lane], used);
    }
  }
}

#endif
