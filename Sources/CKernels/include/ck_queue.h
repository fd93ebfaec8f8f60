// Numbered pieces of work done ahead by threads, in order, a bounded number of them before somebody takes them.
#ifndef CK_QUEUE_H
#define CK_QUEUE_H

#include "ck_types.h"

typedef struct ck_queue ck_queue;
typedef void (*ck_produce)(void* context, int64_t number);

// NULL when there is no memory, or no thread could be started.
ck_queue* ck_queue_new(int workers, int64_t capacity, ck_produce produce, void* context);

// From now on the numbers first … end - 1 are produced. What was underway is waited for, what was not taken is dropped.
void ck_queue_begin(ck_queue* queue, int64_t first, int64_t end);

// Waits until a number is produced, which keeps one of `capacity` places until it is taken.
void ck_queue_wait(ck_queue* queue, int64_t number);
void ck_queue_taken(ck_queue* queue, int64_t number);

// Whether the threads are there: they are not in a child that was forked, where all but a release would wait forever.
bool ck_queue_is_here(const ck_queue* queue);

// Ends the threads and waits for that; on one of them, without waiting for itself.
void ck_queue_release(ck_queue* queue);

#endif
