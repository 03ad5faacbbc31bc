/* Discrete Fourier transform of real fields with the full symmetry of an isotropic spectrum: f(x, y) = f(-x, y) = f(y, x) on a
   periodic N x N grid. Only the distinct points 0 <= lo <= hi <= N/2 are kept, in the order hi (hi + 1) / 2 + lo, a few fields side
   by side in `lanes`, in blocks of eight: [lanes / 8][points][8]. Both passes are cosine sums; for even lengths the sum over k is folded
   at its middle, again and again, and the odd rows that each fold leaves are split into even and odd k, so that every size is allowed
   and those with many factors of two are fast. */
#include "threads.h"
#include "vector-double.h"

#if defined(__AVX512F__)
#define TILE_ROWS 8
#elif defined(__AVX__)
#define TILE_ROWS 6
#else
#define TILE_ROWS 4
#endif

/* Below these lengths a fold or a split saves nothing. What a block of lanes needs between its passes stays in the cache of a core. */
enum { SHORTEST_FOLD = 8, SHORTEST_SPLIT = 32, LINES_PER_TASK = 4, BLOCK = 8 };

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

static void cosine_product(const double *matrix, int length, const double *in, ptrdiff_t in_stride, double *out, ptrdiff_t out_stride,
                           int rows) {
  int row = 0;
  for (; row + TILE_ROWS <= rows; row += TILE_ROWS)
    cosine_rows(matrix + (ptrdiff_t)row * length, length, in, in_stride, out + row * out_stride, out_stride, TILE_ROWS);
  for (; row + 2 <= rows; row += 2)
    cosine_rows(matrix + (ptrdiff_t)row * length, length, in, in_stride, out + row * out_stride, out_stride, 2);
  for (; row < rows; row++)
    cosine_rows(matrix + (ptrdiff_t)row * length, length, in, in_stride, out + row * out_stride, out_stride, 1);
}

/* The first `rows` of y_m = sum_k b_k cos(pi (2 m + 1) k / (2 length)), m < length: the odd rows of a fold. Even and odd k apart are two
   such sums of half the length, the odd ones by 2 cos(a) cos((2 q + 1) a) = cos(2 q a) + cos((2 q + 2) a):

     y_m = E_m + O_m,  y_(length - 1 - m) = E_m - O_m,  2 cos(pi (2 m + 1) / (2 length)) O_m = sum_q (b_(2 q + 1) + b_(2 q - 1)) cos(...).

   `matrices` holds those of this length, then of its half, and so on. `work`: 4 length lines. */
static void odd_rows(const double *matrices, int length, const double *b, ptrdiff_t b_stride, double *y, ptrdiff_t y_stride, int rows,
                     double *work) {
  if (length < SHORTEST_SPLIT || length % 2) {
    cosine_product(matrices, length, b, b_stride, y, y_stride, rows);
    return;
  }
  int half = length / 2, computed = min_int(rows, half);
  ptrdiff_t block = (ptrdiff_t)half * BLOCK;
  double *even = work, *odd = even + block, *even_sums = odd + block, *odd_sums = even_sums + block;
  for (int q = 0; q < half; q++)
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      const double *own = b + (ptrdiff_t)2 * q * b_stride + lane;
      vd sum = load_double(own + b_stride);
      if (q) sum += load_double(own - b_stride);
      store_double(even + (ptrdiff_t)q * BLOCK + lane, load_double(own));
      store_double(odd + (ptrdiff_t)q * BLOCK + lane, sum);
    }
  const double *next = matrices + (ptrdiff_t)length * length;
  odd_rows(next, half, even, BLOCK, even_sums, BLOCK, computed, work + 4 * block);
  odd_rows(next, half, odd, BLOCK, odd_sums, BLOCK, computed, work + 4 * block);
  for (int m = 0; m < computed; m++) {
    double secant = 0.5 / matrices[(ptrdiff_t)m * length + 1];
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      vd e = load_double(even_sums + (ptrdiff_t)m * BLOCK + lane), o = secant * load_double(odd_sums + (ptrdiff_t)m * BLOCK + lane);
      store_double(y + m * y_stride + lane, e + o);
      if (length - 1 - m < rows) store_double(y + (length - 1 - m) * y_stride + lane, e - o);
    }
  }
}

/* One line: y_j = sum_k u_k cos(2 pi j k / N) for j <= last, u and y [N/2 + 1][BLOCK], u overwritten. `matrices` holds the odd rows of each
   fold and then the dense remainder; `work` N times BLOCK. */
