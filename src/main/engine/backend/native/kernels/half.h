// bfloat16 as kernels read and write it: the upper half of a float32. What is computed with it is computed in float32.
#pragma once
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernel.h"

namespace studio {

// Numbers that are widened or narrowed at a time; all of a kernel's streams of so many stay in a core's first cache.
constexpr int64_t kHalfPiece = 1024;

inline void widen(const Half* from, float* to, int64_t count) {
#pragma GCC ivdep
  for (int64_t at = 0; at < count; at++) {
    const uint32_t bits = static_cast<uint32_t>(from[at]) << 16;
    std::memcpy(to + at, &bits, sizeof bits);
  }
}

// Whether products of this form of our kernels are in bfloat16 where they are asked for; only those take numbers of it.
inline bool computes_half([[maybe_unused]] bool asked) {
#ifdef __AVX512BF16__
  return asked;
#else
  return false;
#endif
}
constexpr const char* kNoHalf = "products of bfloat16 need half_products, and a processor that has them";

#ifdef __AVX512BF16__
// The first of up to 16 numbers.
inline __mmask16 first_lanes(int64_t count) { return static_cast<__mmask16>((1u << std::min<int64_t>(count, 16)) - 1); }

[[gnu::always_inline]] inline __m256i narrowed(__m512 values) { return (__m256i)_mm512_cvtneps_pbh(values); }
#endif

// To the nearest, ties to even; what is no number stays so.
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

// Calls act(begin, count) for pieces of [begin, end): all of it at once, or where numbers are widened or narrowed for it piece by piece.
template <class Act>
inline void by_pieces(bool half, int64_t begin, int64_t end, const Act& act) {
  const int64_t most = half ? kHalfPiece : end - begin;
  for (int64_t at = begin; at < end; at += most) act(at, std::min(most, end - at));
}

// Numbers [begin, begin + count) of a buffer as float32: where they are, or widened in `room`.
inline const float* read_floats(const Buffer& from, int64_t begin, int64_t count, float* room) {
  if (!from.half) return from.data + begin;
  widen(from.halves() + begin, room, count);
  return room;
}
// Where to write them: where they belong, or to `room`, from which `written` takes them.
inline float* floats_to_write(const Buffer& to, int64_t begin, float* room) { return to.half ? room : to.data + begin; }
inline void written(const Buffer& to, int64_t begin, int64_t count, const float* room) {
  if (to.half) narrow(room, to.halves() + begin, count);
}

}  // namespace studio
