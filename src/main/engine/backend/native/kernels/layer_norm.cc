// Layer norm over the last axis (Ba et al., 2016, sec. 3.1) and its gradient: x [.., width] -> y [.., width]. The
// forward op also returns each row's mean and 1 / standard deviation. The gradient reads x and dy once from memory.
#include <cmath>

#include "half.h"
#include "kernel.h"
#include "parallel.h"
#include "scratch.h"

namespace studio {
namespace {

// Number of rows of a chunk. Chunks are added in order, so the sums are the same with any number of threads.
constexpr int64_t kRows = 64;

struct Options {
  float epsilon;
};

void* create(TF_OpKernelConstruction* construction) { return new Options{float_attr(construction, "epsilon")}; }
void destroy(void* options) { delete static_cast<Options*>(options); }

void layer_norm(void* options, TF_OpKernelContext* context) {
  Call call(context);
  const float epsilon = static_cast<Options*>(options)->epsilon;
  const Buffer x = call.input(0), gain = call.input(1), offset = call.input(2);
  if (call.failed()) return;
  const int64_t width = x.last(), rows = width ? x.size() / width : 0;
  if (gain.size() != width || offset.size() != width) return call.fail("StudioLayerNorm: weight and bias need the last axis of x");
  const Buffer y = call.output(0, x.shape), mean = call.output(1, {rows}), inverse = call.output(2, {rows});
  if (call.failed()) return;
  parallel_ranges(rows, kRows, [&](int64_t begin, int64_t end) {
    float* room = y.half ? scratch(width) : nullptr;
    for (int64_t row = begin; row < end; row++) {
      const float* from = x.data + row * width;
      float* to = floats_to_write(y, row * width, room);
      float sum = 0.0f;
      for (int64_t i = 0; i < width; i++) sum += from[i];
      const float centre = sum / width;
      float squares = 0.0f;
      for (int64_t i = 0; i < width; i++) squares += (from[i] - centre) * (from[i] - centre);
      const float scale = 1.0f / std::sqrt(squares / width + epsilon);
#pragma GCC ivdep
      for (int64_t i = 0; i < width; i++) to[i] = (from[i] - centre) * scale * gain.data[i] + offset.data[i];
      written(y, row * width, width, to);
      mean.data[row] = centre;
      inverse.data[row] = scale;
    }
  });
}

void layer_norm_grad(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), x = call.input(1), gain = call.input(2), mean = call.input(3), inverse = call.input(4);
  if (call.failed()) return;
  const int64_t width = x.last(), rows = width ? x.size() / width : 0;
  if (dy.size() != x.size() || gain.size() != width || mean.size() != rows || inverse.size() != rows)
    return call.fail("StudioLayerNormGrad: its inputs don't fit each other");
  const Buffer dx = call.output_in_place(0, 0, x.shape), dgain = call.output(1, {width}), doffset = call.output(2, {width});
  if (call.failed()) return;
  const int64_t chunks = (rows + kRows - 1) / kRows;
  std::vector<float> partial(2 * chunks * width, 0.0f);
  parallel_ranges(rows, kRows, [&](int64_t begin, int64_t end) {
    float* gains = partial.data() + 2 * (begin / kRows) * width;
    float* offsets = gains + width;
    float* room = dy.half ? scratch(width) : nullptr;
    for (int64_t row = begin; row < end; row++) {
      const float* from = x.data + row * width;
      const float* given = read_floats(dy, row * width, width, room);
      float* to = dx.data + row * width;
      const float centre = mean.data[row], scale = inverse.data[row];
      float sum = 0.0f, along = 0.0f;
#pragma GCC ivdep
      for (int64_t i = 0; i < width; i++) {
        const float normal = (from[i] - centre) * scale;
        const float weighted = given[i] * gain.data[i];
        sum += weighted;
        along += weighted * normal;
        gains[i] += given[i] * normal;
        offsets[i] += given[i];
      }
      sum /= width;
      along /= width;
#pragma GCC ivdep
      for (int64_t i = 0; i < width; i++) {
        const float normal = (from[i] - centre) * scale;
        to[i] = scale * (given[i] * gain.data[i] - sum - normal * along);
      }
    }
  });
  for (int64_t i = 0; i < width; i++) dgain.data[i] = doffset.data[i] = 0.0f;
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    const float* gains = partial.data() + 2 * chunk * width;
    for (int64_t i = 0; i < width; i++) {
      dgain.data[i] += gains[i];
      doffset.data[i] += gains[width + i];
    }
  }
}

}  // namespace

void register_layer_norm() {
  register_op({"StudioLayerNorm",
               {"x: float", "weight: float", "bias: float"},
               {"y: Ty", "mean: float", "inverse: float"},
               {"epsilon: float", STUDIO_TYPE("Ty")},
               unknown_shapes,
               create,
               guarded<layer_norm>,
               destroy});
  register_op({"StudioLayerNormGrad",
               {"dy: Tdy", "x: float", "weight: float", "mean: float", "inverse: float"},
               {"dx: float", "dweight: float", "dbias: float"},
               {STUDIO_TYPE("Tdy")},
               unknown_shapes,
               nullptr,
               guarded<layer_norm_grad>,
               nullptr});
}

}  // namespace studio
