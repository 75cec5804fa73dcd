// GELU, x Phi(x) (Hendrycks and Gimpel, 2016), exact, and its gradient Phi(x) + x phi(x): one pass over memory each, and nothing kept but x.
#include "kernel.h"
#include "parallel.h"
#include "vector_math.h"

namespace studio {
namespace {

void gelu(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0);
  if (call.failed()) return;
  const Buffer y = call.output(0, x.shape);
  if (call.failed()) return;
  parallel_ranges(x.size(), kChunk, [&](int64_t begin, int64_t end) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; i++) y.data[i] = x.data[i] * normal(x.data[i]).distribution;
  });
}

void gelu_grad(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), x = call.input(1);
  if (call.failed()) return;
  if (dy.size() != x.size()) return call.fail("StudioGeluGrad: dy and x differ in size");
  const Buffer dx = call.output_in_place(0, 0, dy.shape);
  if (call.failed()) return;
  parallel_ranges(x.size(), kChunk, [&](int64_t begin, int64_t end) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; i++) {
      const Normal at = normal(x.data[i]);
      dx.data[i] = dy.data[i] * (at.distribution + x.data[i] * at.density);
    }
  });
}

}  // namespace

void register_gelu() {
  register_op({"StudioGelu", {"x: float"}, {"y: float"}, {}, first_like_first, nullptr, guarded<gelu>, nullptr});
  register_op({"StudioGeluGrad", {"dy: float", "x: float"}, {"dx: float"}, {}, first_like_first, nullptr, guarded<gelu_grad>, nullptr});
}

}  // namespace studio
