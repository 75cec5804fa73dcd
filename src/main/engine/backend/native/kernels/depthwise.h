// Code that the depthwise convolution and its gradients share: sizes, and an image's rows in the layout that a window
// reads. The lanes of a vector are channels, so that a tap is one vector of weights.
#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "kernel.h"
#include "parallel.h"
#include "tile.h"

namespace studio {

// Attributes of both ops.
struct DepthwiseOptions {
  int64_t stride, padding;
};

inline const std::vector<const char*> kDepthwiseAttrs = {"stride: int", "padding: int"};

inline void* create_depthwise(TF_OpKernelConstruction* construction) {
  return new DepthwiseOptions{int_attr(construction, "stride"), int_attr(construction, "padding")};
}
inline void destroy_depthwise(void* options) { delete static_cast<DepthwiseOptions*>(options); }

// Sizes of images [N, height, width, channels] with `padding` zeros on each side, and of a filter [down, across,
// channels].
struct DepthwiseSides {
  int64_t batch, height, width, channels, down, across, stride, padding;

  int64_t out_height() const { return (height + 2 * padding - down) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - across) / stride + 1; }
  int64_t taps() const { return down * across; }
  // Channels are divided into blocks of kLanes, and blocks into groups. A piece of work takes one group.
  int64_t blocks() const { return up(channels, kLanes); }
  int64_t groups() const { return up(blocks(), kMostBlocks); }
  int64_t group_blocks() const { return up(blocks(), groups()); }

 private:
  static constexpr int64_t kMostBlocks = 64 / kLanes;
};

// Reads the sizes of an op's inputs, and fails the call where they don't fit. The filter's last axis, its multiplier,
// is 1.
inline bool depthwise_sides(Call& call, const DepthwiseOptions& options, const Buffer& x, const Buffer& filter, DepthwiseSides& sides) {
  if (x.shape.size() != 4 || filter.shape.size() != 4 || filter.shape[2] != x.shape[3] || filter.shape[3] != 1) {
    call.fail("a depthwise convolution needs images [N, height, width, channels] and a filter [height, width, channels, 1]");
    return false;
  }
  sides = {x.shape[0], x.shape[1], x.shape[2], x.shape[3], filter.shape[0], filter.shape[1], options.stride, options.padding};
  const bool smaller = sides.padding >= 0 && sides.padding < sides.down && sides.padding < sides.across;
  const bool fits = sides.down <= sides.height + 2 * sides.padding && sides.across <= sides.width + 2 * sides.padding;
  if (sides.stride > 0 && smaller && fits) return true;
  call.fail("a depthwise convolution needs a stride, a padding smaller than its filter, and images that are not smaller than it");
  return false;
}

// The channels of a piece of work: `blocks` blocks, of which the last may be partly filled.
struct GroupChannels {
  int64_t first, count, blocks;

  GroupChannels(const DepthwiseSides& sides, int64_t group)
      : first(group * sides.group_blocks() * kLanes), count(std::min(sides.group_blocks() * kLanes, sides.channels - first)), blocks(up(count, kLanes)) {}
};

// The rows of an image that were read last: [rows, blocks, columns, lanes]. Each has zeros around it, so that windows
// at the image's border need no special case. Between two of the image's columns there are `step` - 1 columns of zeros.
class RowRing {
 public:
  static int64_t size(int64_t rows, int64_t columns, int64_t blocks) { return rows * blocks * columns * kLanes; }

  RowRing(float* memory, int64_t rows, int64_t columns, int64_t border, int64_t step, const GroupChannels& channels)
      : memory_(memory), rows_(rows), columns_(columns), border_(border), step_(step), channels_(channels) {
    std::fill(memory, memory + size(rows, columns, channels.blocks), 0.0f);
  }

  // Begins another image; row `first` is read next.
  void start(int64_t first) { next_ = first; }
  // Reads all rows before row `end`, each of `width` pixels.
  // @param image the first channel of the image's first pixel  @param stride the number of floats of a pixel
  void take(const float* image, int64_t width, int64_t stride, int64_t end) {
    for (; next_ < end; next_++) take_row(image + next_ * width * stride, width, stride);
  }
  const float* row(int64_t index, int64_t block) const { return slot(index % rows_, block); }

 private:
  float* slot(int64_t row, int64_t block) const { return memory_ + (row * channels_.blocks + block) * columns_ * kLanes; }

