// StarReLU, scale max(x, 0)^2 + offset with one trained scale and one trained offset for a layer (Yu et al., MetaFormer
// Baselines for Vision, TPAMI 2024, sec. 3.1), and its gradients. Each takes one pass over memory, and only x is
// stored.
#include <algorithm>

#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

void star_relu(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0);
  const float scale = call.scalar(1), offset = call.scalar(2);
  if (call.failed()) return;
  const Buffer y = call.output(0, x.shape);
  if (call.failed()) return;
  parallel_ranges(x.size(), kChunk, [&](int64_t begin, int64_t end) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; i++) {
      // The comparison has this direction so that NaN stays NaN.
      const float positive = x.data[i] < 0.0f ? 0.0f : x.data[i];
      y.data[i] = scale * positive * positive + offset;
    }
  });
}

// Number of values that are summed in float32; these sums are added in float64. Long sums nearly cancel out, and the
// remainder decides how Adam moves the single scale.
constexpr int64_t kShort = 256;

// The sums over a chunk: of dy, and of dy max(x, 0)^2.
struct Sums {
  double offset = 0, scale = 0;
};

void star_relu_grad(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), x = call.input(1);
  const float scale = call.scalar(2);
  if (call.failed()) return;
  if (dy.size() != x.size()) return call.fail("StudioStarReluGrad: dy and x differ in size");
  const Buffer dx = call.output_in_place(0, 0, dy.shape), dscale = call.output(1, {1}), doffset = call.output(2, {1});
  if (call.failed()) return;
  std::vector<Sums> partial(up(x.size(), kChunk));
  parallel_ranges(x.size(), kChunk, [&](int64_t begin, int64_t end) {
    Sums sums;
    for (int64_t first = begin; first < end; first += kShort) {
      float offsets = 0.0f, scales = 0.0f;
      const int64_t last = std::min(end, first + kShort);
#pragma GCC ivdep
      for (int64_t i = first; i < last; i++) {
        const float given = dy.data[i], positive = x.data[i] < 0.0f ? 0.0f : x.data[i];
        offsets += given;
        scales += given * positive * positive;
        dx.data[i] = 2.0f * scale * positive * given;
      }
      sums.offset += offsets;
      sums.scale += scales;
    }
    partial[begin / kChunk] = sums;
  });
  // The sums are added in the order of the chunks, whichever thread computed them.
  Sums all;
  for (const Sums& sums : partial) {
    all.offset += sums.offset;
    all.scale += sums.scale;
  }
  *dscale.data = static_cast<float>(all.scale);
  *doffset.data = static_cast<float>(all.offset);
}

}  // namespace

void register_star_relu() {
  register_op({"StudioStarRelu", {"x: float", "scale: float", "offset: float"}, {"y: float"}, {}, first_like_first, nullptr, guarded<star_relu>, nullptr});
  register_op({"StudioStarReluGrad", {"dy: float", "x: float", "scale: float"}, {"dx: float", "dscale: float", "doffset: float"}, {}, unknown_shapes, nullptr,
               guarded<star_relu_grad>, nullptr});
}

}  // namespace studio
