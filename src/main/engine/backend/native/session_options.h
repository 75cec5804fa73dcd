// Session options for the sessions that tfjs-node opens. Its sources are compiled with -DTF_NewSessionOptions=studio_NewSessionOptions
// and this file included first, so no line of the package is changed. TENSORFLOW_SESSION_CONFIG names a file that holds a serialized
// tensorflow.ConfigProto; without it the options are TensorFlow's defaults.
#pragma once
#undef TF_NewSessionOptions
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include "tensorflow/c/c_api.h"

inline TF_SessionOptions* studio_NewSessionOptions() {
  TF_SessionOptions* options = TF_NewSessionOptions();
  const char* path = std::getenv("TENSORFLOW_SESSION_CONFIG");
  if (path == nullptr) return options;
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  TF_Status* status = TF_NewStatus();
  TF_SetConfig(options, bytes.data(), bytes.size(), status);
  if (TF_GetCode(status) != TF_OK) std::fprintf(stderr, "TENSORFLOW_SESSION_CONFIG: %s\n", TF_Message(status));
  TF_DeleteStatus(status);
  return options;
}
#define TF_NewSessionOptions studio_NewSessionOptions
