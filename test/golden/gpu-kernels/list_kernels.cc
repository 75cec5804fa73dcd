// Writes a tensorflow.KernelList of every kernel that a libtensorflow registers to a file: list_kernels LIBRARIES FILE.
// A CUDA build registers its GPU kernels even without a GPU and without CUDA's own libraries. make.py compiles and runs
// this program.
#include <dlfcn.h>

#include <cstddef>
#include <cstdio>
#include <string>

struct TF_Buffer {
  const void* data;
  size_t length;
  void (*deallocator)(void* data, size_t length);
};

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::string folder = arguments[1];
  void* library = nullptr;
  for (const char* name : {"/libtensorflow_framework.so.2", "/libtensorflow_cc.so.2"}) {
    library = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (library) continue;
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const auto new_status = reinterpret_cast<void* (*)()>(dlsym(library, "TF_NewStatus"));
  const auto all_kernels = reinterpret_cast<TF_Buffer* (*)(void*)>(dlsym(library, "TF_GetAllRegisteredKernels"));
  const TF_Buffer* list = all_kernels(new_status());
  std::FILE* file = std::fopen(arguments[2], "wb");
  if (!list || !file) return 1;
  std::fwrite(list->data, 1, list->length, file);
  return std::fclose(file);
}
