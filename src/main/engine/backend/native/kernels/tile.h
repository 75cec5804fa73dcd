// The innermost part of a matrix product. It has as many sums as fit in registers, and keeps them there for the whole
// depth.
#pragma once
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "scratch.h"

namespace studio {

using Eight = float __attribute__((vector_size(32), aligned(4)));
#ifdef __AVX512F__
using Lanes = float __attribute__((vector_size(64), aligned(4)));
constexpr int64_t kLanes = 16;
// Rows and columns of the result's tile whose sums fit in registers: 24 of 32 registers, or 12 of 16. The number of
// rows of a piece of work should be a multiple of kUnit.
constexpr int kRows = 24;
constexpr int64_t kUnit = 4;
#else
using Lanes = Eight;
constexpr int64_t kLanes = 8;
constexpr int kRows = 6;
constexpr int64_t kUnit = kRows;
#endif
constexpr int64_t kColumns = 16;
constexpr int kVectors = kColumns / kLanes;
// Whether there are registers for the sums of two strips of columns.
constexpr bool kTwoStrips = kLanes == 16;

template <class Vector = Lanes>
Vector load(const float* from) {
  return *reinterpret_cast<const Vector*>(from);
}
template <class Vector>
void store(float* to, Vector value) {
  *reinterpret_cast<Vector*>(to) = value;
}

// Calls act(std::true_type{}) where bfloat16 is asked for and the processor has it, and act(std::false_type{})
// elsewhere.
template <typename Act>
void with_half(bool half, const Act& act) {
#ifdef __AVX512BF16__
  if (half) return act(std::true_type{});
#endif
  act(std::false_type{});
}

// Adds a b to `sums`: a(row, at) is a[row * a_row + at * a_step], and b's row `at` begins at b + at * b_step. Strides
// of a that are known at compile time make it faster.
template <int kCount, int kWide>
[[gnu::always_inline]] inline void accumulate(Lanes (&sums)[kCount][kWide], const float* a, int64_t a_row, int64_t a_step, const float* b,
                                              int64_t b_step, int64_t depth) {
#pragma GCC unroll 2
  for (int64_t at = 0; at < depth; at++, a += a_step, b += b_step) {
    Lanes right[kWide];
#pragma GCC unroll 8
    for (int vector = 0; vector < kWide; vector++) right[vector] = load(b + vector * kLanes);
#pragma GCC unroll 24
    for (int row = 0; row < kCount; row++) {
      const float left = a[row * a_row];
#pragma GCC unroll 8
      for (int vector = 0; vector < kWide; vector++) sums[row][vector] += left * right[vector];
    }
  }
}

// Number of rows of a product of two strips, or of one where the registers hold no more sums. Each number is loaded once
// for both strips, so that loads are fewer than products. With 24 rows and one strip, each product would need a load.
constexpr int kHigh = kTwoStrips ? 12 : kRows;

// Does the same for packed a [depth, kCount] and b [depth, 16].
template <int kCount>
[[gnu::always_inline]] inline void accumulate_packed(Lanes (&sums)[kCount][kVectors], const float* a, const float* b, int64_t depth) {
  accumulate(sums, a, 1, kCount, b, kColumns, depth);
}

// Sets all sums to zero.
template <int kWide, int kCount>
[[gnu::always_inline]] inline void clear(Lanes (&sums)[kWide][kCount][kVectors]) {
#pragma GCC unroll 2
  for (auto& strip : sums)
#pragma GCC unroll 24
    for (auto& row : strip)
#pragma GCC unroll 2
      for (Lanes& each : row) each = Lanes{};
}

// sums = a b for two packed strips of b [depth, 16], `b_strip` floats apart. a(row, at) lies at
// a[row * a_row + at * a_step].
template <int kCount>
[[gnu::always_inline]] inline void accumulate_two(Lanes (&sums)[2][kCount][kVectors], const float* a, int64_t a_row, int64_t a_step, const float* b,
                                                  int64_t b_strip, int64_t depth) {
  clear(sums);
#pragma GCC unroll 2
  for (int64_t at = 0; at < depth; at++, a += a_step, b += kColumns) {
    const Lanes right[2] = {load(b), load(b + b_strip)};
#pragma GCC unroll 24
    for (int row = 0; row < kCount; row++) {
      const float left = a[row * a_row];
      sums[0][row][0] += left * right[0];
      sums[1][row][0] += left * right[1];
    }
  }
}

#ifdef __AVX512BF16__
// Does the same for kStrips strips in bfloat16, `b_strip` floats apart, and kCount of a's kStep rows. A step is a pair
// of numbers that follow each other along the depth. Sums stay in float32.
template <int kCount, int kStrips, int kStep = kCount>
[[gnu::always_inline]] inline void accumulate_pairs(Lanes (&sums)[kStrips][kCount][1], const float* a, const float* b, int64_t b_strip, int64_t depth) {
  __m512 kept[kCount][kStrips];
#pragma GCC unroll 24
  for (int row = 0; row < kCount; row++)
#pragma GCC unroll 2
    for (int strip = 0; strip < kStrips; strip++) kept[row][strip] = _mm512_setzero_ps();
  for (int64_t at = 0; at < depth; at++) {
    __m512bh right[kStrips];
#pragma GCC unroll 2
    for (int strip = 0; strip < kStrips; strip++) right[strip] = (__m512bh)_mm512_loadu_ps(b + strip * b_strip + at * kColumns);
#pragma GCC unroll 24
    for (int row = 0; row < kCount; row++) {
      const __m512bh left = (__m512bh)_mm512_set1_ps(a[at * kStep + row]);
#pragma GCC unroll 2
      for (int strip = 0; strip < kStrips; strip++) kept[row][strip] = _mm512_dpbf16_ps(kept[row][strip], left, right[strip]);
    }
  }
#pragma GCC unroll 24
  for (int row = 0; row < kCount; row++)
#pragma GCC unroll 2
    for (int strip = 0; strip < kStrips; strip++) sums[strip][row][0] = (Lanes)kept[row][strip];
}
#endif

// Calls act(rows) with 1 <= rows <= kMost as a compile-time constant std::integral_constant<int, rows>.
template <int kMost, typename Act>
[[gnu::always_inline]] inline void with_rows(int64_t rows, const Act& act) {
  if constexpr (kMost > 1)
    if (rows < kMost) return with_rows<kMost - 1>(rows, act);
  act(std::integral_constant<int, kMost>{});
}

// Stores a row of sums.
template <int kWide>
[[gnu::always_inline]] inline void put(const Lanes (&row)[kWide], float* to) {
#pragma GCC unroll 8
  for (int vector = 0; vector < kWide; vector++) store(to + vector * kLanes, row[vector]);
}

// Transposes eight rows into eight columns, `step` floats apart.
[[gnu::always_inline]] inline void turn(const Eight (&rows)[8], float* to, int64_t step) {
  __m256 pairs[8], fours[8];
  for (int at = 0; at < 8; at += 2) {
    pairs[at] = _mm256_unpacklo_ps((__m256)rows[at], (__m256)rows[at + 1]);
    pairs[at + 1] = _mm256_unpackhi_ps((__m256)rows[at], (__m256)rows[at + 1]);
  }
  for (int at = 0; at < 8; at += 4)
    for (int half = 0; half < 2; half++) {
      fours[at + 2 * half] = _mm256_shuffle_ps(pairs[at + half], pairs[at + 2 + half], 0x44);
      fours[at + 2 * half + 1] = _mm256_shuffle_ps(pairs[at + half], pairs[at + 2 + half], 0xee);
    }
  for (int at = 0; at < 4; at++) {
    _mm256_storeu_ps(to + at * step, _mm256_permute2f128_ps(fours[at], fours[at + 4], 0x20));
    _mm256_storeu_ps(to + (at + 4) * step, _mm256_permute2f128_ps(fours[at], fours[at + 4], 0x31));
  }
}

#ifdef __AVX512BF16__
// Makes 16 pairs of one number of `first` and one of `second`. Only `count` of each are read; the rest, and a row that
// is null, count as zeros.
[[gnu::always_inline]] inline Lanes pairs_of(const float* first, const float* second, int64_t count) {
  const __mmask16 mask = static_cast<__mmask16>((1u << count) - 1);
  const __m512 low = first ? _mm512_maskz_loadu_ps(mask, first) : _mm512_setzero_ps(), high = second ? _mm512_maskz_loadu_ps(mask, second) : _mm512_setzero_ps();
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return (Lanes)_mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

// Rounds eight pairs of consecutive numbers to bfloat16; only `count` numbers are read.
[[gnu::always_inline]] inline Eight pairs_along(const float* from, int64_t count) {
  const __mmask16 mask = static_cast<__mmask16>((1u << std::min<int64_t>(count, 16)) - 1);
  return (Eight)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from));
}
#endif

}  // namespace studio
