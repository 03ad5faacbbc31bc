/* What normalisation and its gradient share. x is [outer, length, groups, width]; one set of numbers, normalised together, is the
   length x width of one (outer, group). Batch norm: [1, batch rows columns, channels, 1]; group norm: [batch, rows columns, groups,
   channels / groups]; layer norm: [rows, 1, 1, channels]. Scale and offset have one entry per channel = (group, width). */
#ifndef LENSFIELD_NORMALISE_H
#define LENSFIELD_NORMALISE_H

#include "kernels.h"
#include "threads.h"

/* Sums run in float over SHORT terms, then in double. Work is cut into slabs of about SLAB numbers: by shape alone. */
enum { SHORT = 64, COLUMNS = 256, SLAB = 16384, WORTH_SHARING = 32768 };

struct sets {
  int outer, length, groups, width, channels;
  float epsilon;
};

INLINE struct sets sets_of(int outer, int length, int groups, int width, float epsilon) {
  return (struct sets){outer, length, groups, width, groups * width, epsilon};
}

INLINE int64_t elements_of(const struct sets *s) { return (int64_t)s->outer * s->length * s->channels; }

/* Rows of `channels` numbers per task, at least `fewest`. */
INLINE int rows_per_task(const struct sets *s, int fewest) { return max_int(fewest, SLAB / max_int(s->channels, 1)); }
INLINE int tasks_of(int rows, int per_task) { return (rows + per_task - 1) / per_task; }

INLINE void run_tasks(const struct sets *s, int tasks, parallel_body body, void *context) {
  if (elements_of(s) >= WORTH_SHARING) parallel_for(tasks, body, context);
  else for (int task = 0; task < tasks; task++) body(task, context);
}

/* Lanes added up in pairs. */
INLINE double sum_lanes(vf v) {
  float lanes[LANES];
  store(lanes, v);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return (double)lanes[0];
}

/* 1 / standard deviation of a set; moments hold the means of all sets, then their variances. */
INLINE float inverse_deviation(const struct sets *s, const float *moments, int set) {
  return 1.0f / __builtin_sqrtf(moments[(size_t)s->outer * s->groups + set] + s->epsilon);
}

/* Mean and inverse deviation for each of `columns` channels from `first` on. */
INLINE void spread_moments(const struct sets *s, const float *moments, int o, int first, int columns, float *centre, float *inverse) {
  for (int c = 0; c < columns;) {
    int group = (first + c) / s->width, set = o * s->groups + group, end = min_int(columns, (group + 1) * s->width - first);
    float one = inverse_deviation(s, moments, set);
    for (; c < end; c++) centre[c] = moments[set], inverse[c] = one;
  }
}

#endif
