// Batch norm of a training step (Ioffe and Szegedy, 2015, Algorithm 1) over all axes but the last, with an optional
// ReLU after it, and their gradient. Each reads x twice. The gradient recomputes from x which values passed the ReLU.
#include <algorithm>
#include <cmath>

#include "half.h"
#include "kernel.h"
#include "parallel.h"
#include "scratch.h"

namespace studio {
namespace {

struct Options {
  float epsilon;
  bool relu;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{float_attr(construction, "epsilon"), bool_attr(construction, "relu")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

// Number of rows of a chunk. A core's caches hold a chunk for the second reading. Chunks are added in order, so the
// sums are the same with any number of threads.
int64_t rows_of(int64_t width) { return std::max<int64_t>(8, kChunk / std::max<int64_t>(width, 1)); }

// Calls act(row, count) for parts of rows [begin, end): once for all of them, or for a few rows at a time where values
// have to be widened or narrowed.
template <class Act>
void by_rows(bool half, int64_t width, int64_t begin, int64_t end, const Act& act) {
  const int64_t most = half ? std::max<int64_t>(1, kHalfPiece / width) : end - begin;
  for (int64_t row = begin; row < end; row += most) act(row, std::min(most, end - row));
}
// Number of floats that the rows of one such part take.
int64_t room_for(int64_t width) { return std::max(kHalfPiece, width); }

// Computes each channel's sum over rows [begin, end), and its sum of squares around the mean of these rows.
void moments(const Buffer& x, int64_t begin, int64_t end, float* __restrict__ sums, float* __restrict__ squares) {
  const int64_t width = x.last();
  float* room = scratch(room_for(width));
  std::fill_n(sums, width, 0.0f);
  std::fill_n(squares, width, 0.0f);
  by_rows(x.half, width, begin, end, [&](int64_t first, int64_t count) {
    const float* from = read_floats(x, first * width, count * width, room);
    for (int64_t row = 0; row < count; row++, from += width)
      for (int64_t i = 0; i < width; i++) sums[i] += from[i];
  });
  const float share = 1.0f / static_cast<float>(end - begin);
  by_rows(x.half, width, begin, end, [&](int64_t first, int64_t count) {
    const float* from = read_floats(x, first * width, count * width, room);
    for (int64_t row = 0; row < count; row++, from += width)
      for (int64_t i = 0; i < width; i++) {
        const float centred = from[i] - sums[i] * share;
        squares[i] += centred * centred;
      }
  });
}

void batch_norm(void* given, TF_OpKernelContext* context) {
  Call call(context);
  const Options options = *static_cast<Options*>(given);
  const Buffer x = call.input(0), gain = call.input(1), offset = call.input(2);
  if (call.failed()) return;
  const int64_t width = x.last(), rows = width ? x.size() / width : 0;
  if (gain.size() != width || offset.size() != width) return call.fail("StudioBatchNorm: weight and bias need the last axis of x");
  const Buffer y = call.output(0, x.shape), mean = call.output(1, {width}), variance = call.output(2, {width}), inverse = call.output(3, {width});
  if (call.failed()) return;
  const int64_t chunk = rows_of(width), chunks = (rows + chunk - 1) / chunk;
  std::vector<float> partial(2 * chunks * width);
  parallel_ranges(rows, chunk, [&](int64_t begin, int64_t end) {
    float* sums = partial.data() + begin / chunk * 2 * width;
    moments(x, begin, end, sums, sums + width);
  });
  // The spread of the chunks' means is added to the spread within each chunk (Chan, Golub and LeVeque, 1983).
  std::vector<double> total(width), squares(width);
  for (int64_t at = 0; at < chunks; at++)
    for (int64_t i = 0; i < width; i++) total[i] += partial[2 * at * width + i];
  for (int64_t at = 0; at < chunks; at++) {
    const double count = static_cast<double>(std::min(chunk, rows - at * chunk));
    const float* sums = partial.data() + 2 * at * width;
    for (int64_t i = 0; i < width; i++) {
      const double apart = sums[i] / count - total[i] / rows;
      squares[i] += sums[width + i] + count * apart * apart;
    }
  }
  for (int64_t i = 0; i < width; i++) {
    mean.data[i] = static_cast<float>(total[i] / rows);
    // The running statistics use the unbiased variance.
    variance.data[i] = static_cast<float>(squares[i] / std::max<int64_t>(rows - 1, 1));
    inverse.data[i] = static_cast<float>(1.0 / std::sqrt(squares[i] / rows + options.epsilon));
  }
  std::vector<float> scale(width);
  for (int64_t i = 0; i < width; i++) scale[i] = inverse.data[i] * gain.data[i];
  parallel_ranges(rows, chunk, [&](int64_t begin, int64_t end) {
    float* rooms = scratch(2 * room_for(width));
    by_rows(x.half || y.half, width, begin, end, [&](int64_t first, int64_t count) {
      const float* from = read_floats(x, first * width, count * width, rooms);
      float* const made = floats_to_write(y, first * width, rooms + room_for(width));
      float* to = made;
      for (int64_t row = 0; row < count; row++, from += width, to += width) {
        if (options.relu) {
#pragma GCC ivdep
          for (int64_t i = 0; i < width; i++) {
            const float value = __builtin_fmaf(from[i] - mean.data[i], scale[i], offset.data[i]);
            // The comparison has this direction so that NaN stays NaN.
            to[i] = value < 0.0f ? 0.0f : value;
          }
        } else {
#pragma GCC ivdep
          for (int64_t i = 0; i < width; i++) to[i] = __builtin_fmaf(from[i] - mean.data[i], scale[i], offset.data[i]);
        }
      }
      written(y, first * width, count * width, made);
    });
  });
}

struct Channels {
  const float *mean, *inverse, *scale, *offset;
};

// Returns the part of dy that passes the ReLU, or all of dy where there is no ReLU.
template <bool kRelu>
inline float passed(float dy, float x, const Channels& channels, int64_t i) {
  if (!kRelu) return dy;
  return __builtin_fmaf(x - channels.mean[i], channels.scale[i], channels.offset[i]) > 0.0f ? dy : 0.0f;
}

template <bool kRelu>
void gradient(const Buffer& dy, const Buffer& x, const Channels& channels, const Buffer& dx, const Buffer& dgain, const Buffer& doffset) {
  const int64_t width = x.last(), rows = width ? x.size() / width : 0;
  const int64_t chunk = rows_of(width), chunks = (rows + chunk - 1) / chunk;
  std::vector<float> partial(2 * chunks * width, 0.0f);
  parallel_ranges(rows, chunk, [&](int64_t begin, int64_t end) {
    float* __restrict__ sums = partial.data() + begin / chunk * 2 * width;
    float* __restrict__ along = sums + width;
    float* rooms = scratch(2 * room_for(width));
    by_rows(x.half || dy.half, width, begin, end, [&](int64_t first, int64_t count) {
      const float* from = read_floats(x, first * width, count * width, rooms);
      const float* given = read_floats(dy, first * width, count * width, rooms + room_for(width));
      for (int64_t row = 0; row < count; row++, from += width, given += width) {
#pragma GCC ivdep
        for (int64_t i = 0; i < width; i++) {
          const float through = passed<kRelu>(given[i], from[i], channels, i);
          sums[i] += through;
          along[i] += through * (from[i] - channels.mean[i]);
        }
      }
    });
  });
  std::vector<double> total(2 * width);
  for (int64_t at = 0; at < chunks; at++)
    for (int64_t i = 0; i < 2 * width; i++) total[i] += partial[2 * at * width + i];
  // dx = scale (dy - mean(dy) - normal mean(dy normal)), where the last term is slope (x - mean).
  std::vector<float> centre(width), slope(width);
  for (int64_t i = 0; i < width; i++) {
    doffset.data[i] = static_cast<float>(total[i]);
    dgain.data[i] = static_cast<float>(total[width + i] * channels.inverse[i]);
    centre[i] = static_cast<float>(total[i] / rows);
    slope[i] = static_cast<float>(total[width + i] * channels.inverse[i] * channels.inverse[i] / rows);
  }
  parallel_ranges(rows, chunk, [&](int64_t begin, int64_t end) {
    float* rooms = scratch(3 * room_for(width));
    by_rows(x.half || dy.half || dx.half, width, begin, end, [&](int64_t first, int64_t count) {
      const float* from = read_floats(x, first * width, count * width, rooms);
      const float* given = read_floats(dy, first * width, count * width, rooms + room_for(width));
      float* const made = floats_to_write(dx, first * width, rooms + 2 * room_for(width));
      float* to = made;
      for (int64_t row = 0; row < count; row++, from += width, given += width, to += width) {
#pragma GCC ivdep
        for (int64_t i = 0; i < width; i++) {
          const float through = passed<kRelu>(given[i], from[i], channels, i);
          to[i] = channels.scale[i] * (through - centre[i] - slope[i] * (from[i] - channels.mean[i]));
        }
      }
      written(dx, first * width, count * width, made);
    });
  });
}

void batch_norm_grad(void* given, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), x = call.input(1), gain = call.input(2), offset = call.input(3), mean = call.input(4), inverse = call.input(5);
  if (call.failed()) return;
  const int64_t width = x.last();
  if (dy.size() != x.size() || gain.size() != width || offset.size() != width || mean.size() != width || inverse.size() != width)
    return call.fail("StudioBatchNormGrad: shapes differ");
  const Buffer dx = call.output_in_place(0, 0, x.shape), dgain = call.output(1, {width}), doffset = call.output(2, {width});
  if (call.failed()) return;
  std::vector<float> scale(width);
  for (int64_t i = 0; i < width; i++) scale[i] = inverse.data[i] * gain.data[i];
  const Channels channels{mean.data, inverse.data, scale.data(), offset.data};
  (static_cast<Options*>(given)->relu ? gradient<true> : gradient<false>)(dy, x, channels, dx, dgain, doffset);
}

}  // namespace

void register_batch_norm() {
  register_op({"StudioBatchNorm",
               {"x: Tx", "weight: float", "bias: float"},
               {"y: Ty", "mean: float", "variance: float", "inverse: float"},
               {"epsilon: float", "relu: bool", STUDIO_TYPE("Tx"), STUDIO_TYPE("Ty")},
               unknown_shapes,
               create,
               guarded<batch_norm>,
               destroy});
  register_op({"StudioBatchNormGrad",
               {"dy: Tdy", "x: Tx", "weight: float", "bias: float", "mean: float", "inverse: float"},
               {"dx: Tdx", "dweight: float", "dbias: float"},
               {"epsilon: float", "relu: bool", STUDIO_TYPE("Tdy"), STUDIO_TYPE("Tx"), STUDIO_TYPE("Tdx")},
               unknown_shapes,
               create,
               guarded<batch_norm_grad>,
               destroy});
}

}  // namespace studio
