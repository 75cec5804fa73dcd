// A product a' b over many rows. A tile of the result stays in a core's second-level cache while packed blocks of rows
// are read. The tile is stored as patches of R x 16, one column of patches after the other.
#pragma once
#include <algorithm>
#include <cstring>

#include "half.h"
#include "parallel.h"
#include "tile.h"

namespace studio {

template <int R>
constexpr int64_t kPatch = R * kColumns;

// Adds `sums` to a patch, or overwrites the patch if `first` is true.
template <int R>
[[gnu::always_inline]] inline void add_patch(const Lanes (&sums)[R][kVectors], bool first, float* patch) {
#pragma GCC unroll 24
  for (int row = 0; row < R; row++)
#pragma GCC unroll 2
    for (int vector = 0; vector < kVectors; vector++) {
      float* to = patch + row * kColumns + vector * kLanes;
      store(to, first ? sums[row][vector] : load(to) + sums[row][vector]);
    }
}

// Prefetches the next patch while this one's sums are computed.
template <int R>
[[gnu::always_inline]] inline void fetch_next(const float* patch) {
#pragma GCC unroll 24
  for (int row = 0; row < R; row++) __builtin_prefetch(patch + kPatch<R> + row * kColumns, 1);
}

// Adds a' b over `depth` rows, or pairs of rows, to a patch: a [depth, R], b [depth, 16].
template <int R, bool kHalf = false>
inline void multiply(const float* a, const float* b, int64_t depth, bool first, float* patch) {
  fetch_next<R>(patch);
  Lanes sums[1][R][kVectors] = {};
#ifdef __AVX512BF16__
  if constexpr (kHalf) accumulate_pairs(sums, a, b, 0, depth);
#endif
  if constexpr (!kHalf) accumulate_packed(sums[0], a, b, depth);
  add_patch(sums[0], first, patch);
}

// Does the same for two strips of b, `b_strip` floats apart, whose patches are `patch_step` floats apart. It takes as
// many of the rows at a time as there are registers for their sums.
template <int R, bool kHalf>
inline void multiply_two(const float* a, const float* b, int64_t b_strip, int64_t depth, bool first, float* patch, int64_t patch_step) {
  constexpr int kPart = R % 12 == 0 ? 12 : 8;
  fetch_next<R>(patch);
  fetch_next<R>(patch + patch_step);
  for (int row = 0; row < R; row += kPart, a += kPart, patch += kPart * kColumns) {
    Lanes sums[2][kPart][kVectors];
#ifdef __AVX512BF16__
    if constexpr (kHalf) accumulate_pairs<kPart, 2, R>(sums, a, b, b_strip, depth);
#endif
    if constexpr (!kHalf) accumulate_two(sums, a, 1, R, b, b_strip, depth);
    add_patch(sums[0], first, patch);
    add_patch(sums[1], first, patch + patch_step);
  }
}

// Adds the products of panels and strips over a block's steps to patches [strips, panels], or overwrites them if
// `first` is true. It calls ahead() after each product, calls_of(panels, strips) times.
template <int R, bool kHalf, typename Ahead>
void multiply_strips(const float* x, int64_t panel_step, int64_t panels, const float* dy, int64_t strip_step, int64_t strips, int64_t steps, bool first,
                     float* patches, const Ahead& ahead) {
  int64_t strip = 0;
  if constexpr (kTwoStrips)
    for (; strip + 2 <= strips; strip += 2)
      for (int64_t panel = 0; panel < panels; panel++, ahead())
        multiply_two<R, kHalf>(x + panel * panel_step, dy + strip * strip_step, strip_step, steps, first, patches + (strip * panels + panel) * kPatch<R>,
                               panels * kPatch<R>);
  for (; strip < strips; strip++)
    for (int64_t panel = 0; panel < panels; panel++, ahead())
      multiply<R, kHalf>(x + panel * panel_step, dy + strip * strip_step, steps, first, patches + (strip * panels + panel) * kPatch<R>);
}
constexpr int64_t calls_of(int64_t panels, int64_t strips) { return panels * (kTwoStrips ? up(strips, 2) : strips); }

// Fetches rows of memory that are read soon into the second-level cache, a few lines with each call, while something
// else is computed.
class Ahead {
 public:
  // @param lines that are fetched in all  @param calls in which all of them are
  Ahead(int64_t lines, int64_t calls) : each_(up(lines, calls)) {}
  // Adds `rows` rows of `width` numbers, `stride` numbers apart. At most two parts can be added; the first is fetched
  // first.
  template <class Number>
  void add(const Number* from, int64_t stride, int64_t width, int64_t rows) {
    constexpr int64_t kSize = sizeof(Number);
    parts_[count_++] = {reinterpret_cast<const char*>(from), stride * kSize, up(width * kSize, kLine), rows};
  }
  // Returns the number of lines of such a part.
  template <class Number>
  static int64_t lines(int64_t width, int64_t rows) {
    return up(width * static_cast<int64_t>(sizeof(Number)), kLine) * rows;
  }

