// PIL's antialiased resampling of 8-bit RGB (src/main/engine/data/image/resize.ts is the same in TypeScript and says where it is from).
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace studio {

enum class Filter : int32_t { kBilinear, kBicubic };

// Bytes behind an image that vector loads and stores may touch.
constexpr int64_t kSlack = 64;

// Four taps as the products along a row want them: taps 0 and 1 in the lower lane, 2 and 3 in the upper, each pair once for every channel.
struct alignas(32) Taps {
  int16_t high[16], low[16];
};

// What decides an axis's weights. `mirrored`: the target's last position comes first; `along`: it is the axis along the rows.
struct AxisKey {
  int64_t from, to;
  Filter filter;
  bool mirrored, along;

  bool operator==(const AxisKey& other) const {
    return from == other.from && to == other.to && filter == other.filter && mirrored == other.mirrored && along == other.along;
  }
};

// One axis: where the sources of each target position begin, and their weights. `fours`: the same weights, of an axis along the rows.
struct Axis {
  int64_t length = 0, taps = 0;
  std::vector<int32_t> first, count, weights;
  std::vector<Taps> fours;
};

// One of the last ones that this thread has used, or a new one: images of the same size are often made into views of the same size.
std::shared_ptr<const Axis> axis_of(const AxisKey& key);

// Rows of `stride` bytes from `pixels` on, of which nothing at or behind `end` is read; `height` rows of `width` pixels count. The target, rows without
// gaps, has kSlack bytes behind it.
void resample(const uint8_t* pixels, const uint8_t* end, int64_t stride, int64_t width, int64_t height, const Axis& across, const Axis& down,
              uint8_t* target);

}  // namespace studio
