#include "vector-math.h"
#include "threads.h"

/* Element-wise functions over arrays; out may be x. */
enum { CHUNK = 16384 };

struct map_job {
  const float *x;
  float *out;
  int n;
};

#define MAP_KERNEL(name, function)                                                                          \
  static void name##_chunk(int chunk, void *context) {                                                      \
    const struct map_job *job = context;                                                                    \
    int i = chunk * CHUNK, end = i + min_int(CHUNK, job->n - i);                                            \
    for (; i + LANES <= end; i += LANES) store(job->out + i, function(load(job->x + i)));                   \
    if (i < end) store_partial(job->out + i, function(load_partial(job->x + i, end - i)), end - i);         \
  }                                                                                                         \
  static void name##_all(const float *x, float *out, int n) {                                               \
    struct map_job job = {x, out, n};                                                                       \
    parallel_for((int)(((int64_t)n + CHUNK - 1) / CHUNK), name##_chunk, &job);                              \
  }

MAP_KERNEL(exp, exp_v)
MAP_KERNEL(log, log_v)
MAP_KERNEL(log1p, log1p_v)
MAP_KERNEL(expm1, expm1_v)
MAP_KERNEL(tanh, tanh_v)
MAP_KERNEL(sigmoid, sigmoid_v)
MAP_KERNEL(softplus, softplus_v)
MAP_KERNEL(erf, erf_v)
MAP_KERNEL(erfinv, erfinv_v)

KERNEL void lf_exp(const float *x, float *out, int n) { exp_all(x, out, n); }
KERNEL void lf_log(const float *x, float *out, int n) { log_all(x, out, n); }
KERNEL void lf_log1p(const float *x, float *out, int n) { log1p_all(x, out, n); }
KERNEL void lf_expm1(const float *x, float *out, int n) { expm1_all(x, out, n); }
KERNEL void lf_tanh(const float *x, float *out, int n) { tanh_all(x, out, n); }
KERNEL void lf_sigmoid(const float *x, float *out, int n) { sigmoid_all(x, out, n); }
KERNEL void lf_softplus(const float *x, float *out, int n) { softplus_all(x, out, n); }
KERNEL void lf_erf(const float *x, float *out, int n) { erf_all(x, out, n); }
KERNEL void lf_erfinv(const float *x, float *out, int n) { erfinv_all(x, out, n); }
