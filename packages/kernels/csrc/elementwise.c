#include "elementwise.h"
#include "threads.h"
#include "vector-math.h"

/* Functions of one and two arrays, element by element, with broadcasting. Operations are numbered; src/elementwise.ts holds the same
   numbers. NaN in, NaN out. */
enum { CHUNK = 16384, WORTH_SHARING = 65536 };

static void run_chunks(int tasks, int64_t elements, parallel_body body, void *context) {
  if (elements >= WORTH_SHARING) parallel_for(tasks, body, context);
  else for (int task = 0; task < tasks; task++) body(task, context);
}

/* Rounding to whole numbers of any size: floats above 2^23 are whole. */
INLINE vf whole(vf x, vf shifted) { return select_float(abs_v(x) < 8388608.0f, copysign_v(shifted, x), x); }
INLINE vf round_half_even(vf x) {
  vf shift = copysign_v(splat(8388608.0f), x);
  return whole(x, (x + shift) - shift);
}
INLINE vf floor_v(vf x) {
  vf r = round_half_even(x);
  return select_float(r > x, r - 1.0f, r);
}
INLINE vf ceil_v(vf x) {
  vf r = round_half_even(x);
  return select_float(r < x, copysign_v(r + 1.0f, x), r);
}
INLINE vf keep_nan(vf x, vf y) { return select_float(x == x, y, x); }
INLINE vf sign_of(vf x) { return keep_nan(x, select_float(x > 0.0f, splat(1.0f), select_float(x < 0.0f, splat(-1.0f), splat(0.0f)))); }

/* p and q are the constants of leakyRelu (slope), step (slope below zero) and clip (bounds). */
#define UNARY_OPERATIONS(F)                                                                                      \
  F(0, negate, -x) F(1, absolute, abs_v(x)) F(2, square, x * x) F(3, reciprocal, 1.0f / x) F(4, root, sqrt_v(x)) \
  F(5, inverse_root, 1.0f / sqrt_v(x)) F(6, exponential, exp_v(x)) F(7, exponential_less_one, expm1_v(x))        \
  F(8, logarithm, log_v(x)) F(9, logarithm_of_one_plus, log1p_v(x)) F(10, hyperbolic_tangent, tanh_v(x))         \
  F(11, sigmoid, sigmoid_v(x)) F(12, softplus, softplus_v(x)) F(13, error_function, erf_v(x))                    \
  F(14, relu, max_v(x, splat(0.0f))) F(15, leaky_relu, select_float(x < 0.0f, x * p, x))                         \
  F(16, elu, select_float(x < 0.0f, expm1_v(x), x)) F(17, round_down, floor_v(x)) F(18, round_up, ceil_v(x))     \
  F(19, round_near, round_half_even(x)) F(20, sign, sign_of(x))                                                  \
  F(21, step, keep_nan(x, select_float(x > 0.0f, splat(1.0f), splat(p))))                                        \
  F(22, clip, min_v(max_v(x, splat(p)), splat(q))) F(23, silu, x * sigmoid_v(x))                                 \
  F(24, affine, x * p + q)

#define UNARY_FUNCTION(code, name, expression)                                                                   \
  static void unary_##name(const float *from, float *to, int n, float p, float q) {                              \
    (void)p, (void)q;                                                                                            \
    int i = 0;                                                                                                   \
    for (; i + LANES <= n; i += LANES) {                                                                         \
      vf x = load(from + i);                                                                                     \
      store(to + i, expression);                                                                                 \
    }                                                                                                            \
    if (i < n) {                                                                                                 \
      vf x = load_partial(from + i, n - i);                                                                      \
      store_partial(to + i, expression, n - i);                                                                  \
    }                                                                                                            \
  }
UNARY_OPERATIONS(UNARY_FUNCTION)

#define UNARY_ENTRY(code, name, expression) [code] = unary_##name,
static const unary_function unary_functions[] = {UNARY_OPERATIONS(UNARY_ENTRY)};
unary_function unary_operation(int operation) { return unary_functions[operation]; }

struct unary_job {
  unary_function function;
  const float *x;
  float *out;
  int n;
  float p, q;
};

static void unary_chunk(int chunk, void *context) {
  const struct unary_job *job = context;
  int from = chunk * CHUNK;
  job->function(job->x + from, job->out + from, min_int(CHUNK, job->n - from), job->p, job->q);
}

KERNEL void lf_unary(int operation, const float *x, float *out, int n, float p, float q) {
  struct unary_job job = {unary_functions[operation], x, out, n, p, q};
  run_chunks((int)(((int64_t)n + CHUNK - 1) / CHUNK), n, unary_chunk, &job);
}

INLINE vf silu_slope(vf x) {
  vf s = sigmoid_v(x);
  return s * (1.0f + x * (1.0f - s));
}

