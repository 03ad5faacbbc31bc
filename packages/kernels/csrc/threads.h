/* Fork and join over independent tasks. */
#ifndef LENSFIELD_THREADS_H
#define LENSFIELD_THREADS_H

typedef void (*parallel_body)(int task, void *context);

/* Runs body(0, context) ... body(tasks - 1, context), on several threads in the native addon, in turn in WASM; returns when all
   are done. Which thread runs which task is left open, so split work by size alone (never by number of threads), let tasks write
   disjoint outputs, and add partial sums up afterwards in task order: then results are the same bytes for any number of threads.
   A call from inside a task runs its tasks in turn. One task costs about 20 ns, waking the threads 1 to 10 us: make tasks of 10 us
   or more, and a single task of small work. */
void parallel_for(int tasks, parallel_body body, void *context);

/* Begins body(0, context) on another thread, where there is one, while the caller goes on; elsewhere runs it at once. finish_task waits for
   it; so does the next parallel_for of the calling thread. One at a time; context must live until then. */
void begin_task(parallel_body body, void *context);
void finish_task(void);

/* Threads that parallel_for may use from the calling thread. */
void set_threads(int threads);

/* How many those are: to choose between orders of the same work, never to cut it. */
int thread_count(void);

/* Ends the threads that serve the calling thread. */
void stop_threads(void);

#endif
