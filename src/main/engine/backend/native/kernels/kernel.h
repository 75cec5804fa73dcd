// The little that kernels need of TensorFlow's C API: inputs, outputs and attributes of one call, all float32, and registration.
#pragma once
#include <cstdint>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace studio {

struct Buffer {
  float* data = nullptr;
  std::vector<int64_t> shape;

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

// One run of a kernel. What it hands out lives as long as it does; after a failure data is null and `failed` true.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  int inputs() const { return TF_NumInputs(context_); }
  bool failed() const { return failed_; }

  Buffer input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return held(tensor);
  }
  // int32, with at least `least` elements.
  const int32_t* integers(int index, int64_t least) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    if (TF_GetCode(status_) != TF_OK) {
      report();
      return nullptr;
    }
    tensors_.push_back(tensor);
    if (TF_TensorElementCount(tensor) < least) fail("an input of integers is too short");
    return static_cast<const int32_t*>(TF_TensorData(tensor));
  }
  // Of any type.
  Bytes bytes(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    if (TF_GetCode(status_) != TF_OK) {
      report();
      return {};
    }
    tensors_.push_back(tensor);
    return {static_cast<const uint8_t*>(TF_TensorData(tensor)), static_cast<int64_t>(TF_TensorByteSize(tensor))};
  }
  // `size` bytes in a vector of int32.
  uint8_t* packed_output(int index, int64_t size) {
    const int64_t length = (size + 3) / 4;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, TF_INT32, &length, 1, 4 * length, status_);
    if (TF_GetCode(status_) != TF_OK) {
      report();
      return nullptr;
    }
    tensors_.push_back(tensor);
    return static_cast<uint8_t*>(TF_TensorData(tensor));
  }
  float scalar(int index) {
    const Buffer value = input(index);
    return value.data ? *value.data : 0.0f;
  }
  Buffer output(int index, const std::vector<int64_t>& shape) {
    Buffer result;
    result.shape = shape;
    TF_Tensor* tensor =
        TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()), result.size() * sizeof(float), status_);
    return held(tensor);
  }
  // Input `from`'s own memory where no one else reads it, else new.
  Buffer output_in_place(int index, int from, const std::vector<int64_t>& shape) {
    int forwarded = -1;
    TF_Tensor* tensor = TF_ForwardInputOrAllocateOutput(context_, &from, 1, index, shape.data(), static_cast<int>(shape.size()), &forwarded, status_);
    return held(tensor);
  }
  // Input `from`'s own memory, whoever else reads it.
  Buffer same_output(int index, int from) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, from, &tensor, status_);
    if (TF_GetCode(status_) == TF_OK) TF_SetOutput(context_, index, tensor, status_);
    return held(tensor);
  }
  void fail(const char* message) {
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    report();
  }

 private:
  Buffer held(TF_Tensor* tensor) {
    Buffer buffer;
    if (tensor) tensors_.push_back(tensor);
    if (TF_GetCode(status_) != TF_OK) {
      report();
      return buffer;
    }
    buffer.data = static_cast<float*>(TF_TensorData(tensor));
    for (int axis = 0; axis < TF_NumDims(tensor); axis++) buffer.shape.push_back(TF_Dim(tensor, axis));
    return buffer;
  }
  void report() {
    if (!failed_) TF_OpKernelContext_Failure(context_, status_);
    failed_ = true;
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
  bool failed_ = false;
};

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

float float_attr(TF_OpKernelConstruction* construction, const char* name);
int64_t int_attr(TF_OpKernelConstruction* construction, const char* name);
bool bool_attr(TF_OpKernelConstruction* construction, const char* name);
void float_list_attr(TF_OpKernelConstruction* construction, const char* name, float* values, int count);

// Shape functions: the first output has the first input's shape; or nothing is known, which only costs grappler its foresight.
void first_like_first(TF_ShapeInferenceContext* context, TF_Status* status);
void unknown_shapes(TF_ShapeInferenceContext* context, TF_Status* status);

}  // namespace studio