/* Binary operations. From 7 on they are gradients: a is dy; b is the input (relu, softplus, silu) or the output (tanh, sigmoid, elu). */
#define BINARY_OPERATIONS(F)                                                                                     \
  F(0, add, a + b) F(1, subtract, a - b) F(2, multiply, a * b) F(3, divide, a / b)                               \
  F(4, maximum, select_float((a > b) | (a != a), a, b)) F(5, minimum, select_float((a < b) | (a != a), a, b))    \
  F(6, squared_difference, (a - b) * (a - b))                                                                    \
  F(7, relu_gradient, keep_nan(b, select_float(b > 0.0f, a, splat(0.0f))))                                       \
  F(8, tanh_gradient, a * (1.0f - b * b)) F(9, sigmoid_gradient, a * b * (1.0f - b))                             \
  F(10, elu_gradient, select_float(b > 0.0f, a, a * (b + 1.0f))) F(11, softplus_gradient, a * sigmoid_v(b)) \
  F(12, silu_gradient, a * silu_slope(b))

#define BINARY_LOOP(name, A, A_REST, B, B_REST, expression)                                                      \
  static void name(const struct block *block) {                                                                  \
    for (int row = 0; row < block->rows; row++) {                                                                \
      const float *left = block->a + row * block->a_row, *right = block->b + row * block->b_row;                 \
      float *to = block->out + (ptrdiff_t)row * block->columns;                                                  \
      int i = 0, n = block->columns;                                                                             \
      for (; i + LANES <= n; i += LANES) {                                                                       \
        vf a = A, b = B;                                                                                         \
        store(to + i, expression);                                                                               \
      }                                                                                                          \
      if (i < n) {                                                                                               \
        vf a = A_REST, b = B_REST;                                                                               \
        store_partial(to + i, expression, n - i);                                                                \
      }                                                                                                          \
    }                                                                                                            \
  }
