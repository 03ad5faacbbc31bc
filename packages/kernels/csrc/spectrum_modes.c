/* Spectra tabulated at nodes and wanted on the distinct modes of a grid, and the pointwise steps between the spectrum of a
   log-normal field and that of its Gaussian. A few spectra side by side in `lanes` (a multiple of 8) doubles. */
#include "vector-double.h"
#include "threads.h"

enum { MODES_PER_TASK = 1024, WEIGHTS = 6 };

struct interpolation_job {
  const double *nodes, *weights;
  const int32_t *first;
  double *power;
  double scale;
  int modes, lanes;
};

static void interpolate(int task, void *context) {
  struct interpolation_job *job = context;
  int lanes = job->lanes;
  for (int mode = task * MODES_PER_TASK; mode < min_int(job->modes, (task + 1) * MODES_PER_TASK); mode++) {
    double *to = job->power + (ptrdiff_t)mode * lanes;
    const double *from = job->nodes + (ptrdiff_t)job->first[mode] * lanes, *w = job->weights + (ptrdiff_t)mode * WEIGHTS;
    for (int lane = 0; lane < lanes; lane += DOUBLE_LANES) {
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
  struct interpolation_job job = {nodes, weights, first, power, scale, modes, lanes};
  parallel_for((modes + MODES_PER_TASK - 1) / MODES_PER_TASK, interpolate, &job);
}

/* Gradient in the nodes from the gradient in the power per mode of the full plane, each distinct mode standing for counts[mode]. */
KERNEL void lf_log_interpolation_gradient(const double *power, const double *cotangent, const double *counts, const int32_t *first,
                                          const double *weights, double *gradient, int nodes, int modes, int lanes) {
  for (int i = 0; i < nodes * lanes; i++) gradient[i] = 0;
  for (int mode = 0; mode < modes; mode++) {
    double *to = gradient + (ptrdiff_t)first[mode] * lanes;
    ptrdiff_t at = (ptrdiff_t)mode * lanes;
    for (int lane = 0; lane < lanes; lane += DOUBLE_LANES) {
      vd change = counts[mode] * load_double(power + at + lane) * load_double(cotangent + at + lane);
      for (int node = 0; node < WEIGHTS; node++) {
        double *sum = to + node * lanes + lane;
        store_double(sum, load_double(sum) + weights[(ptrdiff_t)mode * WEIGHTS + node] * change);
      }
    }
  }
}

struct pointwise_job {
  const double *a, *b, *scale;
  double *out;
  int points, lanes;
};

static void gaussianise(int task, void *context) {
  struct pointwise_job *job = context;
  for (int i = task * MODES_PER_TASK; i < min_int(job->points, (task + 1) * MODES_PER_TASK); i++)
    for (int lane = 0; lane < job->lanes; lane += DOUBLE_LANES) {
      ptrdiff_t at = (ptrdiff_t)i * job->lanes + lane;
      store_double(job->out + at, log1p_double(load_double(job->a + at) * load_double(job->scale + lane)));
    }
}

/* out = log(1 + scale[lane] x): the correlation of the Gaussian field behind a log-normal one; NaN where 1 + scale x <= 0. */
KERNEL void lf_log1p_lanes(const double *x, const double *scale, double *out, int points, int lanes) {
  struct pointwise_job job = {.a = x, .scale = scale, .out = out, .points = points, .lanes = lanes};
  parallel_for((points + MODES_PER_TASK - 1) / MODES_PER_TASK, gaussianise, &job);
}

/* Gradients of lf_log1p_lanes: in x per point of the full grid (may overwrite the cotangent), and in scale, summed over the grid. */
KERNEL void lf_log1p_lanes_gradient(const double *x, const double *scale, const double *cotangent, const double *counts, double *out,
                                    double *scale_gradient, int points, int lanes) {
  for (int lane = 0; lane < lanes; lane += DOUBLE_LANES) {
    vd s = load_double(scale + lane), sum = (vd){0};
    for (int i = 0; i < points; i++) {
      ptrdiff_t at = (ptrdiff_t)i * lanes + lane;
      vd value = load_double(x + at), change = load_double(cotangent + at) / (1.0 + s * value);
      sum += counts[i] * value * change;
      store_double(out + at, s * change);
    }
    store_double(scale_gradient + lane, sum);
  }
}

/* out = |x|, and 0 at the first point (no wave). */
KERNEL void lf_magnitude(const double *x, double *out, int points, int lanes) {
  for (ptrdiff_t at = 0; at < (ptrdiff_t)points * lanes; at += DOUBLE_LANES)
    store_double(out + at, at < lanes ? (vd){0} : abs_double(load_double(x + at)));
}

/* Gradient of lf_magnitude. */
KERNEL void lf_magnitude_gradient(const double *x, const double *cotangent, double *out, int points, int lanes) {
  for (ptrdiff_t at = 0; at < (ptrdiff_t)points * lanes; at += DOUBLE_LANES) {
    vd g = load_double(cotangent + at);
    store_double(out + at, at < lanes ? (vd){0} : select_double(load_double(x + at) < 0.0, -g, g));
  }
}
