// Resamples along the width, then along the height, in integers with 22 fractional bits, so that every bit equals
// PIL's. It runs on the calling thread only, because loaders have threads of their own.
#include "resample.h"

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace studio {
namespace {

constexpr int kPrecision = 22;
constexpr int32_t kHalf = 1 << (kPrecision - 1);

double bilinear(double x) { return std::max(1 - std::fabs(x), 0.0); }

// Keys's cubic kernel (1981) with a = -0.5.
double bicubic(double distance) {
  const double x = std::fabs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

// Weights are split for 16-bit multiplications: weight = (high << kLowBits) + low.
constexpr int kLowBits = 11;

int64_t groups_of(const Axis& axis) { return (axis.taps + 3) / 4; }

std::vector<Taps> in_fours(const Axis& axis) {
  const int64_t groups = groups_of(axis);
  std::vector<Taps> taps(axis.length * groups);
  for (int64_t x = 0; x < axis.length; x++) {
    for (int32_t tap = 0; tap < axis.count[x]; tap++) {
      const int32_t weight = axis.weights[x * axis.taps + tap];
      Taps& four = taps[x * groups + tap / 4];
      for (int channel = 0; channel < 4; channel++) {
        const int at = 8 * (tap % 4 / 2) + 2 * channel + tap % 2;
        four.high[at] = static_cast<int16_t>(weight >> kLowBits);
        four.low[at] = static_cast<int16_t>(weight & ((1 << kLowBits) - 1));
      }
    }
  }
  return taps;
}

// Loads four pixels as 16-bit pairs of neighbours: r0 r1 g0 g1 b0 b1 0 0 | r2 r3 g2 g3 b2 b3 0 0.
__m256i pairs(const uint8_t* at) {
  const __m256i order = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, 6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1,
                                         -1, -1);
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))), order);
}

int32_t pixel_of(__m256i high, __m256i low) {
  const __m256i both = _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
  const __m128i sums = _mm_add_epi32(_mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1)), _mm_set1_epi32(kHalf));
  const __m128i words = _mm_packs_epi32(_mm_srai_epi32(sums, kPrecision), _mm_setzero_si128());
  return _mm_cvtsi128_si32(_mm_packus_epi16(words, _mm_setzero_si128()));
}

// Number of rows that share each load of weights.
constexpr int kRows = 4;

void horizontal(const uint8_t* const* rows, const Axis& axis, uint8_t* const* to) {
  const int64_t groups = groups_of(axis);
  for (int64_t x = 0; x < axis.length; x++) {
    __m256i high[kRows], low[kRows];
    for (int row = 0; row < kRows; row++) high[row] = low[row] = _mm256_setzero_si256();
    const Taps* four = axis.fours.data() + x * groups;
    const Taps* last = four + (axis.count[x] + 3) / 4;
    for (int64_t at = 3 * static_cast<int64_t>(axis.first[x]); four < last; four++, at += 12) {
      const __m256i upper = _mm256_load_si256(reinterpret_cast<const __m256i*>(four->high));
      const __m256i lower = _mm256_load_si256(reinterpret_cast<const __m256i*>(four->low));
      for (int row = 0; row < kRows; row++) {
        const __m256i source = pairs(rows[row] + at);
        high[row] = _mm256_add_epi32(high[row], _mm256_madd_epi16(source, upper));
        low[row] = _mm256_add_epi32(low[row], _mm256_madd_epi16(source, lower));
      }
    }
    for (int row = 0; row < kRows; row++) {
      const int32_t bytes = pixel_of(high[row], low[row]);
      std::memcpy(to[row] + 3 * x, &bytes, 3);
    }
  }
}

// Number of a row's bytes that one step of the loop below computes. The last step writes past the row's end; the next
// row, or the slack, overwrites or holds these bytes.
constexpr int64_t kAcross = 32;