  void operator()() const {
    for (int64_t some = 0; some < each_ && part_ < count_; some++) {
      const Part& part = parts_[part_];
      __builtin_prefetch(part.from + row_ * part.stride + line_ * kLine, 0, 2);
      if (++line_ < part.lines) continue;
      line_ = 0;
      if (++row_ < part.rows) continue;
      row_ = 0;
      part_++;
    }
  }

 private:
  // Number of bytes of a line of a cache.
  static constexpr int64_t kLine = 64;
  struct Part {
    const char* from;
    int64_t stride, lines, rows;
  };
  Part parts_[2];
  int count_ = 0;
  int64_t each_;
  mutable int part_ = 0;
  mutable int64_t row_ = 0, line_ = 0;
};

// Packs `count` columns of a row in groups of R, `step` floats apart, with zeros at the end of the last group. It
// writes eight floats at a time. So rows have to be packed in order, and each panel needs eight floats more than its
// rows take.
template <int R>
inline void pack_by_rows(const float* from, int64_t count, float* to, int64_t step) {
  constexpr int64_t kWhole = (R + 7) / 8 * 8;
  int64_t at = 0;
  for (; at + kWhole <= count; at += R, to += step)
#pragma GCC unroll 3
    for (int64_t lane = 0; lane < kWhole; lane += 8) store(to + lane, load<Eight>(from + at + lane));
  for (; at < count; at += R, to += step) {
    const int64_t some = std::min<int64_t>(R, count - at);
    std::fill(std::copy(from + at, from + at + some, to), to + R, 0.0f);
  }
}

// Does the same in groups of 16.
inline void pack_by_columns(const float* from, int64_t count, float* to, int64_t step) {
  for (int64_t at = 0; at < count; at += kColumns, to += step) {
    if (at + kColumns <= count) {
      std::memcpy(to, from + at, kColumns * sizeof(float));
    } else {
      std::fill(std::copy(from + at, from + count, to), to + kColumns, 0.0f);
    }
  }
}

// Packs two rows as pairs of bfloat16, `count` columns in groups of R. A row that is null counts as zeros.
template <int R>
void pack_pairs([[maybe_unused]] const float* first, [[maybe_unused]] const float* second, [[maybe_unused]] int64_t count, [[maybe_unused]] float* to,
                [[maybe_unused]] int64_t step) {
#ifdef __AVX512BF16__
  for (int64_t at = 0; at < count; at += R, to += step)
#pragma GCC unroll 2
    for (int64_t lane = 0; lane < R; lane += kLanes) {
      const int64_t width = std::min<int64_t>(kLanes, R - lane), there = std::clamp<int64_t>(count - at - lane, 0, width);
      const Lanes made = pairs_of(first ? first + at + lane : nullptr, second ? second + at + lane : nullptr, there);
      _mm512_mask_storeu_ps(to + lane, static_cast<__mmask16>((1u << width) - 1), (__m512)made);
    }
#endif
}

// Does the same for two rows that are already bfloat16.
template <int R>
void pack_pairs([[maybe_unused]] const Half* first, [[maybe_unused]] const Half* second, [[maybe_unused]] int64_t count, [[maybe_unused]] float* to,
                [[maybe_unused]] int64_t step) {
#ifdef __AVX512BF16__
  for (int64_t at = 0; at < count; at += R, to += step)
#pragma GCC unroll 2
    for (int64_t lane = 0; lane < R; lane += kLanes) {
      const int64_t width = std::min<int64_t>(kLanes, R - lane), there = std::clamp<int64_t>(count - at - lane, 0, width);
      const auto numbers = [&](const Half* row) {
        return row ? _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(first_lanes(there), row + at + lane)) : _mm512_setzero_si512();
      };
      const __m512i made = _mm512_or_si512(numbers(first), _mm512_slli_epi32(numbers(second), 16));
      _mm512_mask_storeu_ps(to + lane, first_lanes(width), _mm512_castsi512_ps(made));
    }
#endif
}

// Copies the patches of a tile [rows, columns] into a matrix whose rows are `stride` floats apart. Returns the end of
// the patches.
template <int R>
inline const float* put_patches(const float* patch, int64_t rows, int64_t columns, float* to, int64_t stride) {
  for (int64_t column = 0; column < columns; column += kColumns)
    for (int64_t row = 0; row < rows; row += R, patch += kPatch<R>)
      for (int64_t at = 0; at < std::min<int64_t>(R, rows - row); at++)
        std::copy_n(patch + at * kColumns, std::min(kColumns, columns - column), to + (row + at) * stride + column);
  return patch;
}

}  // namespace studio
