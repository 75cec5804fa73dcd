// The part of TensorFlow's C API that our kernels need: inputs, outputs and attributes of a call, in float32 or
// bfloat16, and registration.
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

// The bits of a bfloat16 (half.h).
using Half = uint16_t;

struct Buffer {
  float* data = nullptr;
  std::vector<int64_t> shape;
  // Whether the values are bfloat16, which only some ops' types allow.
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

// Prints once for each node that its result takes its input's memory, if EFFICIENTTRAIN_KERNELS_LOG is set.
void log_in_place(TF_OpKernelContext* context);
// Fails the op with the error's message. For std::bad_alloc the code is RESOURCE_EXHAUSTED, and the message begins as
// TensorFlow's own does.
void fail_by(TF_OpKernelContext* context, const std::exception& error);

// One call of a kernel. The memory it returns lives as long as the call. After a failure, data is null and `failed` is
// true.
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
  // Returns an input of int32; the call fails where it hasn't exactly `count` elements.
  const int32_t* integers(int index, int64_t count) {
    TF_Tensor* tensor = kept(get(index), index);
    if (!tensor) return nullptr;
    if (TF_TensorElementCount(tensor) == count) return static_cast<const int32_t*>(TF_TensorData(tensor));
    fail("an input of integers has another number of elements than this op reads");
    return nullptr;
  }
  // Returns the bytes of an input of any type.
  Bytes bytes(int index) {
    TF_Tensor* tensor = kept(get(index), index);
    if (!tensor) return {};
    return {static_cast<const uint8_t*>(TF_TensorData(tensor)), static_cast<int64_t>(TF_TensorByteSize(tensor))};
  }
  // Makes an output of `size` bytes, packed in a vector of int32.
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
  // Makes an output in the memory of input `from`, where nobody else reads it and the types agree, or else in new
  // memory. Pointers to the input stay valid, because TensorFlow holds the input while the op runs.
  Buffer output_in_place(int index, int from, const std::vector<int64_t>& shape) {
    // TensorFlow reuses an input only if nobody else holds it, so our own reference must be dropped first.
    let_go(from);
    int forwarded = -1;
    TF_Tensor* tensor = TF_ForwardInputOrAllocateOutput(context_, &from, 1, index, shape.data(), static_cast<int>(shape.size()), &forwarded, status_);
    if (forwarded == from) log_in_place(context_);
    return held(tensor);
  }
  // Makes an output in the memory of input `from`, even if others read it.
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
  // A tensor and the index of its input, or -1 if it is an output.
  struct Held {
    TF_Tensor* tensor;
    int input;
  };

  TF_Tensor* get(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return tensor;
  }
  // Keeps the tensor until the call ends. Returns null after a failure, which it reports.
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

// The function that TensorFlow calls for a kernel. No exception crosses the C API: without enough memory the op fails,
// and the step with it.
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

// Registers an op and its kernel. Where TensorFlow refuses, its message is printed to stderr.
void register_op(const OpSpec& spec);

// An attribute for the type of an input or output; without a value in the graph it is float32.
#define STUDIO_TYPE(name) name ": {float, bfloat16} = DT_FLOAT"

float float_attr(TF_OpKernelConstruction* construction, const char* name);
int64_t int_attr(TF_OpKernelConstruction* construction, const char* name);
bool bool_attr(TF_OpKernelConstruction* construction, const char* name);
void float_list_attr(TF_OpKernelConstruction* construction, const char* name, float* values, int count);

// Shape functions: the first output has the first input's shape, or no shape is known. Unknown shapes only hide
// opportunities from TensorFlow's graph optimizer.
void first_like_first(TF_ShapeInferenceContext* context, TF_Status* status);
void unknown_shapes(TF_ShapeInferenceContext* context, TF_Status* status);

}  // namespace studio
