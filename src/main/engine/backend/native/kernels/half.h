// Reads and writes bfloat16, the upper half of a float32. Everything is computed in float32.
#pragma once
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernel.h"

namespace studio {

// Number of values that are widened or narrowed at a time. So many of each of a kernel's arrays fit in a core's
// first-level cache.
constexpr int64_t kHalfPiece = 1024;

inline void widen(const Half* from, float* to, int64_t count) {
#pragma GCC ivdep
  for (int64_t at = 0; at < count; at++) {
    const uint32_t bits = static_cast<uint32_t>(from[at]) << 16;
    std::memcpy(to + at, &bits, sizeof bits);
  }
}

// Says whether this build of our kernels computes products in bfloat16 when asked to. Only such products take values of
// bfloat16.
inline bool computes_half([[maybe_unused]] bool asked) {
#ifdef __AVX512BF16__
  return asked;
#else
  return false;
#endif
}
constexpr const char* kNoHalf = "products of bfloat16 need half_products, and a processor that has them";

#ifdef __AVX512BF16__
// Returns the mask of the first `count` of 16 lanes.
inline __mmask16 first_lanes(int64_t count) { return static_cast<__mmask16>((1u << std::min<int64_t>(count, 16)) - 1); }

[[gnu::always_inline]] inline __m256i narrowed(__m512 values) { return (__m256i)_mm512_cvtneps_pbh(values); }
#endif

// Rounds to the nearest bfloat16, ties to even. NaN stays NaN.
inline void narrow(const float* from, Half* to, int64_t count) {
#ifdef __AVX512BF16__
  int64_t at = 0;
  for (; at + 16 <= count; at += 16) _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + at), narrowed(_mm512_loadu_ps(from + at)));
  if (at == count) return;
  const __mmask16 mask = first_lanes(count - at);
  _mm256_mask_storeu_epi16(to + at, mask, narrowed(_mm512_maskz_loadu_ps(mask, from + at)));
#else
#pragma GCC ivdep
  for (int64_t at = 0; at < count; at++) {
    uint32_t bits;
    std::memcpy(&bits, from + at, sizeof bits);
    const uint32_t nearest = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16, quiet = (bits >> 16) | 0x40;
    to[at] = static_cast<Half>((bits & 0x7fffffff) > 0x7f800000 ? quiet : nearest);
  }
#endif
}

// Calls act(begin, count) for parts of [begin, end). It calls once for all of it, or for pieces of kHalfPiece where
// values have to be widened or narrowed.
template <class Act>
inline void by_pieces(bool half, int64_t begin, int64_t end, const Act& act) {
  const int64_t most = half ? kHalfPiece : end - begin;
  for (int64_t at = begin; at < end; at += most) act(at, std::min(most, end - at));
}

// Calls act with a pointer to number `first` of a buffer, of float32 or bfloat16.
template <class Act>
inline void as_numbers(const Buffer& from, int64_t first, const Act& act) {
  if (from.half) act(from.halves() + first);
  else act(from.data + first);
}

// Returns values [begin, begin + count) of a buffer as float32: in place, or widened into `room`.
inline const float* read_floats(const Buffer& from, int64_t begin, int64_t count, float* room) {
  if (!from.half) return from.data + begin;
  widen(from.halves() + begin, room, count);
  return room;
}
// Returns the place to write float32 values to: their own, or `room`, from which `written` narrows them.
inline float* floats_to_write(const Buffer& to, int64_t begin, float* room) { return to.half ? room : to.data + begin; }
inline void written(const Buffer& to, int64_t begin, int64_t count, const float* room) {
  if (to.half) narrow(room, to.halves() + begin, count);
}

}  // namespace studio
