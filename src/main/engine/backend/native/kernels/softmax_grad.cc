// Gradient of softmax over the last axis, y (dy - sum(dy y)), in one pass over memory.
#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

void softmax_grad(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), y = call.input(1);
  if (call.failed()) return;
  if (dy.size() != y.size()) return call.fail("StudioSoftmaxGrad: dy and y differ in size");
  const Buffer dx = call.output_in_place(0, 0, dy.shape);
  if (call.failed()) return;
  const int64_t width = y.last(), rows = width ? y.size() / width : 0;
  parallel_ranges(rows, kChunk / (width + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* value = y.data + row * width;
      const float* given = dy.data + row * width;
      float* to = dx.data + row * width;
      float sum = 0.0f;
      for (int64_t i = 0; i < width; i++) sum += given[i] * value[i];
#pragma GCC ivdep
      for (int64_t i = 0; i < width; i++) to[i] = value[i] * (given[i] - sum);
    }
  });
}

}  // namespace

void register_softmax_grad() {
  register_op({"StudioSoftmaxGrad", {"dy: float", "y: float"}, {"dx: float"}, {}, first_like_first, nullptr, softmax_grad, nullptr});
}

}  // namespace studio
