// Trains in $KILLED_FOLDER with a checkpoint behind each epoch and every few steps, and goes on from the last one: it
// prints the weights at the end. Tests/killtest.sh kills it at random moments.
#include "training.h"

enum { EPOCHS = 60 };

static void report(const char* what, snn_status status, const snn_error* error) {
  if (status == SNN_OK) return;
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

TEST(trains_to_the_end) {
  const char* at = getenv("KILLED_FOLDER");
  if (at == NULL) exit(1);
  char last[512];
  snprintf(last, sizeof last, "%s/last.safetensors", at);
  const snn_trainer_options options = {.size = sizeof options, .folder = at, .save_steps = 3};
  Training all = begun_with(&options, 0);
  snn_error error = {0, ""};
  if (access(last, F_OK) == 0) report("load", snn_trainer_load(all.trainer, all.training, last, &error), &error);
  report("fit", snn_trainer_fit(all.trainer, all.training, all.validation, EPOCHS, &error), &error);
  const Bits weights = bits(all.model);
  for (size_t i = 0; i < weights.count; i++) printf("%a\n", (double)weights.weights[i]);
  printf("%lld %.17g\n", (long long)snn_trainer_step(all.trainer), measured(&all, 0, "loss"));
  end(all);
}
