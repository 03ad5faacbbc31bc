/* Discrete Fourier transform of real fields with the full symmetry of an isotropic spectrum: f(x, y) = f(-x, y) = f(y, x) on a
   periodic N x N grid. Only the distinct points 0 <= lo <= hi <= N/2 are kept, in the order hi (hi + 1) / 2 + lo, a few fields side
   by side in `lanes`, in blocks of eight: [lanes / 8][points][8]. Both passes are cosine sums. */
#include "cosine-line.h"
#include "threads.h"

enum { LINES_PER_TASK = 4 };

/* One block of lanes; `half_way` [N/2 + 1][N/2 + 1][BLOCK]. */
struct even_job {
  const double *input, *tables;
  double *output, *half_way;
  int size, points;
};

static ptrdiff_t distinct_index(int a, int b) {
  return a > b ? (ptrdiff_t)a * (a + 1) / 2 + b : (ptrdiff_t)b * (b + 1) / 2 + a;
}

/* How many of the points +k and -k differ: the weight of k in a sum over the full axis. */
static double axis_weight(int k, int size) { return k == 0 || 2 * k == size ? 1.0 : 2.0; }

INLINE void copy_points(const double *from, double *to, int points) {
  for (ptrdiff_t i = 0; i < (ptrdiff_t)points * BLOCK; i += DOUBLE_LANES) store_double(to + i, load_double(from + i));
}

/* u_k = weight_k weight_l f(k, l) for every k: the row of l to its end on the diagonal, then down its column. */
static void gather_line(const struct even_job *job, int l, double *u) {
  const double *from = job->input + distinct_index(l, 0) * BLOCK;
  double weight = axis_weight(l, job->size);
  for (int k = 0; k < job->points; k++) {
    double both = weight * axis_weight(k, job->size);
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) store_double(u + k * BLOCK + lane, both * load_double(from + lane));
    from += (k < l ? 1 : k + 1) * BLOCK;
  }
}

static void first_axis(int task, void *context) {
  struct even_job *job = context;
  ptrdiff_t points = job->points;
  double *u = scratch(SCRATCH_OTHER, (size_t)(2 * points + job->size) * BLOCK * sizeof(double));
  if (!u) return;
  double *y = u + points * BLOCK, *work = y + points * BLOCK;
  for (int l = task * LINES_PER_TASK; l < min_int(job->points, (task + 1) * LINES_PER_TASK); l++) {
    gather_line(job, l, u);
    cosine_line(job->tables, u, y, job->size, job->points - 1, work);
    for (int j = 0; j < points; j++) copy_points(y + j * BLOCK, job->half_way + (j * points + l) * BLOCK, 1);
  }
}

static void second_axis(int task, void *context) {
  struct even_job *job = context;
  double *y = scratch(SCRATCH_OTHER, (size_t)(job->points + job->size) * BLOCK * sizeof(double));
  if (!y) return;
  for (int j = task * LINES_PER_TASK; j < min_int(job->points, (task + 1) * LINES_PER_TASK); j++) {
    cosine_line(job->tables, job->half_way + (ptrdiff_t)j * job->points * BLOCK, y, job->size, j, y + (ptrdiff_t)job->points * BLOCK);
    copy_points(y, job->output + distinct_index(j, 0) * BLOCK, j + 1);
  }
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
KERNEL int lf_even_transform(const double *input, double *output, const double *tables, int size, int lanes) {
  int points = size / 2 + 1, blocks = lanes / BLOCK, tasks = (points + LINES_PER_TASK - 1) / LINES_PER_TASK;
  struct even_job all = {.input = input, .tables = tables, .output = output, .size = size, .points = points};
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
