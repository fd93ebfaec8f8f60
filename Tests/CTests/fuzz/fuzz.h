// What the parts of the fuzz driver share: random numbers, the pools of live objects and the report of a wrong answer.
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swiftnn.h"

enum { TENSORS = 96, MODULES = 12, OPTIMIZERS = 6, GENERATORS = 4, MOST_ELEMENTS = 1 << 14 };

extern snn_tensor* tensors[TENSORS];
extern snn_module* modules[MODULES];
extern snn_optimizer* optimizers[OPTIMIZERS];
extern snn_generator* generators[GENERATORS];

extern char last_call[1024];  // what a signal handler prints
extern long wrong;            // broken promises so far
extern bool cycles_allowed;   // whether this round may leave memory behind
extern bool retains_allowed;  // whether results of this round may retain their gradients
extern long destructors_due;  // callbacks and borrowed blocks whose destructor has not run

uint64_t draw(void);
static inline uint64_t below(uint64_t n) { return draw() % n; }
static inline bool chance(unsigned percent) { return below(100) < percent; }

#define WRONG(...)                            \
  do {                                        \
    wrong++;                                  \
    fprintf(stderr, "WRONG %s: ", last_call); \
    fprintf(stderr, __VA_ARGS__);             \
    fputc('\n', stderr);                      \
  } while (0)

#define CALL(...) snprintf(last_call, sizeof last_call, __VA_ARGS__)

// An out parameter: NULL now and then, and a mark that a failed call must leave alone.
#define MARK ((void*)(uintptr_t)0x5EA1)

// Objects of the pools; now and then NULL.
snn_tensor* any_tensor(void);
snn_tensor* live_tensor(void);
snn_module* any_module(void);
snn_optimizer* any_optimizer(void);
snn_generator* any_generator(void);

void keep_tensor(snn_tensor* tensor);  // takes the reference
void drop_tensor(int slot);
void drop_everything(void);

snn_tensor* random_tensor(void);
snn_tensor* random_borrowed(void);
int64_t random_int(void);
double random_float(void);
const char* random_name(void);

// An argument for a field, mostly of the right kind. Lists live until the next call.
void forget_lists(void);
snn_value random_argument(const snn_field* field);
size_t random_arguments(const snn_entry* entry, snn_value* arguments);

// A call ended: the promises about status, message and out parameters.
bool ended(snn_status status, const snn_error* error);

void destroy_user(void* user);
void* new_user(void);

void fuzz_apply(void);
void fuzz_tensor(void);
void fuzz_gradient(void);
void fuzz_functions(void);
void fuzz_module(void);
void fuzz_optimizer(void);
void fuzz_schedule(void);
void drop_schedules(void);
void fuzz_metric(void);
void drop_metrics(void);
void fuzz_training(void);
void fuzz_logs(void);
void drop_logs(void);
void fuzz_data(void);
void drop_data(void);
void fuzz_readers(void);
void drop_readers(void);
void fuzz_stopping(void);
void drop_rules_and_heads(void);
void fuzz_trainer(void);
void drop_trainers(void);
void fuzz_rest(void);

#endif
