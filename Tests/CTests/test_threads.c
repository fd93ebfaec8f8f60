// Threads: models trained side by side, shared inputs, fork, and graphs too deep for recursion.
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

enum { THREADS = 8, STEPS = 60 };

typedef struct job {
  uint64_t seed;
  double loss;
} job;

static void* train(void* argument) {
  job* mine = argument;
  snn_generator* generator = NULL;
  snn_generator_new(mine->seed, &generator, NULL);
  snn_tensor* weight = learned(APPLY("randn", snn_ints((const int64_t[]){1, 8}, 2), snn_of_generator(generator)));
  snn_tensor* x = APPLY("randn", snn_ints((const int64_t[]){16, 8}, 2), snn_of_generator(generator));
  snn_tensor* truth = APPLY("sum", snn_of(x), snn_ints((const int64_t[]){1}, 1), snn_bool(true));
  snn_optimizer* adam = NULL;
  snn_value rate = snn_float(0.1);
  snn_optimizer_new(snn_find(SNN_OPTIMIZERS, "Adam"), &weight, 1, &rate, 1, &adam, NULL);
  for (int i = 0; i < STEPS; i++) {
    snn_optimizer_zero_grad(adam);
    snn_tensor *y = APPLY("linear", snn_of(x), snn_of(weight)), *error = APPLY("sub", snn_of(y), snn_of(truth));
    snn_tensor *square = APPLY("square", snn_of(error)), *loss = APPLY("mean", snn_of(square));
    snn_backward(loss, NULL, false, false, NULL);
    snn_optimizer_step(adam, NULL);
    mine->loss = item(loss);
    snn_tensor_release(y), snn_tensor_release(error), snn_tensor_release(square), snn_tensor_release(loss);
  }
  snn_optimizer_release(adam);
  snn_tensor_release(weight), snn_tensor_release(x), snn_tensor_release(truth), snn_generator_release(generator);
  return NULL;
}

TEST(models_trained_side_by_side_are_the_same_as_alone) {
  job together[THREADS], alone[THREADS];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    together[i].seed = alone[i].seed = (uint64_t)i / 2;
    pthread_create(&threads[i], NULL, train, &together[i]);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) {
    train(&alone[i]);
    CHECK(together[i].loss == alone[i].loss && alone[i].loss < 1);
  }
}

static snn_tensor *shared_x, *shared_w;

static void* forward(void* argument) {
  double* total = argument;
  for (int i = 0; i < 200; i++) {
    snn_tensor *y = APPLY("linear", snn_of(shared_x), snn_of(shared_w)), *sum = APPLY("sum", snn_of(y));
    *total += item(sum);
    snn_tensor *gradient = NULL, *outputs[1] = {sum}, *inputs[1] = {shared_w};
    CHECK(snn_grad(outputs, 1, inputs, 1, NULL, false, false, false, &gradient, NULL) == SNN_OK);
    snn_tensor_release(y), snn_tensor_release(sum), snn_tensor_release(gradient);
  }
  return NULL;
}

TEST(shared_tensors_are_read_by_all) {
  shared_x = APPLY("ones", snn_ints((const int64_t[]){4, 8}, 2));
  shared_w = learned(APPLY("ones", snn_ints((const int64_t[]){2, 8}, 2)));
  pthread_t threads[THREADS];
  double totals[THREADS] = {0};
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, forward, &totals[i]);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) CHECK(totals[i] == 200 * 64);
  snn_tensor_release(shared_x), snn_tensor_release(shared_w);
}

static void* without_gradients(void* argument) {
  CHECK(snn_grad_enabled());
  snn_set_grad_enabled(false);
  *(bool*)argument = snn_grad_enabled();
  return NULL;
}

TEST(the_gradient_mode_belongs_to_the_thread) {
  bool there = true;
  pthread_t thread;
  pthread_create(&thread, NULL, without_gradients, &there);
  pthread_join(thread, NULL);
  CHECK(!there && snn_grad_enabled());
}

static double product(int64_t n) {
  const int64_t sizes[2] = {n, n};
  snn_tensor *x = APPLY("ones", snn_ints(sizes, 2)), *y = APPLY("matmul", snn_of(x), snn_of(x)),
             *sum = APPLY("sum", snn_of(y));
  double total = item(sum);
  snn_tensor_release(x), snn_tensor_release(y), snn_tensor_release(sum);
  return total;
}

TEST(a_child_can_compute) {
  snn_set_threads(2);
  CHECK(snn_threads() == 2 && product(256) == 256.0 * 256 * 256);
  pid_t child = fork();
  if (child == 0) _exit(product(256) == 256.0 * 256 * 256 ? 0 : 1);
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(product(256) == 256.0 * 256 * 256);
}

TEST(any_number_of_threads_gives_the_same_bits) {
  const int64_t sizes[2] = {300, 500};
  snn_generator_seed(NULL, 3);
  snn_tensor* x = APPLY("randn", snn_ints(sizes, 2));
  snn_tensor* t = APPLY("transpose", snn_of(x), snn_int(0), snn_int(1));
  double first = 0;
  for (int32_t threads = 1; threads <= 4; threads++) {
    snn_set_threads(threads);
    snn_tensor *y = APPLY("matmul", snn_of(x), snn_of(t)), *z = APPLY("tanh", snn_of(y)),
               *sum = APPLY("sum", snn_of(z));
    double total = item(sum);
    if (threads == 1) first = total;
    CHECK(total == first);
    snn_tensor_release(y), snn_tensor_release(z), snn_tensor_release(sum);
  }
  snn_set_threads(0);
  CHECK(snn_threads() >= 1);
  snn_tensor_release(x), snn_tensor_release(t);
}

static void* million_nodes(void* argument) {
  (void)argument;
  snn_tensor *x = learned(NUMBER(1)), *y = APPLY("add", snn_of(x), snn_int(0));
  for (int i = 0; i < 1000000; i++) {
    snn_tensor* next = APPLY("neg", snn_of(y));
    snn_tensor_release(y);
    y = next;
  }
  CHECK(snn_backward(y, NULL, false, false, NULL) == SNN_OK && gradient_of(x, 0) == 1);
  snn_tensor_release(y);
  snn_tensor_release(x);
  return NULL;
}

TEST(a_chain_of_a_million_nodes_needs_no_deep_stack) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 8 << 20);
  pthread_t thread;
  CHECK(pthread_create(&thread, &small, million_nodes, NULL) == 0);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&small);
}

TEST(nothing_is_left) { CHECK(in_use() == 0); }
