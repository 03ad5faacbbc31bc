/* Spectra tabulated at nodes and wanted on the distinct modes of a grid, and the pointwise steps between the spectrum of a
   log-normal field and that of its Gaussian. A few spectra side by side in `lanes` doubles, in blocks of eight: [lanes / 8][modes][8], as
   lf_even_transform takes them. Tasks go through one block after the other, so that a thread finds in its cache what it wrote there. */
#include "threads.h"
#include "vector-double.h"

enum { MODES_PER_TASK = 1024, WEIGHTS = 6, BLOCK = 8 };

/* Modes from `from` to `to` of the block that begins with the lane `lane`, at `base`. */
struct part {
  int lane, from, to;
  ptrdiff_t base;
};

static int chunks_of(int modes) { return (modes + MODES_PER_TASK - 1) / MODES_PER_TASK; }

static struct part part_of(int task, int modes) {
  int chunks = chunks_of(modes), from = task % chunks * MODES_PER_TASK;
  int lane = task / chunks * BLOCK;
  return (struct part){lane, from, min_int(modes, from + MODES_PER_TASK), (ptrdiff_t)lane * modes};
}

static int parts_of(int modes, int lanes) { return lanes / BLOCK * chunks_of(modes); }

struct interpolation_job {
  const double *nodes, *weights, *counts, *power, *cotangent;
  const int32_t *first;
  double *out;
  double scale;
  int num_nodes, modes, lanes;
};

static void interpolate(int task, void *context) {
  struct interpolation_job *job = context;
  int lanes = job->lanes;
  struct part part = part_of(task, job->modes);
  for (int mode = part.from; mode < part.to; mode++) {
    double *to = job->out + part.base + (ptrdiff_t)mode * BLOCK;
    const double *from = job->nodes + (ptrdiff_t)job->first[mode] * lanes + part.lane, *w = job->weights + (ptrdiff_t)mode * WEIGHTS;
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      vd sum = (vd){0};
      for (int node = 0; node < WEIGHTS; node++) sum += w[node] * load_double(from + node * lanes + lane);
      store_double(to + lane, mode == 0 ? (vd){0} : job->scale * exp_double(sum));
    }
  }
}

/* power[mode] = scale exp(sum over 6 nodes of weight x node), nodes [n][lanes] of log spectra, starting at first[mode], weights
   [mode][6]; mode 0 (no wave) is zero. */
KERNEL void lf_log_interpolation(const double *nodes, const int32_t *first, const double *weights, double *power, double scale, int modes,
                                 int lanes) {
  struct interpolation_job job = {.nodes = nodes, .first = first, .weights = weights, .out = power, .scale = scale, .modes = modes,
                                  .lanes = lanes};
  parallel_for(parts_of(modes, lanes), interpolate, &job);
}

static void interpolate_gradient(int task, void *context) {
  struct interpolation_job *job = context;
  int lanes = job->lanes;
  for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
    double *out = job->out + task * BLOCK + lane;
    for (int node = 0; node < job->num_nodes; node++) store_double(out + (ptrdiff_t)node * lanes, (vd){0});
    for (int mode = 0; mode < job->modes; mode++) {
      ptrdiff_t at = ((ptrdiff_t)task * job->modes + mode) * BLOCK + lane;
      double *to = out + (ptrdiff_t)job->first[mode] * lanes;
      vd change = job->counts[mode] * load_double(job->power + at) * load_double(job->cotangent + at);
      for (int node = 0; node < WEIGHTS; node++, to += lanes)
        store_double(to, load_double(to) + job->weights[(ptrdiff_t)mode * WEIGHTS + node] * change);
    }
  }
}

/* Gradient in the nodes from the gradient in the power per mode of the full plane, each distinct mode standing for counts[mode]. */
KERNEL void lf_log_interpolation_gradient(const double *power, const double *cotangent, const double *counts, const int32_t *first,
                                          const double *weights, double *gradient, int nodes, int modes, int lanes) {
  struct interpolation_job job = {.power = power, .cotangent = cotangent, .counts = counts, .first = first, .weights = weights,
                                  .out = gradient, .num_nodes = nodes, .modes = modes, .lanes = lanes};
  parallel_for(lanes / BLOCK, interpolate_gradient, &job);
}

struct pointwise_job {
  const double *x, *scale, *cotangent, *counts;
  double *out, *scale_gradient;
  int points, lanes;
};

static void gaussianise(int task, void *context) {
  struct pointwise_job *job = context;
  struct part part = part_of(task, job->points);
  for (int i = part.from; i < part.to; i++)
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      ptrdiff_t at = part.base + (ptrdiff_t)i * BLOCK + lane;
      store_double(job->out + at, log1p_double(load_double(job->x + at) * load_double(job->scale + part.lane + lane)));
    }
}

