/* Discrete Fourier transform of real fields with the full symmetry of an isotropic spectrum: f(x, y) = f(-x, y) = f(y, x) on a
   periodic N x N grid. Only the distinct points 0 <= lo <= hi <= N/2 are kept, in the order hi (hi + 1) / 2 + lo, a few fields side
   by side in `lanes`, in blocks of eight: [lanes / 8][points][8]. Both passes are cosine sums. Where N/2 is even, both axes are folded at
   their middle first, f(k) + f(N/2 - k) for even rows of the result and f(k) - f(N/2 - k) for odd ones: of the four parts that this
   leaves, [even][odd] is the mirror image of [odd][even] and is not computed. */
#include "cosine-line.h"
#include "threads.h"

enum { LINES_PER_TASK = 2 };

/* One block of lanes between the axes, line by line: `even` [rows][rows], `mixed` [half][rows] (even along the first axis, which lies in the
   line, odd along the second) and `odd` [half][half], all of BLOCK; the last two when folded. */
struct even_job {
  const double *input, *tables, *even_tables;
  double *output, *even, *mixed, *odd;
  int size, even_size, rows, half; /* half = 0: not folded */
};

static ptrdiff_t distinct_index(int a, int b) {
  return a > b ? (ptrdiff_t)a * (a + 1) / 2 + b : (ptrdiff_t)b * (b + 1) / 2 + a;
}

/* How many of the points +k and -k differ: the weight of k in a sum over the full axis. */
static double axis_weight(int k, int size) { return k == 0 || 2 * k == size ? 1.0 : 2.0; }

INLINE void copy_point(const double *from, double *to) {
  for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) store_double(to + lane, load_double(from + lane));
}

/* weight_k weight_l f(k, l) for every k of the line l. */
static void gather_line(const struct even_job *job, int l, double *u) {
  double weight = axis_weight(l, job->size);
  for (int k = 0; k < job->rows; k++) {
    const double *from = job->input + distinct_index(k, l) * BLOCK;
    double both = weight * axis_weight(k, job->size);
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) store_double(u + k * BLOCK + lane, both * load_double(from + lane));
  }
}

/* The lines l and N/2 - l, folded along both axes. The middle of an axis is its own mirror image. */
static void gather_folded(const struct even_job *job, int l, double *even, double *mixed, double *odd) {
  int middle = job->size / 2, has_mirror = l < job->half;
  double weight = axis_weight(l, job->size);
  for (int k = 0; k < job->rows; k++) {
    const double *near = job->input + distinct_index(k, l) * BLOCK, *far = job->input + distinct_index(k, middle - l) * BLOCK;
    const double *back = job->input + distinct_index(middle - k, l) * BLOCK;
    const double *back_far = job->input + distinct_index(middle - k, middle - l) * BLOCK;
    double both = weight * axis_weight(k, job->size), mirrored = k < job->half ? both : 0.0;
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      vd a = both * load_double(near + lane), b = mirrored * load_double(back + lane), c = {0}, d = {0};
      if (has_mirror) c = both * load_double(far + lane), d = mirrored * load_double(back_far + lane);
      store_double(even + k * BLOCK + lane, (a + b) + (c + d));
      store_double(mixed + k * BLOCK + lane, (a + b) - (c + d));
      store_double(odd + k * BLOCK + lane, (a - b) - (c - d));
    }
  }
}

/* Reads `count` points down a column of width `width`. */
INLINE void gather_column(const double *column, double *u, int count, ptrdiff_t width) {
  for (int l = 0; l < count; l++) copy_point(column + l * width * BLOCK, u + l * BLOCK);
}

/* Lines that both axes need at hand; the last serves as the scratch of one. */
static double *line_scratch(const struct even_job *job) {
  return scratch(SCRATCH_OTHER, (size_t)(3 * job->rows + job->size) * BLOCK * sizeof(double));
}

static void first_axis(int task, void *context) {
  struct even_job *job = context;
  ptrdiff_t length = (ptrdiff_t)job->rows * BLOCK;
  double *u = line_scratch(job);
  if (!u) return;
  double *mixed = u + length, *odd = mixed + length, *work = odd + length;
  for (int l = task * LINES_PER_TASK; l < min_int(job->rows, (task + 1) * LINES_PER_TASK); l++) {
    if (job->half) gather_folded(job, l, u, mixed, odd);
    else gather_line(job, l, u);
    cosine_line(job->even_tables, u, job->even + l * length, job->even_size, job->rows - 1, work);
    if (l >= job->half) continue;
    cosine_line(job->even_tables, mixed, job->mixed + l * length, job->even_size, job->rows - 1, work);
    odd_sums(job->tables, job->half, odd, BLOCK, job->odd + (ptrdiff_t)l * job->half * BLOCK, BLOCK, work);
  }
}

