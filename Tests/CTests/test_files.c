// Files: safetensors, checkpoints and modules, in and out.
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static const char path[] = "/tmp/swiftnn-test-files";

static snn_archive* opened(const char* name) {
  snn_archive* archive = NULL;
  snn_error error = {0, ""};
  if (snn_archive_open(name, true, &archive, &error) != SNN_OK) CHECK_SAY("%s", error.message);
  return archive;
}

TEST(tensors_are_saved_and_opened) {
  snn_tensor* tensors[] = {VECTOR(1, 2, 3), NUMBER(4)};
  const char* names[] = {"a", "b"};
  const char* words[] = {"format", "pt"};
  CHECK(snn_save_tensors(path, names, tensors, 2, words, 1, NULL, NULL, NULL) == SNN_OK);
  uint64_t before = in_use();
  snn_archive* archive = opened(path);
  CHECK(snn_archive_count(archive) == 2);
  snn_archived entry;
  CHECK(snn_archive_at(archive, snn_archive_find(archive, "a"), &entry, NULL) == SNN_OK);
  CHECK(entry.dtype == SNN_FLOAT32 && entry.rank == 1 && entry.sizes[0] == 3 && !strcmp(entry.dtype_name, "F32"));
  snn_tensor* a = NULL;
  CHECK(snn_archive_tensor(archive, snn_archive_find(archive, "a"), &a, NULL) == SNN_OK);
  const char *key = NULL, *value = NULL;
  CHECK(snn_archive_metadata_count(archive) == 1 && snn_archive_metadata(archive, 0, &key, &value));
  CHECK(!strcmp(key, "format") && !strcmp(value, "pt"));
  snn_archive_release(archive);
  CHECK(in_use() == before);
  CHECK(element(a, 2) == 3);
  unlink(path);
  CHECK(element(a, 1) == 2);
  snn_tensor_release(a);
  for (int i = 0; i < 2; i++) snn_tensor_release(tensors[i]);
}

TEST(bytes_instead_of_a_file) {
  snn_tensor* tensor = VECTOR(1, 2);
  const char* name = "x";
  void* data = NULL;
  size_t size = 0;
  CHECK(snn_save_tensors(NULL, &name, &tensor, 1, NULL, 0, &data, &size, NULL) == SNN_OK);
  snn_archive* archive = NULL;
  CHECK(snn_archive_parse(data, size, &archive, NULL) == SNN_OK);
  snn_free(data);
  snn_tensor* found = NULL;
  CHECK(snn_archive_tensor(archive, 0, &found, NULL) == SNN_OK && element(found, 1) == 2);
  snn_tensor_release(found);
  snn_archive_release(archive);
  snn_tensor_release(tensor);
}

TEST(values_are_saved_and_opened) {
  snn_tensor* tensor = VECTOR(1, 2);
  const int64_t members[] = {1, 2, 3, 4};
  snn_node nodes[5] = {{.kind = SNN_KIND_DICT, .count = 4, .as.members = members},
                       {.kind = SNN_KIND_STRING, .as.s = "w"},
                       {.kind = SNN_KIND_TENSOR, .is_parameter = true, .as.tensor = tensor},
                       {.kind = SNN_KIND_STRING, .as.s = "epoch"},
                       {.kind = SNN_KIND_INT, .as.i = 3}};
  CHECK(snn_save_nodes(path, nodes, 5, NULL, NULL, NULL) == SNN_OK);
  snn_archive* archive = opened(path);
  snn_node root, node;
  CHECK(snn_archive_node(archive, snn_archive_root(archive), &root, NULL) == SNN_OK);
  CHECK(root.kind == SNN_KIND_DICT && root.count == 4);
  CHECK(snn_archive_node(archive, root.as.members[3], &node, NULL) == SNN_OK);
  CHECK(node.kind == SNN_KIND_INT && node.as.i == 3);
  snn_archived entry;
  CHECK(snn_archive_find(archive, "w") == 0 && snn_archive_at(archive, 0, &entry, NULL) == SNN_OK);
  CHECK(entry.is_parameter && !strcmp(entry.dtype_name, "float32"));
  snn_archive_release(archive);
  const int64_t wrong[] = {0, 9};
  snn_node bad = {.kind = SNN_KIND_LIST, .count = 1, .as.members = wrong};
  REFUSES(SNN_ERROR_ARGUMENT, "members", snn_save_nodes(path, &bad, 1, NULL, NULL, error));
  snn_node looped[2] = {{.kind = SNN_KIND_LIST, .count = 1, .as.members = wrong}, {.kind = SNN_KIND_NONE}};
  REFUSES(SNN_ERROR_ARGUMENT, "cannot contain value 0", snn_save_nodes(path, looped, 2, NULL, NULL, error));
  unlink(path);
  snn_tensor_release(tensor);
}

