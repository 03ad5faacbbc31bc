#include "normalise.h"

struct normalise_job {
  struct sets sets;
  const float *x, *scale, *offset;
  float *out, *moments;
  double *partials; /* per (outer, slab): means of the channels, then sums of squares around them */
  int slab, slabs;
};

/* Joins the mean and the sum of squares around it of n more numbers to those of `count` (Chan, Golub and LeVeque 1979). */
INLINE void join(double *mean, double *squares, double count, double n, double mean_n, double squares_n) {
  double step = mean_n - *mean;
  *mean += step * (n / (count + n));
  *squares += squares_n + step * step * (count * n / (count + n));
}

/* Both sums of SHORT rows at most, around the chunk's own mean: exact where the mean is far from zero. */
static void measure_chunk(const float *RESTRICT x, int n, ptrdiff_t row, int columns, double count, double *mean, double *squares) {
  float centre[COLUMNS], rest[COLUMNS], square[COLUMNS];
  for (int c = 0; c < columns; c++) centre[c] = rest[c] = square[c] = 0;
  for (int r = 0; r < n; r++)
    for (int c = 0; c < columns; c++) centre[c] += x[r * row + c];
  float share = 1.0f / (float)n;
  for (int c = 0; c < columns; c++) centre[c] *= share;
  for (int r = 0; r < n; r++)
    for (int c = 0; c < columns; c++) {
      float d = x[r * row + c] - centre[c];
      rest[c] += d;
      square[c] += d * d;
    }
  for (int c = 0; c < columns; c++) {
    double shift = (double)rest[c] / n;
    join(mean + c, squares + c, count, n, (double)centre[c] + shift, (double)square[c] - n * shift * shift);
  }
}

static void measure_slab(int task, void *context) {
  const struct normalise_job *job = context;
  const struct sets *s = &job->sets;
  int o = task / job->slabs, from = task % job->slabs * job->slab, rows = min_int(job->slab, s->length - from);
  const float *x = job->x + ((size_t)o * s->length + from) * s->channels;
  double *mean = job->partials + (size_t)task * 2 * s->channels, *squares = mean + s->channels;
  for (int c = 0; c < s->channels; c++) mean[c] = squares[c] = 0;
  for (int r = 0; r < rows; r += SHORT)
    for (int c = 0; c < s->channels; c += COLUMNS)
      measure_chunk(x + (size_t)r * s->channels + c, min_int(SHORT, rows - r), s->channels, min_int(COLUMNS, s->channels - c), r, mean + c,
                    squares + c);
}

/* Moments of each set from those of its channels in its slabs. */
static void join_moments(const struct normalise_job *job) {
  const struct sets *s = &job->sets;
  int sets = s->outer * s->groups;
  for (int set = 0; set < sets; set++) {
    double mean = 0, squares = 0, count = 0;
    for (int slab = 0; slab < job->slabs; slab++) {
      double rows = min_int(job->slab, s->length - slab * job->slab);
      const double *means = job->partials + ((size_t)(set / s->groups) * job->slabs + slab) * 2 * s->channels;
      for (int c = set % s->groups * s->width, end = c + s->width; c < end; c++, count += rows)
        join(&mean, &squares, count, rows, means[c], means[s->channels + c]);
    }
    job->moments[set] = (float)mean;
    job->moments[sets + set] = (float)(squares / count);
  }
}

static void write_slab(int task, void *context) {
  const struct normalise_job *job = context;
  const struct sets *s = &job->sets;
  int o = task / job->slabs, from = task % job->slabs * job->slab, rows = min_int(job->slab, s->length - from);
  size_t start = ((size_t)o * s->length + from) * s->channels;
  for (int first = 0; first < s->channels; first += COLUMNS) {
    int columns = min_int(COLUMNS, s->channels - first);
    float centre[COLUMNS], factor[COLUMNS];
    spread_moments(s, job->moments, o, first, columns, centre, factor);
    for (int c = 0; c < columns; c++) factor[c] *= job->scale[first + c];
    const float *RESTRICT x = job->x + start + first, *RESTRICT offset = job->offset + first;
    float *RESTRICT out = job->out + start + first;
    for (int r = 0; r < rows; r++, x += s->channels, out += s->channels)
      for (int c = 0; c < columns; c++) out[c] = (x[c] - centre[c]) * factor[c] + offset[c];
  }
}

