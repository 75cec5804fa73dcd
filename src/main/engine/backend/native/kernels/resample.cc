// PIL's antialiased resampling of 8-bit RGB (src/main/engine/data/image/resize.ts has the weights and says where it is from): first along the width, then
// along the height, in integers with 22 bits of fraction, so that every bit is PIL's. On the calling thread alone: loaders have threads of their own.
#include <immintrin.h>

#include <cstring>

#include "kernel.h"

namespace studio {
namespace {

constexpr int kPrecision = 22;
constexpr int32_t kHalf = 1 << (kPrecision - 1);

// Of one axis: first source position, number of positions and weights (`taps` apart) of each target position.
struct Axis {
  int32_t length, taps;
  const int32_t *first, *count, *weights;
};

uint8_t clip(int32_t sum) {
  const int32_t value = sum >> kPrecision;
  return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

// One pixel's three channels (and the byte behind them) as integers.
__m128i pixel(const uint8_t* at) {
  int32_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return _mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes));
}

void put(uint8_t* to, __m128i sums) {
  const __m128i words = _mm_packs_epi32(_mm_srai_epi32(sums, kPrecision), _mm_setzero_si128());
  const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, _mm_setzero_si128()));
  std::memcpy(to, &bytes, 3);
}

// Two rows at a time, so that the products of one hide the latency of the other's. Rows have a pixel of padding behind them.
void horizontal(const uint8_t* upper, const uint8_t* lower, const Axis& axis, uint8_t* to_upper, uint8_t* to_lower) {
  for (int32_t x = 0; x < axis.length; x++) {
    const int64_t from = 3 * static_cast<int64_t>(axis.first[x]);
    const int32_t* weights = axis.weights + static_cast<int64_t>(x) * axis.taps;
    __m128i one = _mm_set1_epi32(kHalf), two = one;
    for (int32_t tap = 0; tap < axis.count[x]; tap++) {
      const __m128i weight = _mm_set1_epi32(weights[tap]);
      one = _mm_add_epi32(one, _mm_mullo_epi32(pixel(upper + from + 3 * tap), weight));
      two = _mm_add_epi32(two, _mm_mullo_epi32(pixel(lower + from + 3 * tap), weight));
    }
    put(to_upper + 3 * x, one);
    put(to_lower + 3 * x, two);
  }
}

void vertical(const uint8_t* rows, int64_t stride, const Axis& axis, uint8_t* to) {
  std::vector<int32_t> sums(stride);
  for (int32_t y = 0; y < axis.length; y++) {
    for (int32_t& sum : sums) sum = kHalf;
    for (int32_t tap = 0; tap < axis.count[y]; tap++) {
      const int32_t weight = axis.weights[static_cast<int64_t>(y) * axis.taps + tap];
      const uint8_t* row = rows + (axis.first[y] + tap) * stride;
      for (int64_t i = 0; i < stride; i++) sums[i] += row[i] * weight;
    }
    for (int64_t i = 0; i < stride; i++) to[y * stride + i] = clip(sums[i]);
  }
}

// Where it lies in the list of integers: see resample.ts.
enum Place { kStride, kLeft, kTop, kWidth, kHeight, kAcross, kAcrossTaps, kDown, kDownTaps, kLists };

bool fits(const Axis& axis, int32_t source) {
  for (int32_t at = 0; at < axis.length; at++)
    if (axis.first[at] < 0 || axis.count[at] < 0 || axis.count[at] > axis.taps || axis.first[at] + axis.count[at] > source) return false;
  return true;
}

void resample(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Bytes source = call.bytes(0), given = call.bytes(1);
  if (call.failed()) return;
  const auto* plan = reinterpret_cast<const int32_t*>(given.data);
  const int64_t integers = given.size / 4;
  if (integers < kLists) return call.fail("StudioResample: its plan is too short");
  const int64_t stride = plan[kStride], left = plan[kLeft], top = plan[kTop], width = plan[kWidth], height = plan[kHeight];
  Axis across{plan[kAcross], plan[kAcrossTaps], nullptr, nullptr, nullptr}, down{plan[kDown], plan[kDownTaps], nullptr, nullptr, nullptr};
  int64_t at = kLists;
  for (Axis* axis : {&across, &down}) {
    if (axis->length <= 0 || axis->taps <= 0 || at + axis->length * (2 + static_cast<int64_t>(axis->taps)) > integers)
      return call.fail("StudioResample: its plan is too short");
    axis->first = plan + at;
    axis->count = axis->first + axis->length;
    axis->weights = axis->count + axis->length;
    at += axis->length * (2 + static_cast<int64_t>(axis->taps));
  }
  if (left < 0 || top < 0 || width <= 0 || height <= 0 || (left + width) * 3 > stride || (top + height) * stride > source.size ||
      !fits(across, static_cast<int32_t>(width)) || !fits(down, static_cast<int32_t>(height)))
    return call.fail("StudioResample: the box is not in the image");
  const int64_t row = 3 * static_cast<int64_t>(across.length), bytes = row * down.length;
  uint8_t* target = call.packed_output(0, bytes);
  if (call.failed()) return;
  std::vector<uint8_t> narrow(row * height + 1), padded(2 * (3 * width + 1));
  uint8_t *upper = padded.data(), *lower = upper + 3 * width + 1;
  for (int64_t y = 0; y < height; y += 2) {
    const int64_t next = y + 1 < height ? y + 1 : y;
    std::memcpy(upper, source.data + (top + y) * stride + 3 * left, 3 * width);
    std::memcpy(lower, source.data + (top + next) * stride + 3 * left, 3 * width);
    horizontal(upper, lower, across, narrow.data() + y * row, narrow.data() + next * row);
  }
  vertical(narrow.data(), row, down, target);
}

}  // namespace

void register_resample() {
  register_op({"StudioResample", {"pixels: T", "plan: int32"}, {"packed: int32"}, {"T: {uint8, int32}"}, unknown_shapes, nullptr, resample, nullptr});
}

}  // namespace studio