/* out = log(1 + scale[lane] x): the correlation of the Gaussian field behind a log-normal one; NaN where 1 + scale x <= 0. */
KERNEL void lf_log1p_lanes(const double *x, const double *scale, double *out, int points, int lanes) {
  struct pointwise_job job = {.x = x, .scale = scale, .out = out, .points = points, .lanes = lanes};
  parallel_for(parts_of(points, lanes), gaussianise, &job);
}

static void gaussianise_gradient(int task, void *context) {
  struct pointwise_job *job = context;
  for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
    vd scale = load_double(job->scale + task * BLOCK + lane), sum = (vd){0};
    for (int i = 0; i < job->points; i++) {
      ptrdiff_t at = ((ptrdiff_t)task * job->points + i) * BLOCK + lane;
      vd value = load_double(job->x + at), change = load_double(job->cotangent + at) / (1.0 + scale * value);
      sum += job->counts[i] * value * change;
      store_double(job->out + at, scale * change);
    }
    store_double(job->scale_gradient + task * BLOCK + lane, sum);
  }
}

/* Gradients of lf_log1p_lanes: in x per point of the full grid (may overwrite the cotangent), and in scale, summed over the grid. */
KERNEL void lf_log1p_lanes_gradient(const double *x, const double *scale, const double *cotangent, const double *counts, double *out,
                                    double *scale_gradient, int points, int lanes) {
  struct pointwise_job job = {.x = x, .scale = scale, .cotangent = cotangent, .counts = counts, .out = out,
                              .scale_gradient = scale_gradient, .points = points, .lanes = lanes};
  parallel_for(lanes / BLOCK, gaussianise_gradient, &job);
}

struct magnitude_job {
  const double *x, *counts, *cotangent, *totals_gradient;
  double *out, *partial;
  int points, lanes;
};

static void magnitude(int task, void *context) {
  const struct magnitude_job job = *(const struct magnitude_job *)context;
  struct part part = part_of(task, job.points);
  for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
    vd sum = (vd){0};
    for (int i = part.from; i < part.to; i++) {
      vd size = i == 0 ? (vd){0} : abs_double(load_double(job.x + part.base + (ptrdiff_t)i * BLOCK + lane));
      sum += job.counts[i] * size;
      store_double(job.out + (ptrdiff_t)i * job.lanes + part.lane + lane, size);
    }
    store_double(job.partial + (ptrdiff_t)task * BLOCK + lane, sum);
  }
}

/* out [modes][lanes] = |x|, and 0 at the first point (no wave); totals[lane] = sum over modes of counts[mode] out[mode][lane]. Returns 0,
   or 1 without memory. */
KERNEL int lf_magnitude(const double *x, const double *counts, double *out, double *totals, int points, int lanes) {
  int chunks = chunks_of(points);
  double *partial = scratch(SCRATCH_REDUCTION, (size_t)parts_of(points, lanes) * BLOCK * sizeof(double));
  if (!partial) return 1;
  struct magnitude_job job = {.x = x, .counts = counts, .out = out, .partial = partial, .points = points, .lanes = lanes};
  parallel_for(parts_of(points, lanes), magnitude, &job);
  for (int lane = 0; lane < lanes; lane++) {
    const double *own = partial + (ptrdiff_t)(lane / BLOCK) * chunks * BLOCK + lane % BLOCK;
    totals[lane] = 0;
    for (int chunk = 0; chunk < chunks; chunk++) totals[lane] += own[chunk * BLOCK];
  }
  return 0;
}

static void magnitude_gradient(int task, void *context) {
  const struct magnitude_job job = *(const struct magnitude_job *)context;
  struct part part = part_of(task, job.points);
  for (int i = part.from; i < part.to; i++)
    for (int lane = 0; lane < BLOCK; lane += DOUBLE_LANES) {
      ptrdiff_t at = part.base + (ptrdiff_t)i * BLOCK + lane;
      vd g = load_double(job.cotangent + (ptrdiff_t)i * job.lanes + part.lane + lane) + load_double(job.totals_gradient + part.lane + lane);
      store_double(job.out + at, i == 0 ? (vd){0} : select_double(load_double(job.x + at) < 0.0, -g, g));
    }
}

/* Gradient of lf_magnitude per point of the full grid, in blocks, from gradients in out, per mode of the full grid [modes][lanes], and in
   the totals. */
KERNEL void lf_magnitude_gradient(const double *x, const double *cotangent, const double *totals_gradient, double *out, int points,
                                  int lanes) {
  struct magnitude_job job = {.x = x, .cotangent = cotangent, .totals_gradient = totals_gradient, .out = out, .points = points,
                              .lanes = lanes};
  parallel_for(parts_of(points, lanes), magnitude_gradient, &job);
}
