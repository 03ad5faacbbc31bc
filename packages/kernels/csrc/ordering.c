#include "kernels.h"
#include "threads.h"

/* Running sums and sorting orders of rows. */
enum { COLUMNS = 64, WORTH_SHARING = 32768, FEW = 48, DIGITS = 256 };

struct cumulative_job {
  const float *x;
  float *out;
  int length, inner, blocks, is_exclusive, is_reverse;
};

/* At most COLUMNS neighbouring lines, in double. */
static void accumulate(int task, void *context) {
  const struct cumulative_job *job = context;
  int first = task % job->blocks * COLUMNS, columns = min_int(COLUMNS, job->inner - first);
  size_t start = (size_t)(task / job->blocks) * job->length * job->inner + first;
  double total[COLUMNS] = {0};
  for (int i = 0; i < job->length; i++) {
    size_t at = start + (size_t)(job->is_reverse ? job->length - 1 - i : i) * job->inner;
    for (int c = 0; c < columns; c++) {
      double before = total[c];
      total[c] += (double)job->x[at + c];
      job->out[at + c] = (float)(job->is_exclusive ? before : total[c]);
    }
  }
}

static void run(int tasks, int64_t elements, parallel_body body, void *context) {
  if (elements >= WORTH_SHARING) parallel_for(tasks, body, context);
  else for (int task = 0; task < tasks; task++) body(task, context);
}

/* Running sums of x [outer, length, inner] along the middle axis, in double: up to and with each entry, or without it; from the end
   where is_reverse. */
KERNEL void lf_cumulative_sum(const float *x, float *out, int outer, int length, int inner, int is_exclusive, int is_reverse) {
  struct cumulative_job job = {x, out, length, inner, (inner + COLUMNS - 1) / COLUMNS, is_exclusive, is_reverse};
  run(outer * job.blocks, (int64_t)outer * length * inner, accumulate, &job);
}

struct order_job {
  const float *x;
  int32_t *order;
  int columns, is_descending, is_flat;
  int *failed;
};

/* A whole number that sorts as the float does: -0 as 0, every NaN above Infinity. */
static uint32_t key_of(float x, int is_descending) {
  union {
    float value;
    uint32_t bits;
  } u = {x == 0.0f ? 0.0f : x};
  uint32_t key = x != x ? 0xffffffffu : u.bits & 0x80000000u ? ~u.bits : u.bits | 0x80000000u;
  return is_descending ? ~key : key;
}

/* Keys in the upper half, places in the lower: no two are equal, so that equal keys stay in order. */
static void insertion_sort(uint64_t *entries, int n) {
  for (int i = 1; i < n; i++) {
    uint64_t entry = entries[i];
    int j = i;
    for (; j > 0 && entries[j - 1] > entry; j--) entries[j] = entries[j - 1];
    entries[j] = entry;
  }
}

/* One digit of the keys at a time, from the lowest; four passes end where they began. */
static void radix_sort(uint64_t *entries, uint64_t *other, int n) {
  for (int shift = 32; shift < 64; shift += 8) {
    int32_t starts[DIGITS] = {0};
    for (int i = 0; i < n; i++) starts[entries[i] >> shift & (DIGITS - 1)]++;
    for (int digit = 0, start = 0; digit < DIGITS; digit++) {
      int count = starts[digit];
      starts[digit] = start;
      start += count;
    }
    for (int i = 0; i < n; i++) other[starts[entries[i] >> shift & (DIGITS - 1)]++] = entries[i];
    uint64_t *swapped = entries;
    entries = other;
    other = swapped;
  }
}

static void order_row(int row, void *context) {
  const struct order_job *job = context;
  int n = job->columns;
  uint64_t *entries = scratch(SCRATCH_OTHER, (size_t)2 * n * sizeof(uint64_t));
  if (!entries) {
    *job->failed = 1;
    return;
  }
  const float *x = job->x + (size_t)row * n;
  for (int i = 0; i < n; i++) entries[i] = (uint64_t)key_of(x[i], job->is_descending) << 32 | (uint32_t)i;
  if (n <= FEW) insertion_sort(entries, n);
  else radix_sort(entries, entries + n, n);
  int32_t *order = job->order + (size_t)row * n, from = job->is_flat ? row * n : 0;
  for (int i = 0; i < n; i++) order[i] = (int32_t)(uint32_t)entries[i] + from;
}

/* Places of the entries of each row of x [rows, columns] in rising order (falling where is_descending), equal ones in their own order,
   NaN as the largest; in the whole of x where is_flat, else in the row. Returns 1 when memory ran out, else 0. */
KERNEL int lf_sort_order(const float *x, int32_t *order, int rows, int columns, int is_descending, int is_flat) {
  int failed = 0;
  struct order_job job = {x, order, columns, is_descending, is_flat, &failed};
  run(rows, (int64_t)rows * columns, order_row, &job);
  return failed;
}