void vertical(const uint8_t* rows, int64_t stride, const Axis& axis, uint8_t* to) {
  for (int64_t y = 0; y < axis.length; y++) {
    const uint8_t* from = rows + axis.first[y] * stride;
    const int32_t* weights = axis.weights.data() + y * axis.taps;
    for (int64_t x = 0; x < stride; x += kAcross) {
      __m256i sums[4];
      for (__m256i& sum : sums) sum = _mm256_set1_epi32(kHalf);
      for (int32_t tap = 0; tap < axis.count[y]; tap++) {
        const __m256i weight = _mm256_set1_epi32(weights[tap]);
        for (int part = 0; part < 4; part++) {
          const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + tap * stride + x + 8 * part));
          sums[part] = _mm256_add_epi32(sums[part], _mm256_mullo_epi32(_mm256_cvtepu8_epi32(bytes), weight));
        }
      }
      for (__m256i& sum : sums) sum = _mm256_srai_epi32(sum, kPrecision);
      const __m256i packed = _mm256_packus_epi16(_mm256_packs_epi32(sums[0], sums[1]), _mm256_packs_epi32(sums[2], sums[3]));
      const __m256i ordered = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + y * stride + x), ordered);
    }
  }
}

Axis make_axis(const AxisKey& key) {
  const auto [from, to, filter, mirrored, along] = key;
  const double scale = static_cast<double>(from) / static_cast<double>(to), stretch = std::max(scale, 1.0);
  const double reach = (filter == Filter::kBicubic ? 2 : 1) * stretch;
  Axis axis;
  axis.length = to;
  axis.taps = static_cast<int64_t>(std::ceil(reach)) * 2 + 1;
  axis.first.resize(to);
  axis.count.resize(to);
  axis.weights.resize(to * axis.taps);
  std::vector<double> values(axis.taps);
  for (int64_t position = 0; position < to; position++) {
    const double centre = (static_cast<double>(position) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(static_cast<int64_t>(centre - reach + 0.5), 0);
    const int64_t count = std::min<int64_t>(static_cast<int64_t>(centre + reach + 0.5), from) - first;
    double total = 0;
    for (int64_t index = 0; index < count; index++) {
      const double distance = (static_cast<double>(index + first) - centre + 0.5) * (1 / stretch);
      values[index] = filter == Filter::kBicubic ? bicubic(distance) : bilinear(distance);
      total += values[index];
    }
    const int64_t place = mirrored ? to - 1 - position : position;
    axis.first[place] = static_cast<int32_t>(first);
    axis.count[place] = static_cast<int32_t>(count);
    for (int64_t index = 0; index < count; index++) {
      const double share = values[index] / total;
      axis.weights[place * axis.taps + index] = static_cast<int32_t>((share < 0 ? -0.5 : 0.5) + share * (1 << kPrecision));
    }
  }
  if (along) axis.fours = in_fours(axis);
  return axis;
}

// Number of axes that a thread keeps: two for each of four sizes.
constexpr size_t kKept = 8;

struct Kept {
  AxisKey key;
  std::shared_ptr<const Axis> axis;
};

}  // namespace

std::shared_ptr<const Axis> axis_of(const AxisKey& key) {
  thread_local std::vector<Kept> kept;
  thread_local size_t oldest = 0;
  for (const Kept& one : kept)
    if (one.key == key) return one.axis;
  Kept made{key, std::make_shared<const Axis>(make_axis(key))};
  const std::shared_ptr<const Axis> axis = made.axis;
  if (kept.size() < kKept) {
    kept.push_back(std::move(made));
  } else {
    kept[oldest] = std::move(made);
    oldest = (oldest + 1) % kKept;
  }
  return axis;
}

void resample(const uint8_t* pixels, const uint8_t* end, int64_t stride, int64_t width, int64_t height, const Axis& across, const Axis& down,
              uint8_t* target) {
  const int64_t row = 3 * across.length;
  std::vector<uint8_t> narrow(row * height + kSlack), copies(kRows * (3 * width + kSlack)), spare(row);
  for (int64_t y = 0; y < height; y += kRows) {
    const uint8_t* from[kRows];
    uint8_t* to[kRows];
    for (int index = 0; index < kRows; index++) {
      // In the last group, missing rows repeat the last row into spare memory.
      from[index] = pixels + std::min(y + index, height - 1) * stride;
      to[index] = y + index < height ? narrow.data() + (y + index) * row : spare.data();
      if (end - from[index] >= 3 * width + kSlack) continue;
      uint8_t* copy = copies.data() + index * (3 * width + kSlack);
      std::memcpy(copy, from[index], 3 * width);
      from[index] = copy;
    }
    horizontal(from, across, to);
  }
  vertical(narrow.data(), row, down, target);
}

}  // namespace studio