#define BINARY_FUNCTIONS(code, name, expression)                                                                 \
  BINARY_LOOP(name##_vv, load(left + i), load_partial(left + i, n - i), load(right + i), load_partial(right + i, n - i), expression) \
  BINARY_LOOP(name##_vs, load(left + i), load_partial(left + i, n - i), splat(*right), splat(*right), expression)  \
  BINARY_LOOP(name##_sv, splat(*left), splat(*left), load(right + i), load_partial(right + i, n - i), expression)
BINARY_OPERATIONS(BINARY_FUNCTIONS)

#define BINARY_ENTRY(code, name, expression) [code] = {name##_vv, name##_vs, name##_sv},
static const binary_function binary_functions[][3] = {BINARY_OPERATIONS(BINARY_ENTRY)};
binary_function binary_operation(int operation) { return binary_functions[operation][0]; }

/* Axes of a broadcast operation, outermost first: size, stride of a, stride of b. */
struct axis {
  int32_t size, a, b;
};

struct binary_job {
  binary_function function;
  const float *a, *b;
  float *out;
  const struct axis *axes;
  int rank, rows, columns;
};

/* Rows row_from ... row_from + rows of the second last axis, at one index of the axes before it. */
static void binary_rows(const struct binary_job *job, int outer, int row_from, int rows) {
  const struct axis *row = &job->axes[job->rank - 2];
  struct block block = {job->a + (ptrdiff_t)row_from * row->a, job->b + (ptrdiff_t)row_from * row->b,
                        job->out + ((ptrdiff_t)outer * job->rows + row_from) * job->columns, rows, job->columns, row->a, row->b};
  for (int d = job->rank - 3, rest = outer; d >= 0; d--) {
    block.a += (ptrdiff_t)(rest % job->axes[d].size) * job->axes[d].a;
    block.b += (ptrdiff_t)(rest % job->axes[d].size) * job->axes[d].b;
    rest /= job->axes[d].size;
  }
  job->function(&block);
}

struct row_split {
  struct binary_job job;
  int rows, blocks;
};

static void binary_task(int task, void *context) {
  const struct row_split *split = context;
  int from = task % split->blocks * split->rows;
  binary_rows(&split->job, task / split->blocks, from, min_int(split->rows, split->job.rows - from));
}

static void binary_chunk(int chunk, void *context) {
  const struct binary_job *job = context;
  int from = chunk * CHUNK;
  struct block block = {job->a + (ptrdiff_t)from * job->axes->a, job->b + (ptrdiff_t)from * job->axes->b, job->out + from, 1,
                        min_int(CHUNK, job->columns - from), 0, 0};
  job->function(&block);
}

/* axes: rank triples (size, stride of a, stride of b), outermost first, strides in floats; the last strides are 0 or 1, not both 0.
   out is contiguous; it may be a or b where that one is not broadcast. */
KERNEL void lf_binary(int operation, const float *a, const float *b, float *out, const int32_t *axes, int rank) {
  struct binary_job job = {.a = a, .b = b, .out = out, .axes = (const struct axis *)axes, .rank = rank};
  const struct axis *last = &job.axes[rank - 1];
  job.function = binary_functions[operation][last->a && last->b ? 0 : last->a ? 1 : 2];
  job.columns = last->size;
  if (rank == 1) {
    run_chunks((int)(((int64_t)job.columns + CHUNK - 1) / CHUNK), job.columns, binary_chunk, &job);
    return;
  }
  job.rows = job.axes[rank - 2].size;
  int outer = 1;
  for (int d = 0; d < rank - 2; d++) outer *= job.axes[d].size;
  struct row_split split = {.job = job, .rows = max_int(1, CHUNK / max_int(job.columns, 1))};
  split.blocks = (job.rows + split.rows - 1) / split.rows;
  run_chunks(outer * split.blocks, (int64_t)outer * job.rows * job.columns, binary_task, &split);
}

/* 1 where a (operation) b, else 0, for arrays of one shape: 0 equal, 1 not equal, 2 greater, 3 greater or equal, 4 less, 5 less or
   equal. As comparisons of IEEE numbers, those with NaN are false, but for "not equal". */
KERNEL void lf_compare(int operation, const float *RESTRICT a, const float *RESTRICT b, uint8_t *RESTRICT out, int n) {
  switch (operation) {
  case 0: for (int i = 0; i < n; i++) out[i] = a[i] == b[i]; break;
  case 1: for (int i = 0; i < n; i++) out[i] = a[i] != b[i]; break;
  case 2: for (int i = 0; i < n; i++) out[i] = a[i] > b[i]; break;
  case 3: for (int i = 0; i < n; i++) out[i] = a[i] >= b[i]; break;
  case 4: for (int i = 0; i < n; i++) out[i] = a[i] < b[i]; break;
  default: for (int i = 0; i < n; i++) out[i] = a[i] <= b[i]; break;
  }
}

/* Masks of numbers: 0 not a number, 1 infinite, 2 finite. */
KERNEL void lf_classify(int operation, const float *RESTRICT x, uint8_t *RESTRICT out, int n) {
  const float infinity = __builtin_inff();
  switch (operation) {
  case 0: for (int i = 0; i < n; i++) out[i] = x[i] != x[i]; break;
  case 1: for (int i = 0; i < n; i++) out[i] = x[i] == infinity || x[i] == -infinity; break;
  default: for (int i = 0; i < n; i++) out[i] = x[i] - x[i] == 0.0f; break;
  }
}

/* Masks of masks: 0 a and b, 1 a or b, 2 not a (b is then not read). */
KERNEL void lf_logical(int operation, const uint8_t *a, const uint8_t *b, uint8_t *out, int n) {
  switch (operation) {
  case 0: for (int i = 0; i < n; i++) out[i] = a[i] & b[i]; break;
  case 1: for (int i = 0; i < n; i++) out[i] = a[i] | b[i]; break;
  default: for (int i = 0; i < n; i++) out[i] = a[i] == 0; break;
  }
}

KERNEL void lf_float32_of_uint8(const uint8_t *RESTRICT x, float *RESTRICT out, int n) {
  for (int i = 0; i < n; i++) out[i] = (float)x[i];
}

KERNEL void lf_select(const uint8_t *RESTRICT condition, const float *RESTRICT a, const float *RESTRICT b, float *RESTRICT out, int n) {
  for (int i = 0; i < n; i++) out[i] = condition[i] ? a[i] : b[i];
}

struct leaky_job {
  const float *dy, *y;
  float *out;
  int n;
  float slope;
};

void leaky_relu_gradient(const float *RESTRICT dy, const float *RESTRICT y, float *RESTRICT out, int n, float slope) {
  for (int i = 0; i < n; i++) out[i] = dy[i] * (y[i] > 0.0f ? 1.0f : slope + 0.0f * y[i]);
}

static void leaky_chunk(int chunk, void *context) {
  const struct leaky_job *job = context;
  int from = chunk * CHUNK;
  leaky_relu_gradient(job->dy + from, job->y + from, job->out + from, min_int(CHUNK, job->n - from), job->slope);
}

/* dy where y > 0, slope dy elsewhere; NaN where y is NaN. */
KERNEL void lf_leaky_relu_gradient(const float *dy, const float *y, float *out, int n, float slope) {
  struct leaky_job job = {dy, y, out, n, slope};
  run_chunks((int)(((int64_t)n + CHUNK - 1) / CHUNK), n, leaky_chunk, &job);
}
