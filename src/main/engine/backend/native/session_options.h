// Options for the sessions that tfjs-node opens. Each source of the package is compiled with this file included first,
// so no line of the package is changed. TENSORFLOW_SESSION_CONFIG can name a file that holds a serialized
// tensorflow.ConfigProto. Without it, TensorFlow only makes those rewrites of a graph that fuse ops. Our own passes
// have done the work of the others, which delay the first run of a graph of thousands of nodes.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include "tensorflow/c/c_api.h"

// The bytes of a ConfigProto with graph_options.rewrite_options. Each line is a field's number and its value; 2 is OFF.
inline const std::string studio_kFusionsOnly{
    "\x52\x24\x52\x22"
    "\x08\x02"      // layout_optimizer
    "\x18\x02"      // constant_folding
    "\x20\x01"      // memory_optimization: NO_MEM_OPT
    "\x38\x02"      // arithmetic_optimization
    "\x40\x02"      // dependency_optimization
    "\x48\x02"      // loop_optimization
    "\x50\x02"      // function_optimization
    "\x58\x02"      // debug_stripper
    "\x60\x01"      // meta_optimizer_iterations: ONE
    "\x68\x02"      // shape_optimization
    "\x78\x02"      // scoped_allocator_optimization
    "\xb0\x01\x02"  // implementation_selector
    "\xb8\x01\x02"  // auto_mixed_precision
    "\xc0\x01\x02"  // common_subgraph_elimination
    "\x80\x02\x01"  // disable_tfg_optimizer
};

inline TF_SessionOptions* studio_NewSessionOptions() {
  TF_SessionOptions* options = TF_NewSessionOptions();
  const char* path = std::getenv("TENSORFLOW_SESSION_CONFIG");
#ifdef STUDIO_CUDA
  // On a GPU, one of those rewrites chooses the layouts that tensor cores need.
  if (path == nullptr) return options;
#endif
  std::string bytes = studio_kFusionsOnly;
  if (path != nullptr) {
    std::ifstream file(path, std::ios::binary);
    bytes = {std::istreambuf_iterator<char>(file), {}};
  }
  TF_Status* status = TF_NewStatus();
  TF_SetConfig(options, bytes.data(), bytes.size(), status);
  if (TF_GetCode(status) != TF_OK) std::fprintf(stderr, "TENSORFLOW_SESSION_CONFIG: %s\n", TF_Message(status));
  TF_DeleteStatus(status);
  return options;
}
#define TF_NewSessionOptions studio_NewSessionOptions
