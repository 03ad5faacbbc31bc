#include "threads.h"

#if defined(__wasm__)

void parallel_for(int tasks, parallel_body body, void *context) {
  for (int task = 0; task < tasks; task++) body(task, context);
}
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

enum { MAX_THREADS = 256, SPINS_BEFORE_SLEEP = 1000, SPINS_BEFORE_YIELD = 2000, TASK_BITS = 20, MAX_TASKS = (1 << TASK_BITS) - 1 };

struct pool;
struct worker {
  struct pool *pool;
  int index;
  pthread_t thread;
};

/* One pool per calling thread (a Node isolate), so that isolates never wait for each other. `claim` holds the job number, its
   number of tasks and the next task: a worker takes a task by compare-and-swap, which fails when the job it has read is over, so
   a worker that wakes late does no harm and nobody waits for it. */
struct pool {
  _Atomic uint64_t claim;
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

static inline uint32_t job_of(uint64_t claim) { return (uint32_t)(claim >> (2 * TASK_BITS)); }
static inline int tasks_of(uint64_t claim) { return (int)(claim >> TASK_BITS) & MAX_TASKS; }
static inline int next_of(uint64_t claim) { return (int)claim & MAX_TASKS; }

static _Thread_local struct pool *pool_of_thread;
static _Thread_local int thread_limit = 1;
static _Thread_local int inside_task;

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Takes and runs tasks of the job until none is left. */
static void work(struct pool *pool) {
  for (;;) {
    uint64_t claim = atomic_load(&pool->claim);
    if (next_of(claim) >= tasks_of(claim)) return;
    parallel_body body = atomic_load(&pool->body);
    void *context = atomic_load(&pool->context);
    if (!atomic_compare_exchange_strong(&pool->claim, &claim, claim + 1)) continue;
    body(next_of(claim), context);
    atomic_fetch_add(&pool->done, 1);
  }
}

static int is_waiting(struct pool *pool, uint32_t seen) {
  return job_of(atomic_load(&pool->claim)) == seen && !atomic_load(&pool->stopping);
}

static void sleep_until_job(struct pool *pool, uint32_t seen) {
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
  uint32_t seen = 0;
  while (!atomic_load(&pool->stopping)) {
    for (int spins = 0; is_waiting(pool, seen); spins++) {
      if (spins < SPINS_BEFORE_SLEEP) relax();
      else sleep_until_job(pool, seen);
    }
    seen = job_of(atomic_load(&pool->claim));
    if (self->index < atomic_load(&pool->active_workers)) work(pool);
  }
  release_scratch();
  return NULL;
}

static struct pool *pool_with(int workers) {
  struct pool *pool = pool_of_thread;
  if (!pool) {
    pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
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

static void run_job(struct pool *pool, int tasks, parallel_body body, void *context) {
  /* Nobody can claim a task while the fields change: the old job has none left, and `claim`, written last, publishes the new. */
  uint64_t job = (atomic_load(&pool->claim) >> (2 * TASK_BITS)) + 1;
  atomic_store(&pool->done, 0);
  atomic_store(&pool->body, body);
  atomic_store(&pool->context, context);
  atomic_store(&pool->active_workers, thread_limit - 1);
  atomic_store(&pool->claim, (job << (2 * TASK_BITS)) | ((uint64_t)tasks << TASK_BITS));
  if (atomic_load(&pool->sleepers)) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
  inside_task = 1;
  work(pool);
  inside_task = 0;
  for (int spins = 0; atomic_load(&pool->done) < tasks; spins++) {
    if (spins < SPINS_BEFORE_YIELD) relax();
    else sched_yield();
  }
}

void parallel_for(int tasks, parallel_body body, void *context) {
  int can_share = tasks > 1 && tasks <= MAX_TASKS && thread_limit > 1 && !inside_task;
  struct pool *pool = can_share ? pool_with(thread_limit - 1) : NULL;
  if (pool) {
    run_job(pool, tasks, body, context);
    return;
  }
  for (int task = 0; task < tasks; task++) body(task, context);
}

void set_threads(int threads) { thread_limit = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads; }

int thread_count(void) { return inside_task ? 1 : thread_limit; }

void stop_threads(void) {
  struct pool *pool = pool_of_thread;
  if (!pool) return;
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
