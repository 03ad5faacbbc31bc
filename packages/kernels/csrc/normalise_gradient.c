#include "normalise.h"

/* With h = (x - mean) / deviation and g = scale dy: d offset = sum dy, d scale = sum dy h, and over each set of n numbers
   dx = (g - sum(g) / n - h sum(g h) / n) / deviation. */
struct gradient_job {
  struct sets sets;
  const float *dy, *x, *scale, *moments;
  float *dx;
  double *partials; /* per task: sum of dy by channel, then sum of dy h */
  float *pulls;     /* per set: sum(g) / n / deviation, sum(g h) / n / deviation^2 */
  int slab, slabs;
};

/* Adds both sums over SHORT rows at most. */
static void sum_chunk(const float *RESTRICT dy, const float *RESTRICT x, int n, ptrdiff_t row, int columns, const float *RESTRICT centre,
                      double *plain, double *weighted) {
  float a[COLUMNS], b[COLUMNS];
  for (int c = 0; c < columns; c++) a[c] = b[c] = 0;
  for (int r = 0; r < n; r++)
    for (int c = 0; c < columns; c++) {
      float g = dy[r * row + c];
      a[c] += g;
      b[c] += g * (x[r * row + c] - centre[c]);
    }
  for (int c = 0; c < columns; c++) {
    plain[c] += (double)a[c];
    weighted[c] += (double)b[c];
  }
}

static void sum_slab(int task, void *context) {
  const struct gradient_job *job = context;
  const struct sets *s = &job->sets;
  int o = task / job->slabs, from = task % job->slabs * job->slab, rows = min_int(job->slab, s->length - from);
  size_t start = ((size_t)o * s->length + from) * s->channels;
  double *plain = job->partials + (size_t)task * 2 * s->channels, *weighted = plain + s->channels;
  for (int c = 0; c < s->channels; c++) plain[c] = weighted[c] = 0;
  for (int first = 0; first < s->channels; first += COLUMNS) {
    int columns = min_int(COLUMNS, s->channels - first);
    float centre[COLUMNS], inverse[COLUMNS];
    spread_moments(s, job->moments, o, first, columns, centre, inverse);
    for (int r = 0; r < rows; r += SHORT) {
      size_t at = start + (size_t)r * s->channels + first;
      sum_chunk(job->dy + at, job->x + at, min_int(SHORT, rows - r), s->channels, columns, centre, plain + first, weighted + first);
    }
    for (int c = 0; c < columns; c++) weighted[first + c] *= (double)inverse[c];
  }
}

/* Adds the slabs of one outer index up into its first. */
static double *slab_totals(const struct gradient_job *job, int o) {
  int channels = 2 * job->sets.channels;
  double *total = job->partials + (size_t)o * job->slabs * channels;
  for (int slab = 1; slab < job->slabs; slab++)
    for (int c = 0; c < channels; c++) total[c] += total[(size_t)slab * channels + c];
  return total;
}

static void pull_sets(const struct gradient_job *job, int o, const double *total) {
  const struct sets *s = &job->sets;
  double share = 1.0 / ((double)s->length * s->width);
  for (int group = 0; group < s->groups; group++) {
    int set = o * s->groups + group;
    double plain = 0, weighted = 0, inverse = (double)inverse_deviation(s, job->moments, set);
    for (int c = group * s->width; c < (group + 1) * s->width; c++) {
      plain += (double)job->scale[c] * total[c];
      weighted += (double)job->scale[c] * total[s->channels + c];
    }
    job->pulls[2 * set] = (float)(plain * share * inverse);
    job->pulls[2 * set + 1] = (float)(weighted * share * inverse * inverse);
  }
}

static void write_slab(int task, void *context) {
  const struct gradient_job *job = context;
  const struct sets *s = &job->sets;
  int o = task / job->slabs, from = task % job->slabs * job->slab, rows = min_int(job->slab, s->length - from);
  size_t start = ((size_t)o * s->length + from) * s->channels;
  for (int first = 0; first < s->channels; first += COLUMNS) {
    int columns = min_int(COLUMNS, s->channels - first);
    float centre[COLUMNS], factor[COLUMNS], level[COLUMNS], tilt[COLUMNS];
    spread_moments(s, job->moments, o, first, columns, centre, factor);
    for (int c = 0; c < columns; c++) {
      const float *pull = job->pulls + 2 * ((size_t)o * s->groups + (first + c) / s->width);
      factor[c] *= job->scale[first + c];
      level[c] = pull[0];
      tilt[c] = pull[1];
    }
    const float *RESTRICT dy = job->dy + start + first, *RESTRICT x = job->x + start + first;
    float *RESTRICT dx = job->dx + start + first;
    for (int r = 0; r < rows; r++, dy += s->channels, x += s->channels, dx += s->channels)
      for (int c = 0; c < columns; c++) dx[c] = (dy[c] * factor[c] - level[c]) - (x[c] - centre[c]) * tilt[c];
  }
}

