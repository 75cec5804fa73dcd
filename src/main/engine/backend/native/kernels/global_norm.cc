// L2 norm of all gradients together (torch.nn.utils.clip_grad_norm_): gradients of any shapes -> norm []. It reads each
// once and writes nothing in between.
#include <cmath>

#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

double sum_of_squares(const float* values, int64_t count) {
  // Blocks are summed in float32, which vectorises, and their sums in float64.
  constexpr int64_t kBlock = 1024;
  double sum = 0.0;
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t end = begin + kBlock < count ? begin + kBlock : count;
    float block = 0.0f;
    for (int64_t i = begin; i < end; i++) block += values[i] * values[i];
    sum += block;
  }
  return sum;
}

void global_norm(void*, TF_OpKernelContext* context) {
  Call call(context);
  struct Part {
    const float* values;
    int64_t count;
    double sum;
  };
  std::vector<Part> parts;
  for (int index = 0; index < call.inputs(); index++) {
    const Buffer gradient = call.input(index);
    if (call.failed()) return;
    for (int64_t at = 0; at < gradient.size(); at += kChunk)
      parts.push_back({gradient.data + at, at + kChunk < gradient.size() ? kChunk : gradient.size() - at, 0.0});
  }
  const Buffer norm = call.output(0, {});
  if (call.failed()) return;
  parallel_ranges(static_cast<int64_t>(parts.size()), 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) parts[i].sum = sum_of_squares(parts[i].values, parts[i].count);
  });
  double sum = 0.0;
  for (const Part& part : parts) sum += part.sum;
  *norm.data = static_cast<float>(std::sqrt(sum));
}

}  // namespace

void register_global_norm() {
  register_op({"StudioGlobalNorm", {"gradients: N * float"}, {"norm: float"}, {"N: int >= 1"}, unknown_shapes, nullptr, guarded<global_norm>, nullptr});
}

}  // namespace studio