typedef struct {
  int missing, unexpected, other_shape;
} Misfits;

static void count_misfit(void* user, snn_misfit misfit, const char* name, const char* text) {
  Misfits* counts = user;
  CHECK(strstr(text, name) != NULL);
  if (misfit == SNN_MISSING) counts->missing++;
  if (misfit == SNN_UNEXPECTED) counts->unexpected++;
  if (misfit == SNN_OTHER_SHAPE) counts->other_shape++;
}

static double weight_of(const snn_module* module) {
  snn_tensor* weight = NULL;
  CHECK(snn_module_get(module, "weight", &weight, NULL) == SNN_OK);
  double value = element(weight, 0);
  snn_tensor_release(weight);
  return value;
}

TEST(modules_are_saved_and_loaded) {
  snn_module* a = LAYER("Linear", snn_int(3), snn_int(2));
  snn_module* b = LAYER("Linear", snn_int(3), snn_int(2));
  CHECK(snn_module_save(a, path, NULL) == SNN_OK);
  snn_archive* archive = opened(path);
  CHECK(snn_module_load(b, archive, NULL, 0, true, NULL, NULL, NULL) == SNN_OK);
  CHECK(weight_of(a) == weight_of(b));
  snn_module* part = LAYER("Linear", snn_int(3), snn_int(1), snn_bool(false));
  double before = weight_of(part);
  Misfits misfits = {0, 0, 0};
  REFUSES(SNN_ERROR_NAME, "has shape [2, 3] in the file and [1, 3] in the model",
          snn_module_load(part, archive, NULL, 0, true, NULL, NULL, error));
  CHECK(snn_module_load(part, archive, NULL, 0, false, count_misfit, &misfits, NULL) == SNN_OK);
  CHECK(misfits.missing == 0 && misfits.unexpected == 1 && misfits.other_shape == 1);
  CHECK(weight_of(part) == before);
  snn_renaming table[] = {{"weight", "unused", false}, {"bi", "we", true}};
  misfits = (Misfits){0, 0, 0};
  CHECK(snn_module_load(part, archive, table, 2, false, count_misfit, &misfits, NULL) == SNN_OK);
  CHECK(misfits.missing == 1 && misfits.unexpected == 2);
  snn_archive_release(archive);
  unlink(path);
  snn_module_release(a);
  snn_module_release(b);
  snn_module_release(part);
}

TEST(mistakes_are_errors) {
  snn_archive* archive = NULL;
  REFUSES(SNN_ERROR_FILE, "/nowhere/a: No such file", snn_archive_open("/nowhere/a", false, &archive, error));
  REFUSES(SNN_ERROR_FILE, "directory", snn_archive_open("/tmp", true, &archive, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'path'", snn_archive_open(NULL, true, &archive, error));
  REFUSES(SNN_ERROR_ARGUMENT, "NULL", snn_archive_parse(NULL, 5, &archive, error));
  REFUSES(SNN_ERROR_FILE, "a file of 3 bytes", snn_archive_parse("abc", 3, &archive, error));
  CHECK(snn_archive_parse("\2\0\0\0\0\0\0\0{}", 10, &archive, NULL) == SNN_OK);
  snn_tensor* none = NULL;
  REFUSES(SNN_ERROR_INDEX, "no tensor 0 of 0", snn_archive_tensor(archive, 0, &none, error));
  snn_archive_release(archive);
  CHECK(snn_archive_count(NULL) == 0 && snn_archive_root(NULL) == -1 && snn_archive_find(NULL, "a") == -1);
  CHECK(!snn_archive_metadata(NULL, 0, NULL, NULL));
  snn_tensor* tensor = NUMBER(1);
  const char* name = "x";
  REFUSES(SNN_ERROR_FILE, "No such file",
          snn_save_tensors("/nowhere/a", &name, &tensor, 1, NULL, 0, NULL, NULL, error));
  REFUSES(SNN_ERROR_ARGUMENT, "'data'", snn_save_tensors(NULL, &name, &tensor, 1, NULL, 0, NULL, NULL, error));
  snn_tensor_release(tensor);
}