/* One set whose numbers lie side by side; adds to the sums by channel. */
static void row_gradient(const struct gradient_job *job, int set, double *RESTRICT plain, double *RESTRICT weighted) {
  const struct sets *s = &job->sets;
  int width = s->width, channel = set % s->groups * width;
  const float *RESTRICT dy = job->dy + (size_t)set * width, *RESTRICT x = job->x + (size_t)set * width;
  const float *RESTRICT scale = job->scale + channel;
  float *RESTRICT dx = job->dx + (size_t)set * width;
  float centre = job->moments[set], inverse = inverse_deviation(s, job->moments, set);
  double sum = 0, sum_h = 0;
  for (int from = 0; from < width; from += SHORT * LANES) {
    int to = min_int(width, from + SHORT * LANES), c = from;
    vf a = splat(0.0f), b = splat(0.0f);
    for (; c + LANES <= to; c += LANES) {
      vf g = load(dy + c) * load(scale + c);
      a += g;
      b += g * (load(x + c) - centre);
    }
    sum += sum_lanes(a);
    sum_h += sum_lanes(b);
    for (; c < to; c++) sum += (double)(dy[c] * scale[c]), sum_h += (double)(dy[c] * scale[c] * (x[c] - centre));
  }
  float level = (float)(sum / width) * inverse, tilt = (float)(sum_h / width) * inverse * inverse * inverse;
  for (int c = 0; c < width; c++) {
    float d = x[c] - centre;
    dx[c] = (dy[c] * (scale[c] * inverse) - level) - d * tilt;
    plain[channel + c] += (double)dy[c];
    weighted[channel + c] += (double)(dy[c] * (d * inverse));
  }
}

static void row_gradients(int task, void *context) {
  const struct gradient_job *job = context;
  const struct sets *s = &job->sets;
  double *plain = job->partials + (size_t)task * 2 * s->channels, *weighted = plain + s->channels;
  for (int c = 0; c < s->channels; c++) plain[c] = weighted[c] = 0;
  int from = task * job->slab * s->groups, to = min_int(s->outer, (task + 1) * job->slab) * s->groups;
  for (int set = from; set < to; set++) row_gradient(job, set, plain, weighted);
}

/* Parts of the sums, spaced by `stride` tasks, to dscale and doffset. */
static void write_channels(const struct gradient_job *job, int parts, int stride, float *dscale, float *doffset) {
  int channels = job->sets.channels;
  for (int c = 0; c < channels; c++) {
    double plain = 0, weighted = 0;
    for (int part = 0; part < parts; part++) {
      const double *sums = job->partials + (size_t)part * stride * 2 * channels;
      plain += sums[c];
      weighted += sums[channels + c];
    }
    doffset[c] = (float)plain;
    dscale[c] = (float)weighted;
  }
}

static int reserve(struct gradient_job *job, int tasks) {
  size_t sums = (size_t)tasks * 2 * job->sets.channels * sizeof(double);
  char *memory = scratch(SCRATCH_REDUCTION, sums + (size_t)job->sets.outer * job->sets.groups * 2 * sizeof(float));
  job->partials = (double *)memory;
  job->pulls = (float *)(memory + sums);
  return memory != NULL;
}

/* Gradient of lf_normalise: dx like x, dscale and doffset [groups * width], from dy, x, scale and the moments that it gave. Returns 1
   when memory ran out, else 0. */
KERNEL int lf_normalise_gradient(const float *dy, const float *x, const float *scale, const float *moments, float *dx, float *dscale,
                                 float *doffset, int outer, int length, int groups, int width, float epsilon) {
  struct gradient_job job = {.sets = sets_of(outer, length, groups, width, epsilon), .dy = dy, .x = x, .scale = scale, .moments = moments,
                             .dx = dx};
  const struct sets *s = &job.sets;
  if (length == 1) {
    job.slab = rows_per_task(s, 16);
    int tasks = tasks_of(outer, job.slab);
    if (!reserve(&job, tasks)) return 1;
    run_tasks(s, tasks, row_gradients, &job);
    write_channels(&job, tasks, 1, dscale, doffset);
    return 0;
  }
  job.slab = rows_per_task(s, SHORT);
  job.slabs = tasks_of(length, job.slab);
  int tasks = outer * job.slabs;
  if (!reserve(&job, tasks)) return 1;
  run_tasks(s, tasks, sum_slab, &job);
  for (int o = 0; o < outer; o++) pull_sets(&job, o, slab_totals(&job, o));
  write_channels(&job, outer, job.slabs, dscale, doffset);
  run_tasks(s, tasks, write_slab, &job);
  return 0;
}