  void take_row(const float* from, int64_t width, int64_t stride) {
    const int64_t full = channels_.count / kLanes, rest = channels_.count % kLanes;
    // Where the stride doesn't divide the width, no window reaches the last columns.
    const int64_t end = std::min(width, up(columns_ - border_, step_));
    float* to = slot(next_ % rows_, 0) + border_ * kLanes;
    for (int64_t column = 0; column < end; column++, from += stride, to += step_ * kLanes) {
      for (int64_t block = 0; block < full; block++) store(to + block * columns_ * kLanes, load(from + block * kLanes));
      if (rest) std::copy(from + full * kLanes, from + full * kLanes + rest, to + full * columns_ * kLanes);
    }
  }

  float* memory_;
  int64_t rows_, columns_, border_, step_;
  GroupChannels channels_;
  int64_t next_ = 0;
};

// Packs the filter by blocks of channels: [blocks, taps, lanes]. @param turned whether the last tap comes first
inline void pack_filter(const float* filter, const DepthwiseSides& sides, bool turned, float* to) {
  const int64_t taps = sides.taps();
  for (int64_t channel = 0; channel < sides.channels; channel += kLanes)
    for (int64_t tap = 0; tap < taps; tap++, to += kLanes) {
      const float* from = filter + (turned ? taps - 1 - tap : tap) * sides.channels + channel;
      const int64_t count = std::min(kLanes, sides.channels - channel);
      std::copy(from, from + count, to);
      std::fill(to + count, to + kLanes, 0.0f);
    }
}

// Number of a row's pixels whose sums are computed at a time.
constexpr int kPixels = kLanes == 16 ? 14 : 12;

// A row of windows over one block of channels.
struct WindowRow {
  // The image's rows under the filter's rows; null for a row of zeros.
  const float* const* rows;
  // The filter's weights [taps, lanes].
  const float* filter;
  int64_t down, across, stride;

  // Adds the products of the filter and the pixels under it to `sums`, for kCount results from `pixel` on.
  // @tparam kStride the stride, or 0 for any
  template <int64_t kStride, int kCount>
  [[gnu::always_inline]] void add(Lanes (&sums)[kCount], int64_t pixel) const {
    const float* weights = filter;
    const int64_t step = kStride ? kStride : stride;
    for (int64_t line = 0; line < down; line++, weights += across * kLanes) {
      if (!rows[line]) continue;
      const float* from = rows[line] + pixel * step * kLanes;
      for (int64_t tap = 0; tap < across; tap++, from += kLanes) {
        const Lanes weight = load(weights + tap * kLanes);
#pragma GCC unroll 16
        for (int at = 0; at < kCount; at++) sums[at] += weight * load(from + at * step * kLanes);
      }
    }
  }
};

// The place of a row of results: `count` channels of each of `width` pixels, `stride` floats apart. `next` points to
// rows of the same layout that are read soon. They are prefetched while sums are computed, as the results' lines are.
// Either pointer may be null.
struct ResultRow {
  float* data;
  int64_t width, stride, count;
  std::array<const float*, 2> next;
};

// Computes a row of sums, each of which begins with `bias`.
template <int64_t kStride>
void convolve_row(const WindowRow& windows, Lanes bias, const ResultRow& to) {
  // With a stride that is not known at compile time there are more addresses than registers, so pixels are taken one by
  // one.
  constexpr int kMost = kStride ? kPixels : 1;
  const int64_t tile = up(to.width, up(to.width, kMost));
  for (int64_t pixel = 0; pixel < to.width; pixel += tile)
    with_rows<kMost>(std::min(tile, to.width - pixel), [&](auto pixels) {
      constexpr int kCount = decltype(pixels)::value;
      Lanes sums[kCount];
#pragma GCC unroll 16
      for (int at = 0; at < kCount; at++) sums[at] = bias;
      float* data = to.data + pixel * to.stride;
#pragma GCC unroll 16
      for (int at = 0; at < kCount; at++) __builtin_prefetch(data + at * to.stride, 1);
      for (const float* next : to.next)
        if (next)
#pragma GCC unroll 16
          for (int at = 0; at < kCount; at++) __builtin_prefetch(next + (pixel + at) * to.stride);
      windows.template add<kStride>(sums, pixel);
      if (to.count == kLanes) {
#pragma GCC unroll 16
        for (int at = 0; at < kCount; at++) store(data + at * to.stride, sums[at]);
        return;
      }
      float values[kCount][kLanes];
#pragma GCC unroll 16
      for (int at = 0; at < kCount; at++) store(values[at], sums[at]);
      for (int at = 0; at < kCount; at++) std::copy(values[at], values[at] + to.count, data + at * to.stride);
    });
}

}  // namespace studio
