// The little that kernels need of TensorFlow's C API: inputs, outputs and attributes of one call, float32 or bfloat16, and registration.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace studio {

// A number of bfloat16 (half.h).
using Half = uint16_t;

struct Buffer {
  float* data = nullptr;
  std::vector<int64_t> shape;
  // Whether its numbers are of bfloat16: only where an op's types allow it.
  bool half = false;

  Half* halves() const { return reinterpret_cast<Half*>(data); }

  int64_t size() const {
    int64_t product = 1;
    for (int64_t length : shape) product *= length;
    return product;
  }
  int64_t last() const { return shape.empty() ? 1 : shape.back(); }
};

struct Bytes {
  const uint8_t* data = nullptr;
  int64_t size = 0;
};

// With EFFICIENTTRAIN_KERNELS_LOG set, says once of each node that its result lies in its input's memory.
void log_in_place(TF_OpKernelContext* context);
// The op's failure: RESOURCE_EXHAUSTED, in words that start as TensorFlow's own, for std::bad_alloc.
void fail_by(TF_OpKernelContext* context, const std::exception& error);

// One run of a kernel. What it hands out lives as long as it does; after a failure data is null and `failed` true.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    for (const Held& each : held_) TF_DeleteTensor(each.tensor);
    TF_DeleteStatus(status_);
  }

  int inputs() const { return TF_NumInputs(context_); }
  bool failed() const { return failed_; }

  Buffer input(int index) { return held(get(index), index); }
  // int32, exactly `count` of them.
  const int32_t* integers(int index, int64_t count) {
    TF_Tensor* tensor = kept(get(index), index);
    if (!tensor) return nullptr;
    if (TF_TensorElementCount(tensor) == count) return static_cast<const int32_t*>(TF_TensorData(tensor));
    fail("an input of integers has another number of elements than this op reads");
    return nullptr;
  }
  // Of any type.
  Bytes bytes(int index) {
    TF_Tensor* tensor = kept(get(index), index);
    if (!tensor) return {};
    return {static_cast<const uint8_t*>(TF_TensorData(tensor)), static_cast<int64_t>(TF_TensorByteSize(tensor))};
  }
  // `size` bytes in a vector of int32.
  uint8_t* packed_output(int index, int64_t size) {
    const int64_t length = (size + 3) / 4;
    TF_Tensor* tensor = kept(TF_AllocateOutput(context_, index, TF_INT32, &length, 1, 4 * length, status_));
    return tensor ? static_cast<uint8_t*>(TF_TensorData(tensor)) : nullptr;
  }
  float scalar(int index) {
    const Buffer value = input(index);
    if (!failed_ && value.size() != 1) fail("an input that is one number has another number of elements");
    return failed_ ? 0.0f : *value.data;
  }
  Buffer output(int index, const std::vector<int64_t>& shape) {
    Buffer result;
    result.shape = shape;
    const TF_DataType type = TF_ExpectedOutputDataType(context_, index);
    const size_t bytes = result.size() * (type == TF_BFLOAT16 ? sizeof(Half) : sizeof(float));
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, type, shape.data(), static_cast<int>(shape.size()), bytes, status_);
    return held(tensor);
  }
  // Input `from`'s own memory where no one else reads it and the types agree, else new. What was read of the input before stays where it
  // is, because TensorFlow holds it for as long as the op runs.
  Buffer output_in_place(int index, int from, const std::vector<int64_t>& shape) {
    // TensorFlow hands on only what nobody holds besides itself, and we do.
    let_go(from);
    int forwarded = -1;
    TF_Tensor* tensor = TF_ForwardInputOrAllocateOutput(context_, &from, 1, index, shape.data(), static_cast<int>(shape.size()), &forwarded, status_);
    if (forwarded == from) log_in_place(context_);
    return held(tensor);
  }
  // Input `from`'s own memory, whoever else reads it.
  Buffer same_output(int index, int from) {
    TF_Tensor* tensor = get(from);
    if (TF_GetCode(status_) == TF_OK) TF_SetOutput(context_, index, tensor, status_);
    return held(tensor);
  }
  void fail(const char* message) {
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    report();
  }

 private:
  // A tensor, and which input it is; -1: none.
  struct Held {
    TF_Tensor* tensor;
    int input;
  };

  TF_Tensor* get(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return tensor;
  }
  // The tensor, deleted with the call; null after a failure, which is reported.
  TF_Tensor* kept(TF_Tensor* tensor, int input = -1) {
    if (tensor) held_.push_back({tensor, input});
    if (TF_GetCode(status_) == TF_OK) return tensor;
    report();
    return nullptr;
  }
  void let_go(int input) {
    for (size_t at = held_.size(); at-- > 0;) {
      if (held_[at].input != input) continue;
      TF_DeleteTensor(held_[at].tensor);
      held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  Buffer held(TF_Tensor* tensor, int input = -1) {
    Buffer buffer;
    if (!kept(tensor, input)) return buffer;
    buffer.data = static_cast<float*>(TF_TensorData(tensor));
    buffer.half = TF_TensorType(tensor) == TF_BFLOAT16;
    for (int axis = 0; axis < TF_NumDims(tensor); axis++) buffer.shape.push_back(TF_Dim(tensor, axis));
    return buffer;
  }
  void report() {
    if (!failed_) TF_OpKernelContext_Failure(context_, status_);
    failed_ = true;
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<Held> held_;
  bool failed_ = false;
};

// A kernel as TensorFlow calls it. No exception crosses the C API: memory that can't be had fails the op, and with it
// the step.
template <void (*kCompute)(void*, TF_OpKernelContext*)>
void guarded(void* kernel, TF_OpKernelContext* context) {
  try {
    kCompute(kernel, context);
  } catch (const std::exception& error) {
    fail_by(context, error);
  }
}

struct OpSpec {
  const char* name;
  std::vector<const char*> inputs;
  std::vector<const char*> outputs;
  std::vector<const char*> attrs;
  void (*shapes)(TF_ShapeInferenceContext*, TF_Status*);
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*destroy)(void*);
};

// Prints what TensorFlow says where it refuses.
void register_op(const OpSpec& spec);

// An attribute for the type of an input or output, which is float32 where a graph says nothing.
#define STUDIO_TYPE(name) name ": {float, bfloat16} = DT_FLOAT"

float float_attr(TF_OpKernelConstruction* construction, const char* name);
int64_t int_attr(TF_OpKernelConstruction* construction, const char* name);
bool bool_attr(TF_OpKernelConstruction* construction, const char* name);
void float_list_attr(TF_OpKernelConstruction* construction, const char* name, float* values, int count);

// Shape functions: the first output has the first input's shape; or nothing is known, which only costs grappler its foresight.
void first_like_first(TF_ShapeInferenceContext* context, TF_Status* status);
void unknown_shapes(TF_ShapeInferenceContext* context, TF_Status* status);

}  // namespace studio
