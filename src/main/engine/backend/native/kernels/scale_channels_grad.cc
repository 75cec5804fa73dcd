// Gradients of the product of x [.., width] and factor [width], one factor for each channel, in one pass over dy and x.
// LayerScale (Touvron et al., CaiT, ICCV 2021, sec. 2.2) is such a product.
#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

// Number of rows of a chunk. Chunks are added in order, so the result doesn't depend on the number of threads.
constexpr int64_t kRows = 64;

void scale_channels_grad(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), x = call.input(1), factor = call.input(2);
  if (call.failed()) return;
  const int64_t width = x.last(), rows = width ? x.size() / width : 0;
  if (dy.size() != x.size() || factor.size() != width) return call.fail("StudioScaleChannelsGrad: its inputs don't fit each other");
  const Buffer dx = call.output_in_place(0, 0, x.shape), dfactor = call.output(1, {width});
  if (call.failed()) return;
  const int64_t chunks = up(rows, kRows);
  std::vector<float> partial(chunks * width, 0.0f);
  parallel_ranges(rows, kRows, [&](int64_t begin, int64_t end) {
    float* sums = partial.data() + begin / kRows * width;
    for (int64_t row = begin; row < end; row++) {
      const float* given = dy.data + row * width;
      const float* from = x.data + row * width;
      float* to = dx.data + row * width;
#pragma GCC ivdep
      for (int64_t i = 0; i < width; i++) {
        sums[i] += given[i] * from[i];
        to[i] = given[i] * factor.data[i];
      }
    }
  });
  for (int64_t i = 0; i < width; i++) dfactor.data[i] = 0.0f;
  for (int64_t chunk = 0; chunk < chunks; chunk++)
    for (int64_t i = 0; i < width; i++) dfactor.data[i] += partial[chunk * width + i];
}

}  // namespace

void register_scale_channels_grad() {
  register_op({"StudioScaleChannelsGrad", {"dy: float", "x: float", "factor: float"}, {"dx: float", "dfactor: float"}, {}, unknown_shapes, nullptr,
               guarded<scale_channels_grad>, nullptr});
}

}  // namespace studio