static void second_axis(int task, void *context) {
  struct even_job *job = context;
  ptrdiff_t rows = job->rows, half = job->half, step = half ? 2 : 1;
  double *u = line_scratch(job);
  if (!u) return;
  double *y = u + rows * BLOCK, *work = y + rows * BLOCK, *out = job->output;
  for (int j = task * LINES_PER_TASK; j < min_int(job->rows, (task + 1) * LINES_PER_TASK); j++) {
    gather_column(job->even + j * BLOCK, u, job->rows, rows);
    cosine_line(job->even_tables, u, y, job->even_size, j, work);
    for (int m = 0; m <= j; m++) copy_point(y + m * BLOCK, out + distinct_index(step * j, step * m) * BLOCK);
    if (!half) continue;
    odd_sums(job->tables, half, job->mixed + j * BLOCK, rows * BLOCK, y, BLOCK, work);
    for (int m = 0; m < half; m++) copy_point(y + m * BLOCK, out + distinct_index(2 * j, 2 * m + 1) * BLOCK);
    if (j >= half) continue;
    odd_sums(job->tables, half, job->odd + j * BLOCK, half * BLOCK, y, BLOCK, work);
    for (int m = 0; m <= j; m++) copy_point(y + m * BLOCK, out + distinct_index(2 * j + 1, 2 * m + 1) * BLOCK);
  }
}

/* Places of the parts of one block in scratch space; 0 without memory. */
static int place_parts(struct even_job *job) {
  ptrdiff_t rows = job->rows, half = job->half;
  job->even = scratch(SCRATCH_MODES, (size_t)(rows * (rows + half) + half * half) * BLOCK * sizeof(double));
  if (!job->even) return 0;
  job->mixed = job->even + rows * rows * BLOCK;
  job->odd = job->mixed + rows * half * BLOCK;
  return 1;
}

static void start_block(struct even_job *job, int block) {
  ptrdiff_t length = distinct_index(job->size / 2 + 1, 0) * BLOCK;
  job->input += block * length;
  job->output += block * length;
}

static int tasks_of(const struct even_job *job) { return (job->rows + LINES_PER_TASK - 1) / LINES_PER_TASK; }

/* A whole block in one thread. */
static void block_task(int block, void *context) {
  struct even_job job = *(const struct even_job *)context;
  if (!place_parts(&job)) return;
  start_block(&job, block);
  for (int task = 0; task < tasks_of(&job); task++) first_axis(task, &job);
  for (int task = 0; task < tasks_of(&job); task++) second_axis(task, &job);
}

static struct even_job even_job_of(const double *input, double *output, const double *tables, int size) {
  struct even_job job = {.input = input, .output = output, .tables = tables, .even_tables = tables, .size = size, .even_size = size};
  if (is_folded(size, size / 2)) {
    job.half = size / 4;
    job.even_size = size / 2;
    job.even_tables = tables + odd_table_length(job.half);
  }
  job.rows = job.even_size / 2 + 1;
  return job;
}

/* output(j, m) = sum over the size x size grid of input(k, l) cos(2 pi (j k + m l) / size), unnormalised; its own inverse but for
   the factor 1/size^2, and its own transpose when gradients are taken per point of the full grid. Threads share blocks, or the lines
   of each block when there are more threads than blocks; every line is computed alike. Returns 0, or 1 without memory. */
KERNEL int lf_even_transform(const double *input, double *output, const double *tables, int size, int lanes) {
  struct even_job all = even_job_of(input, output, tables, size);
  int blocks = lanes / BLOCK;
  if (!place_parts(&all)) return 1;
  if (thread_count() <= blocks) {
    parallel_for(blocks, block_task, &all);
    return 0;
  }
  for (int block = 0; block < blocks; block++) {
    struct even_job job = all;
    start_block(&job, block);
    parallel_for(tasks_of(&job), first_axis, &job);
    parallel_for(tasks_of(&job), second_axis, &job);
  }
  return 0;
}
