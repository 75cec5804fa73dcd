// A device for tests that is busy without using a processor: the op StudioTestWait sleeps for `milliseconds` and
// returns when. It is a library of its own that only tests build and load; the engine has no such op.
#include <node_api.h>
#include <chrono>
#include <cstdint>
#include <thread>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

using Clock = std::chrono::steady_clock;
const Clock::time_point started = Clock::now();

// Microseconds since the library was loaded. They overflow 32 bits after 35 minutes.
int32_t microseconds() { return static_cast<int32_t>(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started).count()); }

void* create(TF_OpKernelConstruction* construction) {
  auto* milliseconds = new float(0);
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrFloat(construction, "milliseconds", milliseconds, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return milliseconds;
}

void destroy(void* milliseconds) { delete static_cast<float*>(milliseconds); }

void compute(void* milliseconds, TF_OpKernelContext* context) {
  const int32_t began = microseconds();
  std::this_thread::sleep_for(std::chrono::duration<float, std::milli>(*static_cast<float*>(milliseconds)));
  TF_Status* status = TF_NewStatus();
  const int64_t two = 2;
  TF_Tensor* times = TF_AllocateOutput(context, 0, TF_INT32, &two, 1, 2 * sizeof(int32_t), status);
  if (TF_GetCode(status) == TF_OK) {
    static_cast<int32_t*>(TF_TensorData(times))[0] = began;
    static_cast<int32_t*>(TF_TensorData(times))[1] = microseconds();
  } else {
    TF_OpKernelContext_Failure(context, status);
  }
  if (times) TF_DeleteTensor(times);
  TF_DeleteStatus(status);
}

[[gnu::constructor]] void register_wait() {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder("StudioTestWait");
  TF_OpDefinitionBuilderAddAttr(op, "milliseconds: float");
  TF_OpDefinitionBuilderAddInput(op, "images: uint8");
  TF_OpDefinitionBuilderAddOutput(op, "times: int32");
  // The op is stateful so that TensorFlow never merges two runs.
  TF_OpDefinitionBuilderSetIsStateful(op, true);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  });
  TF_RegisterOpDefinition(op, status);
  TF_RegisterKernelBuilder("StudioTestWait", TF_NewKernelBuilder("StudioTestWait", "CPU", create, compute, destroy), status);
  TF_DeleteStatus(status);
}

}  // namespace

NAPI_MODULE_INIT() {
  (void)env;
  return exports;
}
