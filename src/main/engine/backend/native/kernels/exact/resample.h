// PIL's antialiased resampling of 8-bit RGB (src/main/engine/data/image/resize.ts is the same in TypeScript and says where it is from).
#pragma once
#include <cstdint>
#include <vector>

namespace studio {

enum class Filter : int32_t { kBilinear, kBicubic };

// Bytes behind an image that vector loads and stores may touch.
constexpr int64_t kSlack = 64;

// One axis: where the sources of each target position begin, and their weights.
struct Axis {
  int64_t length = 0, taps = 0;
  std::vector<int32_t> first, count, weights;
};

// @param mirrored the target's last position first
Axis make_axis(int64_t from, int64_t to, Filter filter, bool mirrored);

// Rows of `stride` bytes from `pixels` on, of which nothing at or behind `end` is read; `height` rows of `width` pixels count. The target, rows without
// gaps, has kSlack bytes behind it.
void resample(const uint8_t* pixels, const uint8_t* end, int64_t stride, int64_t width, int64_t height, const Axis& across, const Axis& down,
              uint8_t* target);

}  // namespace studio
