/* What every kernel file includes: the KERNEL mark, vector types, memory and scratch space. */
#ifndef LENSFIELD_KERNELS_H
#define LENSFIELD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* A function callable from TypeScript; scripts/generate-bindings.mjs reads its prototype. See csrc/README.md. */
#define KERNEL __attribute__((visibility("default"), used))

#if defined(__wasm__)
#define PER_THREAD
#else
#define PER_THREAD _Thread_local
#endif
#define INLINE static inline __attribute__((always_inline))
#define RESTRICT __restrict__

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

/* The widest float vector of the machine, its integer twin (comparisons give -1 or 0 per lane), and vectors of fixed width. */
typedef float vf __attribute__((vector_size(LANES * 4)));
typedef int32_t vi __attribute__((vector_size(LANES * 4)));
typedef uint32_t vu __attribute__((vector_size(LANES * 4)));
typedef double vd __attribute__((vector_size(LANES * 4)));
typedef float v4f __attribute__((vector_size(16)));
typedef int32_t v4i __attribute__((vector_size(16)));
typedef float v8f __attribute__((vector_size(32)));
typedef int32_t v8i __attribute__((vector_size(32)));

/* The same for memory of any alignment. */
typedef float vf_any __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t vi_any __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint32_t vu_any __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef double vd_any __attribute__((vector_size(LANES * 4), aligned(8), may_alias));
typedef float v4f_any __attribute__((vector_size(16), aligned(4), may_alias));
typedef float v8f_any __attribute__((vector_size(32), aligned(4), may_alias));

INLINE vf load(const float *p) { return *(const vf_any *)p; }
INLINE void store(float *p, vf v) { *(vf_any *)p = v; }
INLINE vi load_int(const int32_t *p) { return *(const vi_any *)p; }
INLINE void store_int(int32_t *p, vi v) { *(vi_any *)p = v; }
INLINE vf splat(float x) { return x - (vf){0}; }
INLINE vi splat_int(int32_t x) { return x - (vi){0}; }

/* a where mask is set (all bits of the lane), b elsewhere. */
INLINE vf select_float(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }

/* Whether a lane of a mask is set. */
INLINE int any_lane(vi mask) {
#if defined(__wasm_simd128__)
  return __builtin_wasm_any_true_v128(mask);
#elif LANES == 8 && defined(__AVX__)
  return __builtin_ia32_movmskps256((vf)mask) != 0;
#else
  int32_t any = 0;
  for (int i = 0; i < LANES; i++) any |= mask[i];
  return any != 0;
#endif
}

/* A partial vector at the end of an array: the first n lanes (0 < n < LANES), zeros beyond. */
INLINE vf load_partial(const float *p, int n) {
  float lanes[LANES] = {0};
  for (int i = 0; i < n; i++) lanes[i] = p[i];
  return load(lanes);
}
INLINE void store_partial(float *p, vf v, int n) {
  float lanes[LANES];
  store(lanes, v);
  for (int i = 0; i < n; i++) p[i] = lanes[i];
}

/* Shuffles by constant indices: __builtin_shufflevector in clang and gcc 12, __builtin_shuffle in older gcc. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLE_FLOAT(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define SHUFFLE_QUAD SHUFFLE_FLOAT
#endif
#endif
#if !defined(SHUFFLE_FLOAT)
#define SHUFFLE_FLOAT(a, b, ...) __builtin_shuffle(a, b, (vi){__VA_ARGS__})
#define SHUFFLE_QUAD(a, b, ...) __builtin_shuffle(a, b, (v4i){__VA_ARGS__})
#endif

INLINE int min_int(int a, int b) { return a < b ? a : b; }
INLINE int max_int(int a, int b) { return a > b ? a : b; }

/* Scratch space of the calling thread: kept and grown between calls, 64-byte aligned, contents undefined; NULL when memory ran
   out. One slot per family of kernels, so that kernels that call each other do not share one. A task of parallel_for gets the
   scratch of the thread that it runs on. */
enum scratch_slot { SCRATCH_FFT, SCRATCH_FFT_LINES, SCRATCH_GEMM, SCRATCH_GEMM_ROWS, SCRATCH_CONVOLUTION, SCRATCH_REDUCTION, SCRATCH_MODES, SCRATCH_FUSED, SCRATCH_OTHER, SCRATCH_SLOTS };
void *scratch(enum scratch_slot slot, size_t bytes);

/* Gives back the scratch space of the calling thread, which is about to end. */
void release_scratch(void);

/* Memory that outlives a call (plans); NULL when it ran out. */
void *allocate(size_t bytes);
void release(void *memory);

#endif