static void cosine_line(const double *matrices, double *u, double *y, int size, int last, double *work) {
  int middle = size / 2, step = 1;
  while (size % 2 == 0 && middle % 2 == 0 && middle >= SHORTEST_FOLD) {
    int half = middle / 2;
    for (int k = 0; k < half; k++) {
      double *a = u + (ptrdiff_t)k * BLOCK, *b = u + (ptrdiff_t)(middle - k) * BLOCK;
      for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
        vd left = load_double(a + lane), right = load_double(b + lane);
        store_double(a + lane, left + right);
        store_double(b + lane, left - right);
      }
    }
    int rows = last >= step ? (last / step - 1) / 2 + 1 : 0;
    odd_rows(matrices, half, u + (ptrdiff_t)middle * BLOCK, -(ptrdiff_t)BLOCK, y + (ptrdiff_t)step * BLOCK, (ptrdiff_t)2 * step * BLOCK, rows,
             work);
    matrices += (ptrdiff_t)half * half;
    middle = half;
    step *= 2;
  }
  cosine_product(matrices, middle + 1, u, BLOCK, y, (ptrdiff_t)step * BLOCK, last / step + 1);
}

/* One block of lanes; `half_way` [N/2 + 1][N/2 + 1][BLOCK]. */
struct even_job {
  const double *input, *matrices;
  double *output, *half_way;
  int size, points;
};

static ptrdiff_t distinct_index(int a, int b) {
  return a > b ? (ptrdiff_t)a * (a + 1) / 2 + b : (ptrdiff_t)b * (b + 1) / 2 + a;
}

/* How many of the points +k and -k differ: the weight of k in a sum over the full axis. */
static double axis_weight(int k, int size) { return k == 0 || 2 * k == size ? 1.0 : 2.0; }

static void first_axis(int task, void *context) {
  struct even_job *job = context;
  int points = job->points;
  double *u = scratch(SCRATCH_OTHER, (size_t)(2 * points + job->size) * BLOCK * sizeof(double));
  if (!u) return;
  double *y = u + (ptrdiff_t)points * BLOCK, *work = y + (ptrdiff_t)points * BLOCK;
  for (int l = task * LINES_PER_TASK; l < min_int(points, (task + 1) * LINES_PER_TASK); l++) {
    for (int k = 0; k < points; k++) {
      const double *from = job->input + distinct_index(k, l) * BLOCK;
      double weight = axis_weight(k, job->size) * axis_weight(l, job->size);
      for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES)
        store_double(u + (ptrdiff_t)k * BLOCK + lane, weight * load_double(from + lane));
    }
    cosine_line(job->matrices, u, y, job->size, points - 1, work);
    for (int j = 0; j < points; j++)
      for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES)
        store_double(job->half_way + ((ptrdiff_t)j * points + l) * BLOCK + lane, load_double(y + (ptrdiff_t)j * BLOCK + lane));
  }
}

static void second_axis(int task, void *context) {
  struct even_job *job = context;
  double *work = scratch(SCRATCH_OTHER, (size_t)job->size * BLOCK * sizeof(double));
  if (!work) return;
  for (int j = task * LINES_PER_TASK; j < min_int(job->points, (task + 1) * LINES_PER_TASK); j++)
    cosine_line(job->matrices, job->half_way + (ptrdiff_t)j * job->points * BLOCK, job->output + distinct_index(j, 0) * BLOCK,
                job->size, j, work);
}

static double *half_way_scratch(int points) {
  return scratch(SCRATCH_MODES, (size_t)points * points * BLOCK * sizeof(double));
}

static struct even_job block_of(const struct even_job *all, int block, double *half_way) {
  struct even_job job = *all;
  ptrdiff_t length = distinct_index(all->points, 0) * BLOCK;
  job.input += block * length;
  job.output += block * length;
  job.half_way = half_way;
  return job;
}

/* A whole block in one thread. */
static void block_task(int block, void *context) {
  const struct even_job *all = context;
  double *half_way = half_way_scratch(all->points);
  if (!half_way) return;
  struct even_job job = block_of(all, block, half_way);
  int tasks = (job.points + LINES_PER_TASK - 1) / LINES_PER_TASK;
  for (int task = 0; task < tasks; task++) first_axis(task, &job);
  for (int task = 0; task < tasks; task++) second_axis(task, &job);
}

/* output(j, m) = sum over the size x size grid of input(k, l) cos(2 pi (j k + m l) / size), unnormalised; its own inverse but for
   the factor 1/size^2, and its own transpose when gradients are taken per point of the full grid. Threads share blocks, or the lines
   of each block when there are more threads than blocks; every line is computed alike. Returns 0, or 1 without memory. */
KERNEL int lf_even_transform(const double *input, double *output, const double *matrices, int size, int lanes) {
  int points = size / 2 + 1, blocks = lanes / BLOCK, tasks = (points + LINES_PER_TASK - 1) / LINES_PER_TASK;
  struct even_job all = {.input = input, .matrices = matrices, .output = output, .size = size, .points = points};
  double *half_way = half_way_scratch(points);
  if (!half_way) return 1;
  if (thread_count() <= blocks) {
    parallel_for(blocks, block_task, &all);
    return 0;
  }
  for (int block = 0; block < blocks; block++) {
    struct even_job job = block_of(&all, block, half_way);
    parallel_for(tasks, first_axis, &job);
    parallel_for(tasks, second_axis, &job);
  }
  return 0;
}
