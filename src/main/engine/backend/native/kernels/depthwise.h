// What the depthwise convolution and its gradients share: their sides, and the rows of an image as a window wants them. Channels lie in the lanes of a vector, so
// that a tap is one weight for all of them.
#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "kernel.h"
#include "parallel.h"
#include "tile.h"

namespace studio {

// Attributes of the ops.
struct DepthwiseOptions {
  int64_t stride, padding;
};

inline const std::vector<const char*> kDepthwiseAttrs = {"stride: int", "padding: int"};

inline void* create_depthwise(TF_OpKernelConstruction* construction) {
  return new DepthwiseOptions{int_attr(construction, "stride"), int_attr(construction, "padding")};
}
inline void destroy_depthwise(void* options) { delete static_cast<DepthwiseOptions*>(options); }

// Images [N, height, width, channels] with `padding` zeros around each, and a filter [down, across, channels].
struct DepthwiseSides {
  int64_t batch, height, width, channels, down, across, stride, padding;

  int64_t out_height() const { return (height + 2 * padding - down) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - across) / stride + 1; }
  int64_t taps() const { return down * across; }
  // Channels go by blocks of kLanes, and these by groups, one of which a piece of work takes.
  int64_t blocks() const { return up(channels, kLanes); }
  int64_t groups() const { return up(blocks(), kMostBlocks); }
  int64_t group_blocks() const { return up(blocks(), groups()); }

 private:
  static constexpr int64_t kMostBlocks = 64 / kLanes;
};

// The sides of what an op is given; fails where it doesn't fit. The filter's last axis, its multiplier, is 1.
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

// The channels of a piece of work: `blocks` blocks, the last of which may be filled in part.
struct GroupChannels {
  int64_t first, count, blocks;

  GroupChannels(const DepthwiseSides& sides, int64_t group)
      : first(group * sides.group_blocks() * kLanes), count(std::min(sides.group_blocks() * kLanes, sides.channels - first)), blocks(up(count, kLanes)) {}
};

// The rows of an image that were taken last: [rows, blocks, columns, lanes]. Each has zeros around it, so that no window needs a case of its own at the image's
// border, and `step` - 1 columns of zeros between two of the image's.
class RowRing {
 public:
  static int64_t size(int64_t rows, int64_t columns, int64_t blocks) { return rows * blocks * columns * kLanes; }

  RowRing(float* memory, int64_t rows, int64_t columns, int64_t border, int64_t step, const GroupChannels& channels)
      : memory_(memory), rows_(rows), columns_(columns), border_(border), step_(step), channels_(channels) {
    std::fill(memory, memory + size(rows, columns, channels.blocks), 0.0f);
  }

  // Row `first` of another image comes next.
  void start(int64_t first) { next_ = first; }
  // All rows before `end`, of `width` pixels. @param image its first pixel's first channel  @param stride floats of a pixel
  void take(const float* image, int64_t width, int64_t stride, int64_t end) {
    for (; next_ < end; next_++) take_row(image + next_ * width * stride, width, stride);
  }
  const float* row(int64_t index, int64_t block) const { return slot(index % rows_, block); }

 private:
  float* slot(int64_t row, int64_t block) const { return memory_ + (row * channels_.blocks + block) * columns_ * kLanes; }

  void take_row(const float* from, int64_t width, int64_t stride) {
    const int64_t full = channels_.count / kLanes, rest = channels_.count % kLanes;
    // Where a stride leaves a remainder, no window reaches the last columns.
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

// The filter by blocks of channels: [blocks, taps, lanes]. @param turned the last tap first
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

// Pixels of a row whose sums are made at a time.
constexpr int kPixels = kLanes == 16 ? 14 : 12;

// A row of windows over one block of channels.
struct WindowRow {
  // Those under the filter's rows; null where there are only zeros.
  const float* const* rows;
  // [taps, lanes]
  const float* filter;
  int64_t down, across, stride;

  // sums += what lies under the filter, of kCount pixels from `pixel` on. @tparam kStride 0: any
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

// Where a row of results goes: `count` channels of each of `width` pixels, which are `stride` floats apart. `next`: what will be read soon, as far apart; its lines are asked
// for while sums are made, as are the results'. Null: nothing.
struct ResultRow {
  float* data;
  int64_t width, stride, count;
  std::array<const float*, 2> next;
};

// The row's sums, each begun with `bias`.
template <int64_t kStride>
void convolve_row(const WindowRow& windows, Lanes bias, const ResultRow& to) {
  // Without a stride that is known when it is compiled there are more addresses than registers for them.
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
