#include "kernels.h"
#include "threads.h"

/* Slices, padding, transposes, reversal, repetition: all are copies with strides. */
enum { EDGE = 16, WORTH_SHARING = 65536 };

struct axis {
  int32_t size, from, to;
};

static void copy_line(const float *from, float *to, struct axis axis) {
  if (axis.from == 1 && axis.to == 1) {
    __builtin_memcpy(to, from, (size_t)axis.size * sizeof(float));
    return;
  }
  if (axis.from == 0 && axis.to == 1) {
    for (int i = 0; i < axis.size; i++) to[i] = *from;
    return;
  }
  for (int i = 0; i < axis.size; i++) to[(ptrdiff_t)i * axis.to] = from[(ptrdiff_t)i * axis.from];
}

/* A transposed plane in squares, so that lines of both sides stay in the cache. */
static void copy_transposed(const float *from, float *to, struct axis row, struct axis column) {
  for (int r = 0; r < row.size; r += EDGE)
    for (int c = 0; c < column.size; c += EDGE)
      for (int i = r, rows = min_int(row.size, r + EDGE); i < rows; i++)
        for (int j = c, columns = min_int(column.size, c + EDGE); j < columns; j++)
          to[(ptrdiff_t)i * row.to + (ptrdiff_t)j * column.to] = from[(ptrdiff_t)i * row.from + (ptrdiff_t)j * column.from];
}

struct copy_job {
  const float *from;
  float *to;
  const struct axis *axes;
  int rank;
};

static void copy_from_axis(const struct copy_job *job, int depth, const float *from, float *to) {
  const struct axis *axis = &job->axes[depth];
  if (depth == job->rank - 1) {
    copy_line(from, to, *axis);
    return;
  }
  if (depth == job->rank - 2 && axis->from == 1 && axis[1].from != 1) {
    copy_transposed(from, to, *axis, axis[1]);
    return;
  }
  for (int i = 0; i < axis->size; i++) copy_from_axis(job, depth + 1, from + (ptrdiff_t)i * axis->from, to + (ptrdiff_t)i * axis->to);
}

static void copy_outer(int i, void *context) {
  const struct copy_job *job = context;
  copy_from_axis(job, 1, job->from + (ptrdiff_t)i * job->axes->from, job->to + (ptrdiff_t)i * job->axes->to);
}

/* to[to_offset + sum i_d to_d] = from[from_offset + sum i_d from_d]; axes: rank triples (size, from, to), outermost first, in floats. */
KERNEL void lf_copy_strided(const float *from, float *to, const int32_t *axes, int rank, int from_offset, int to_offset) {
  struct copy_job job = {from + from_offset, to + to_offset, (const struct axis *)axes, rank};
  int64_t elements = 1;
  for (int d = 0; d < rank; d++) elements *= job.axes[d].size;
  if (rank > 1 && elements >= WORTH_SHARING && job.axes->size > 1 && (rank > 2 || job.axes->from != 1))
    parallel_for(job.axes->size, copy_outer, &job);
  else if (elements > 0) copy_from_axis(&job, 0, job.from, job.to);
}

KERNEL void lf_fill(float *out, float value, int n) {
  for (int i = 0; i < n; i++) out[i] = value;
}

/* x [outer, size, inner], out [outer, count, inner]: out(o, i, :) = x(o, indices[i], :). Indices are checked by the caller. */
KERNEL void lf_gather(const float *x, const int32_t *indices, float *out, int outer, int size, int count, int inner) {
  for (int o = 0; o < outer; o++)
    for (int i = 0; i < count; i++)
      __builtin_memcpy(out + ((size_t)o * count + i) * inner, x + ((size_t)o * size + indices[i]) * inner, (size_t)inner * sizeof(float));
}

/* Transpose of lf_gather with outer = 1: out(indices[i], :) += x(i, :), out [size, inner] starting from zero; indices outside are left
   out. */
KERNEL void lf_scatter_add(const float *RESTRICT x, const int32_t *RESTRICT indices, float *RESTRICT out, int count, int size, int inner) {
  __builtin_memset(out, 0, (size_t)size * inner * sizeof(float));
  for (int i = 0; i < count; i++) {
    if (indices[i] < 0 || indices[i] >= size) continue;
    for (int j = 0; j < inner; j++) out[(size_t)indices[i] * inner + j] += x[(size_t)i * inner + j];
  }
}
