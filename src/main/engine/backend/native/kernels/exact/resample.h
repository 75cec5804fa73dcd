// PIL's antialiased resampling of 8-bit RGB. src/main/engine/data/image/resize.ts does the same in TypeScript and names
// its source.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace studio {

enum class Filter : int32_t { kBilinear, kBicubic };

// Number of bytes after an image that vector loads and stores may touch.
constexpr int64_t kSlack = 64;

// Four weights in the order of the products along a row. Taps 0 and 1 are in the lower half, taps 2 and 3 in the upper,
// and each pair is repeated for every channel.
struct alignas(32) Taps {
  int16_t high[16], low[16];
};

// The values that determine an axis's weights. With `mirrored` the target's last position comes first. `along` is true
// for the axis along a row.
struct AxisKey {
  int64_t from, to;
  Filter filter;
  bool mirrored, along;

  bool operator==(const AxisKey& other) const {
    return from == other.from && to == other.to && filter == other.filter && mirrored == other.mirrored && along == other.along;
  }
};

// One axis: each target position's first source, number of sources, and weights. An axis along a row has the same
// weights in `fours` too.
struct Axis {
  int64_t length = 0, taps = 0;
  std::vector<int32_t> first, count, weights;
  std::vector<Taps> fours;
};

// Returns the axis of these values, from the last ones of this thread where it is there. Images of the same size are
// often resampled to the same size.
std::shared_ptr<const Axis> axis_of(const AxisKey& key);

// Resamples `height` rows of `width` pixels into `target`. Rows begin at `pixels`, `stride` bytes apart, and nothing at
// `end` or after it is read. The target has no gaps between rows and kSlack bytes after the last.
void resample(const uint8_t* pixels, const uint8_t* end, int64_t stride, int64_t width, int64_t height, const Axis& across, const Axis& down,
              uint8_t* target);

}  // namespace studio
