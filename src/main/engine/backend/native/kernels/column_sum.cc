// Sums over all axes but the last, x [.., width] -> sum [width]: the gradient of a bias.
#include <algorithm>

#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

// Number of rows of a chunk. Chunks are added in order, so the result doesn't depend on the number of threads.
constexpr int64_t kRows = 128;

void column_sum(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0);
  if (call.failed()) return;
  const int64_t width = x.last(), rows = width ? x.size() / width : 0;
  const Buffer sum = call.output(0, {width});
  if (call.failed()) return;
  const int64_t chunks = (rows + kRows - 1) / kRows;
  std::vector<float> partial(chunks * width, 0.0f);
  parallel_ranges(rows, kRows, [&](int64_t begin, int64_t end) {
    float* to = partial.data() + begin / kRows * width;
    int64_t row = begin;
    // Four rows are added at a time, so that the sums are read and written once for all four.
    for (; row + 4 <= end; row += 4) {
      const float* from = x.data + row * width;
#pragma GCC ivdep
      for (int64_t i = 0; i < width; i++) to[i] += (from[i] + from[width + i]) + (from[2 * width + i] + from[3 * width + i]);
    }
    for (; row < end; row++) {
      const float* from = x.data + row * width;
#pragma GCC ivdep
      for (int64_t i = 0; i < width; i++) to[i] += from[i];
    }
  });
  std::fill(sum.data, sum.data + width, 0.0f);
  for (int64_t chunk = 0; chunk < chunks; chunk++)
    for (int64_t i = 0; i < width; i++) sum.data[i] += partial[chunk * width + i];
}

}  // namespace

void register_column_sum() {
  register_op({"StudioColumnSum", {"x: float"}, {"sum: float"}, {}, unknown_shapes, nullptr, guarded<column_sum>, nullptr});
}

}  // namespace studio
