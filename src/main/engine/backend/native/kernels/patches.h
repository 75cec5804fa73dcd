// A product over many rows, a' b, of a tile of the result that stays in a core's second cache while packed blocks of rows pass by. The tile lies as
// patches of 6 x 16, one column of patches after the other.
#pragma once
#include <algorithm>
#include <cstring>

#include "parallel.h"
#include "tile.h"

namespace studio {

constexpr int64_t kPatch = kRows * kColumns;

// patch (+)= a' b over `depth` rows: a [depth, 6], b [depth, 16].
inline void multiply(const float* a, const float* b, int64_t depth, bool first, float* patch) {
  // The next one comes while this one's sums are made.
#pragma GCC unroll 6
  for (int row = 0; row < kRows; row++) __builtin_prefetch(patch + kPatch + row * kColumns, 1);
  Lanes sums[kRows][2] = {};
  accumulate(sums, a, 1, kRows, b, kColumns, depth);
#pragma GCC unroll 6
  for (int row = 0; row < kRows; row++)
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
      float* to = patch + row * kColumns + half * kLanes;
      store(to, first ? sums[row][half] : load(to) + sums[row][half]);
    }
}

// `count` columns of a row, 6 by 6, each six `step` apart and zeros behind the last. It writes 8 at a time, so rows have to be packed in their order and
// each panel needs two floats more than its rows take.
inline void pack_by_rows(const float* from, int64_t count, float* to, int64_t step) {
  int64_t at = 0;
  for (; at + kLanes <= count; at += kRows, to += step) store(to, load(from + at));
  for (; at < count; at += kRows, to += step) {
    const int64_t some = std::min<int64_t>(kRows, count - at);
    std::fill(std::copy(from + at, from + at + some, to), to + kRows, 0.0f);
  }
}

// The same, 16 by 16.
inline void pack_by_columns(const float* from, int64_t count, float* to, int64_t step) {
  for (int64_t at = 0; at < count; at += kColumns, to += step) {
    if (at + kColumns <= count) {
      std::memcpy(to, from + at, kColumns * sizeof(float));
    } else {
      std::fill(std::copy(from + at, from + count, to), to + kColumns, 0.0f);
    }
  }
}

// Patches of a tile [rows, columns] to a matrix whose rows are `stride` apart. Returns what lies behind them.
inline const float* put_patches(const float* patch, int64_t rows, int64_t columns, float* to, int64_t stride) {
  for (int64_t column = 0; column < columns; column += kColumns)
    for (int64_t row = 0; row < rows; row += kRows, patch += kPatch)
      for (int64_t at = 0; at < std::min<int64_t>(kRows, rows - row); at++)
        std::copy_n(patch + at * kColumns, std::min(kColumns, columns - column), to + (row + at) * stride + column);
  return patch;
}

}  // namespace studio
