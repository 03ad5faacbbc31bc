#include "threads.h"

#if defined(__wasm__)

void parallel_for(int tasks, parallel_body body, void *context) {
  for (int task = 0; task < tasks; task++) body(task, context);
}
void begin_task(parallel_body body, void *context) { body(0, context); }
void finish_task(void) {}
void set_threads(int threads) { (void)threads; }
int thread_count(void) { return 1; }
void stop_threads(void) {}

#else

#include "kernels.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_THREADS = 256, SPINS_BEFORE_SLEEP = 1000, SPINS_BEFORE_YIELD = 2000, TASK_BITS = 20, MAX_TASKS = (1 << TASK_BITS) - 1 };

struct pool;
struct worker {
  struct pool *pool;
  int index;
  pthread_t thread;
};

/* Tasks next to end of a job: one thread's own, in a cache line of its own. The job's number, the end and the next task are one word: a
   task is taken by compare-and-swap, which fails when the job that was read is over, so a worker that wakes late does no harm and
   nobody waits for it. */
struct share {
  _Alignas(64) _Atomic uint64_t claim;
};

/* One pool per calling thread (a Node isolate), so that isolates never wait for each other. Each thread begins with a share of its own,
   the same part of the tasks in every job: what it wrote in one is in its cache in the next. Then it takes what others have left. */
struct pool {
  struct share share[MAX_THREADS + 1]; /* the caller's, then the workers' */
  _Atomic uint64_t job;
  _Atomic int done;
  _Atomic(parallel_body) body;
  _Atomic(void *) context;
  _Atomic int active_workers;
  _Atomic int sleepers;
  _Atomic int stopping;
  int workers;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  struct worker worker[MAX_THREADS];
};

static inline uint64_t claim_of(uint64_t job, int next, int end) {
  return (job << (2 * TASK_BITS)) | ((uint64_t)end << TASK_BITS) | (uint64_t)next;
}
static inline int end_of(uint64_t claim) { return (int)(claim >> TASK_BITS) & MAX_TASKS; }
static inline int next_of(uint64_t claim) { return (int)claim & MAX_TASKS; }

static PER_THREAD struct pool *pool_of_thread;
static PER_THREAD int thread_limit = 1;
static PER_THREAD int inside_task;

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Takes and runs tasks of a share until none is left. */
static void take_all(struct pool *pool, struct share *share) {
  for (;;) {
    uint64_t claim = atomic_load(&share->claim);
    if (next_of(claim) >= end_of(claim)) return;
    parallel_body body = atomic_load(&pool->body);
    void *context = atomic_load(&pool->context);
    if (!atomic_compare_exchange_strong(&share->claim, &claim, claim + 1)) continue;
    body(next_of(claim), context);
    atomic_fetch_add(&pool->done, 1);
  }
}

/* The own share first, then the others. */
static void work(struct pool *pool, int own) {
  int shares = atomic_load(&pool->active_workers) + 1;
  for (int i = 0; i < shares; i++) take_all(pool, &pool->share[(own + i) % shares]);
}

static int is_waiting(struct pool *pool, uint64_t seen) {
  return atomic_load(&pool->job) == seen && !atomic_load(&pool->stopping);
}

static void sleep_until_job(struct pool *pool, uint64_t seen) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  while (is_waiting(pool, seen)) pthread_cond_wait(&pool->wake, &pool->mutex);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void *serve(void *argument) {
  struct worker *self = argument;
  struct pool *pool = self->pool;
  inside_task = 1;
  uint64_t seen = 0;
  while (!atomic_load(&pool->stopping)) {
    for (int spins = 0; is_waiting(pool, seen); spins++) {
      if (spins < SPINS_BEFORE_SLEEP) relax();
      else sleep_until_job(pool, seen);
    }
    seen = atomic_load(&pool->job);
    if (self->index < atomic_load(&pool->active_workers)) work(pool, self->index + 1);
  }
  release_scratch();
  return NULL;
}

static struct pool *pool_with(int workers) {
  struct pool *pool = pool_of_thread;
  if (!pool) {
    pool = aligned_alloc(_Alignof(struct pool), sizeof *pool);
    if (!pool) return NULL;
    memset(pool, 0, sizeof *pool);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool_of_thread = pool;
  }
  for (; pool->workers < workers; pool->workers++) {
    struct worker *next = &pool->worker[pool->workers];
    next->pool = pool;
    next->index = pool->workers;
    if (pthread_create(&next->thread, NULL, serve, next)) break;
  }
  return pool->workers ? pool : NULL;
}

static void publish_job(struct pool *pool, int tasks, int first_share, parallel_body body, void *context) {
  /* Nobody can take a task while the fields change: the old job has none left, and the shares, written last, publish the new. */
  uint64_t job = atomic_load(&pool->job) + 1;
  int shares = thread_limit;
  atomic_store(&pool->done, 0);
  atomic_store(&pool->body, body);
  atomic_store(&pool->context, context);
  atomic_store(&pool->active_workers, shares - 1);
  for (int i = 0; i < shares; i++) {
    int part = max_int(i - first_share, 0), parts = shares - first_share;
    int first = (int)((int64_t)tasks * part / parts), end = i < first_share ? 0 : (int)((int64_t)tasks * (part + 1) / parts);
    atomic_store(&pool->share[i].claim, claim_of(job, first, end));
  }
  atomic_store(&pool->job, job);
  if (atomic_load(&pool->sleepers)) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
}

/* The caller helps until no task is left to take, then waits for those of others. */
static void finish_job(struct pool *pool, int tasks) {
  inside_task = 1;
  work(pool, 0);
  inside_task = 0;
  for (int spins = 0; atomic_load(&pool->done) < tasks; spins++) {
    if (spins < SPINS_BEFORE_YIELD) relax();
    else sched_yield();
  }
}

static PER_THREAD struct pool *pool_with_begun_task;

void begin_task(parallel_body body, void *context) {
  finish_task();
  struct pool *pool = thread_limit > 1 && !inside_task ? pool_with(thread_limit - 1) : NULL;
  if (pool) publish_job(pool, 1, 1, body, context);
  else body(0, context);
  pool_with_begun_task = pool;
}

void finish_task(void) {
  struct pool *pool = pool_with_begun_task;
  pool_with_begun_task = NULL;
  if (pool) finish_job(pool, 1);
}

void parallel_for(int tasks, parallel_body body, void *context) {
  int can_share = tasks > 1 && tasks <= MAX_TASKS && thread_limit > 1 && !inside_task;
  struct pool *pool = can_share ? pool_with(thread_limit - 1) : NULL;
  if (pool) {
    finish_task();
    publish_job(pool, tasks, 0, body, context);
    finish_job(pool, tasks);
    return;
  }
  for (int task = 0; task < tasks; task++) body(task, context);
}

void set_threads(int threads) { thread_limit = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads; }

int thread_count(void) { return inside_task ? 1 : thread_limit; }

void stop_threads(void) {
  struct pool *pool = pool_of_thread;
  if (!pool) return;
  finish_task();
  atomic_store(&pool->stopping, 1);
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int i = 0; i < pool->workers; i++) pthread_join(pool->worker[i].thread, NULL);
  pthread_mutex_destroy(&pool->mutex);
  pthread_cond_destroy(&pool->wake);
  free(pool);
  pool_of_thread = NULL;
}

#endif
