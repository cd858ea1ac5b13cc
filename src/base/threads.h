/* Work spread over threads, with results that do not depend on how many there are. */
#ifndef STRIAE_BASE_THREADS_H
#define STRIAE_BASE_THREADS_H

/* Number of workers to use for `requested` (0 = one per processor), in 1..64. */
int threads_resolve(int requested);

/* Calls task(context, index) for index = 0..count-1, each exactly once, on up to `threads` threads;
 * returns when all are done. Each call must write only what belongs to its own index: that is what
 * makes the result independent of the number of threads. Falls back to fewer threads when the
 * system gives no more; never fails. */
void threads_run(int threads, int count, void (*task)(void *context, int index), void *context);

/* The same for rows 0..rows-1 by blocks of `block`: calls task(context, from, to) for each block,
 * the last of them shorter where need be. */
void threads_run_rows(int threads, int rows, int block,
                      void (*task)(void *context, int from, int to), void *context);

#endif
