// A model whose forward is a callback of the host.
#include "training.h"

typedef struct Line {
  snn_tensor *weight, *bias;
  int trained, evaluated, destroyed;
  bool training;
  snn_status answer;
} Line;

static snn_status line_forward(void* user, snn_tensor* const* inputs, size_t input_count, snn_tensor** outputs,
                               size_t capacity, size_t* output_count) {
  Line* line = user;
  if (line->answer != SNN_OK || input_count != 1 || capacity < 1) return line->answer ? line->answer : -3;
  snn_tensor* product = APPLY("matmul", snn_of(inputs[0]), snn_of(line->weight));
  outputs[0] = APPLY("add", snn_of(product), snn_of(line->bias));
  snn_tensor_release(product);
  *output_count = 1;
  *(line->training ? &line->trained : &line->evaluated) += 1;
  return SNN_OK;
}

static void line_train(void* user, bool training) { ((Line*)user)->training = training; }

static void line_destroy(void* user) { ((Line*)user)->destroyed++; }

TEST(a_model_of_the_host) {
  const uint64_t before = in_use();
  Line line = {.training = true};
  snn_generator_seed(NULL, 1);
  line.weight = learned(made(SNN_FLOAT32, 2, (int64_t[]){FEATURES, CLASSES}, NULL));
  line.bias = learned(made(SNN_FLOAT32, 1, (int64_t[]){CLASSES}, NULL));
  snn_tensor* tensors[] = {line.weight, line.bias};
  const char* names[] = {"weight", "bias"};
  const snn_host_module host = {.size = sizeof host,
                                .name = "Line",
                                .forward = line_forward,
                                .train = line_train,
                                .names = names,
                                .tensors = tensors,
                                .count = 2,
                                .user = &line,
                                .destructor = line_destroy};
  snn_module *model = NULL, *loss = NULL;
  DONE(snn_module_from_host(&host, &model, error));
  CHECK(snn_module_state_count(model) == 2);
  DONE(snn_new_crossentropyloss(NULL, &loss, error));
  snn_optimizer* optimizer = NULL;
  snn_trainer* trainer = NULL;
  DONE(snn_new_sgd(tensors, 2, &(snn_new_sgd_options){.lr = snn_float(0.1)}, &optimizer, error));
  DONE(snn_trainer_new(model, loss, optimizer, NULL, &trainer, error));
  snn_loader *training = loader_of(clouds(60, 3), 0), *validation = loader_of(clouds(40, 4), 0);
  DONE(snn_trainer_fit(trainer, training, validation, 3, error));
  CHECK(line.trained == 3 * 8 && line.evaluated == 3 * 5 && line.training);
  CHECK(fabs(element(line.weight, 0)) > 0.1);

  const char* file = path("host.safetensors");
  DONE(snn_trainer_save(trainer, training, file, error));
  const double weight = element(line.weight, 0);
  DONE(snn_trainer_fit(trainer, training, validation, 4, error));
  CHECK(element(line.weight, 0) != weight);
  DONE(snn_trainer_load(trainer, training, file, error));
  CHECK(element(line.weight, 0) == weight);

  line.answer = -9;
  REFUSES(SNN_ERROR_CALLBACK, "-9", snn_trainer_fit(trainer, training, validation, 9, error));
  line.answer = SNN_OK;
  snn_trainer_release(trainer), snn_loader_release(training), snn_loader_release(validation);
  snn_module_release(loss);
  CHECK(line.destroyed == 0);
  snn_module_release(model);
  CHECK(line.destroyed == 1);
  for (int i = 0; i < 2; i++) snn_tensor_set_gradient(tensors[i], NULL, NULL);
  snn_optimizer_release(optimizer);
  snn_tensor_release(line.weight), snn_tensor_release(line.bias);
  CHECK(in_use() == before);
}

TEST(mistakes_about_models_of_the_host) {
  Line line = {0};
  snn_tensor *tensors[] = {VECTOR(1), NULL}, *twins[] = {tensors[0], tensors[0]};
  const char *names[] = {"a", "a"}, *none[] = {NULL};
  const snn_host_module good = {.size = sizeof good,
                                .name = "Line",
                                .forward = line_forward,
                                .names = names,
                                .tensors = tensors,
                                .count = 1,
                                .user = &line,
                                .destructor = line_destroy};
  snn_module* out = NULL;
  snn_host_module host = good;
  REFUSES(SNN_ERROR_ARGUMENT, "host", snn_module_from_host(NULL, &out, error));
  REFUSES(SNN_ERROR_ARGUMENT, "out", snn_module_from_host(&host, NULL, error));
  host.name = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "name", snn_module_from_host(&host, &out, error));
  host = good, host.forward = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "forward", snn_module_from_host(&host, &out, error));
  host = good, host.names = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "names", snn_module_from_host(&host, &out, error));
  host.names = none;
  REFUSES(SNN_ERROR_ARGUMENT, "names", snn_module_from_host(&host, &out, error));
  host = good, host.tensors = NULL;
  REFUSES(SNN_ERROR_ARGUMENT, "tensors", snn_module_from_host(&host, &out, error));
  host = good, host.count = 2;
  REFUSES(SNN_ERROR_ARGUMENT, "tensors", snn_module_from_host(&host, &out, error));
  host.tensors = twins;
  REFUSES(SNN_ERROR_ARGUMENT, "one name", snn_module_from_host(&host, &out, error));
  host.count = SIZE_MAX;
  REFUSES(SNN_ERROR_ARGUMENT, "names", snn_module_from_host(&host, &out, error));
  host = good, host.capacity = SIZE_MAX;
  REFUSES(SNN_ERROR_ARGUMENT, "results", snn_module_from_host(&host, &out, error));
  CHECK(out == NULL && line.destroyed == 0);
  snn_tensor_release(tensors[0]);
}

TEST(nothing_is_left_on_the_disk) { remove_folder(); }