/* Sums of x - centre and of its square, in float over SHORT vectors, then in double. */
static void row_sums(const float *x, int n, float centre, double *sum, double *squares) {
  double total = 0, total_square = 0;
  int i = 0;
  while (i + LANES <= n) {
    int end = i + min_int((n - i) / LANES, SHORT) * LANES;
    vf a = splat(0.0f), b = splat(0.0f);
    for (; i < end; i += LANES) {
      vf d = load(x + i) - centre;
      a += d;
      b += d * d;
    }
    total += sum_lanes(a);
    total_square += sum_lanes(b);
  }
  for (; i < n; i++) {
    double d = (double)(x[i] - centre);
    total += d;
    total_square += d * d;
  }
  *sum = total;
  *squares = total_square;
}

/* One set whose numbers lie side by side. */
static void normalise_row(const struct normalise_job *job, int set) {
  const struct sets *s = &job->sets;
  int width = s->width, channel = set % s->groups * width;
  const float *RESTRICT x = job->x + (size_t)set * width;
  float *RESTRICT out = job->out + (size_t)set * width;
  double sum, squares;
  row_sums(x, width, 0.0f, &sum, &squares);
  float centre = (float)(sum / width);
  row_sums(x, width, centre, &sum, &squares);
  double shift = sum / width;
  job->moments[set] = (float)((double)centre + shift);
  job->moments[s->outer * s->groups + set] = (float)(squares / width - shift * shift);
  float mean = job->moments[set], factor = inverse_deviation(s, job->moments, set);
  const float *RESTRICT scale = job->scale + channel, *RESTRICT offset = job->offset + channel;
  for (int c = 0; c < width; c++) out[c] = (x[c] - mean) * (factor * scale[c]) + offset[c];
}

static void normalise_rows(int task, void *context) {
  const struct normalise_job *job = context;
  int per_outer = job->sets.groups, from = task * job->slab, to = min_int(job->sets.outer, from + job->slab);
  for (int set = from * per_outer; set < to * per_outer; set++) normalise_row(job, set);
}

/* out = (x - mean) / sqrt(variance + epsilon) * scale + offset over each set of x [outer, length, groups, width] (normalise.h), with the
   biased variance; scale, offset [groups * width]; moments [2, outer, groups]: means, variances. A NaN or an infinity in a set makes
   the whole set NaN. Returns 1 when memory ran out, else 0. */
KERNEL int lf_normalise(const float *x, const float *scale, const float *offset, float *out, float *moments, int outer, int length,
                        int groups, int width, float epsilon) {
  struct normalise_job job = {.sets = sets_of(outer, length, groups, width, epsilon), .x = x, .scale = scale, .offset = offset, .out = out,
                              .moments = moments};
  const struct sets *s = &job.sets;
  if (length == 1) {
    job.slab = rows_per_task(s, 1);
    run_tasks(s, tasks_of(outer, job.slab), normalise_rows, &job);
    return 0;
  }
  job.slab = rows_per_task(s, SHORT);
  job.slabs = tasks_of(length, job.slab);
  int tasks = outer * job.slabs;
  job.partials = scratch(SCRATCH_REDUCTION, (size_t)tasks * 2 * s->channels * sizeof(double));
  if (!job.partials) return 1;
  run_tasks(s, tasks, measure_slab, &job);
  join_moments(&job);
  run_tasks(s, tasks, write_slab, &job);
  return 0;
}
