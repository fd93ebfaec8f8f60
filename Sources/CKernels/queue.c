#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "ck_queue.h"

struct ck_queue {
  ck_produce produce;
  void* context;
  pid_t process;
  pthread_mutex_t mutex;
  pthread_cond_t work, made;
  int64_t next, end, taken, capacity;  // numbers: the next to produce, behind the last, behind the last one taken
  int busy, references;
  bool stops;
  int workers;
  bool* is_made;  // by number modulo capacity
  pthread_t threads[];
};

static void drop_reference(ck_queue* queue) {
  pthread_mutex_lock(&queue->mutex);
  const bool last = --queue->references == 0;
  pthread_mutex_unlock(&queue->mutex);
  if (!last) return;
  pthread_mutex_destroy(&queue->mutex);
  pthread_cond_destroy(&queue->work);
  pthread_cond_destroy(&queue->made);
  free(queue->is_made);
  free(queue);
}

static void* run(void* argument) {
  ck_queue* queue = argument;
  pthread_mutex_lock(&queue->mutex);
  while (!queue->stops) {
    if (queue->next >= queue->end || queue->next >= queue->taken + queue->capacity) {
      pthread_cond_wait(&queue->work, &queue->mutex);
      continue;
    }
    const int64_t number = queue->next++;
    queue->busy++;
    pthread_mutex_unlock(&queue->mutex);
    queue->produce(queue->context, number);
    pthread_mutex_lock(&queue->mutex);
    queue->busy--;
    queue->is_made[number % queue->capacity] = true;
    pthread_cond_broadcast(&queue->made);
  }
  pthread_mutex_unlock(&queue->mutex);
  drop_reference(queue);
  return NULL;
}

// Workers take no signals: those belong to the threads of the program.
static void start(ck_queue* queue, int workers) {
  sigset_t all, before;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return;
  pthread_mutex_lock(&queue->mutex);
  while (queue->workers < workers && pthread_create(&queue->threads[queue->workers], NULL, run, queue) == 0) {
    queue->workers++;
    queue->references++;
  }
  pthread_mutex_unlock(&queue->mutex);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

ck_queue* ck_queue_new(int workers, int64_t capacity, ck_produce produce, void* context) {
  ck_queue* queue = calloc(1, sizeof *queue + (size_t)workers * sizeof(pthread_t));
  bool* is_made = calloc((size_t)capacity, sizeof *is_made);
  if (queue == NULL || is_made == NULL) {
    free(queue);
    free(is_made);
    return NULL;
  }
  queue->produce = produce;
  queue->context = context;
  queue->process = getpid();
  queue->capacity = capacity;
  queue->is_made = is_made;
  queue->references = 1;
  pthread_mutex_init(&queue->mutex, NULL);
  pthread_cond_init(&queue->work, NULL);
  pthread_cond_init(&queue->made, NULL);
  start(queue, workers);
  if (queue->workers > 0) return queue;
  drop_reference(queue);
  return NULL;
}

void ck_queue_begin(ck_queue* queue, int64_t first, int64_t end) {
  pthread_mutex_lock(&queue->mutex);
  queue->next = queue->end;
  while (queue->busy > 0) pthread_cond_wait(&queue->made, &queue->mutex);
  for (int64_t i = 0; i < queue->capacity; i++) queue->is_made[i] = false;
  queue->next = queue->taken = first;
  queue->end = end;
  pthread_cond_broadcast(&queue->work);
  pthread_mutex_unlock(&queue->mutex);
}

void ck_queue_wait(ck_queue* queue, int64_t number) {
  pthread_mutex_lock(&queue->mutex);
  while (!queue->is_made[number % queue->capacity]) pthread_cond_wait(&queue->made, &queue->mutex);
  pthread_mutex_unlock(&queue->mutex);
}

void ck_queue_taken(ck_queue* queue, int64_t number) {
  pthread_mutex_lock(&queue->mutex);
  queue->is_made[number % queue->capacity] = false;
  queue->taken = number + 1;
  pthread_cond_signal(&queue->work);
  pthread_mutex_unlock(&queue->mutex);
}

bool ck_queue_is_here(const ck_queue* queue) { return queue->process == getpid(); }

void ck_queue_release(ck_queue* queue) {
  if (!ck_queue_is_here(queue)) return;
  pthread_mutex_lock(&queue->mutex);
  queue->stops = true;
  pthread_cond_broadcast(&queue->work);
  pthread_mutex_unlock(&queue->mutex);
  for (int i = 0; i < queue->workers; i++) {
    if (pthread_equal(queue->threads[i], pthread_self())) {
      pthread_detach(queue->threads[i]);
    } else {
      pthread_join(queue->threads[i], NULL);
    }
  }
  drop_reference(queue);
}
