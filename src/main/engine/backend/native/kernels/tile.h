// The innermost piece of a matrix product: as many sums as there are registers for, all kept there while the depth passes by.
#pragma once
#include <cstdint>
#include <type_traits>
#include <vector>

namespace studio {

using Lanes = float __attribute__((vector_size(32), aligned(4)));
constexpr int64_t kLanes = 8;

// sums += a b: a(row, at) lies at a[row * a_row + at * a_step], b's row `at` at b + at * b_step. Sides of a that are known when it is compiled make it faster.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void accumulate(Lanes (&sums)[kRows][kVectors], const float* a, int64_t a_row, int64_t a_step, const float* b,
                                              int64_t b_step, int64_t depth) {
#pragma GCC unroll 2
  for (int64_t at = 0; at < depth; at++, a += a_step, b += b_step) {
    Lanes right[kVectors];
#pragma GCC unroll 8
    for (int vector = 0; vector < kVectors; vector++) right[vector] = *reinterpret_cast<const Lanes*>(b + vector * kLanes);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++) {
      const float left = a[row * a_row];
#pragma GCC unroll 8
      for (int vector = 0; vector < kVectors; vector++) sums[row][vector] += left * right[vector];
    }
  }
}

// act(rows) with 1 <= rows <= kMost as a constant: std::integral_constant<int, rows>.
template <int kMost, typename Act>
[[gnu::always_inline]] inline void with_rows(int64_t rows, const Act& act) {
  if constexpr (kMost > 1)
    if (rows < kMost) return with_rows<kMost - 1>(rows, act);
  act(std::integral_constant<int, kMost>{});
}

// A row of sums to memory.
template <int kVectors>
[[gnu::always_inline]] inline void put(const Lanes (&row)[kVectors], float* to) {
#pragma GCC unroll 8
  for (int vector = 0; vector < kVectors; vector++) *reinterpret_cast<Lanes*>(to + vector * kLanes) = row[vector];
}

// Memory of this thread for one piece of work; the next call may give the same.
inline float* scratch(int64_t floats) {
  thread_local std::vector<float> memory;
  if (static_cast<int64_t>(memory.size()) < floats) memory.resize(floats);
  return memory.data();
}

}  // namespace studio
