// Computes PIL's Image.transform(AFFINE) with bilinear or bicubic sampling (see src/main/engine/data/image/affine.ts).
// A vector of four doubles holds a pixel's channels.
#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "steps.h"

namespace studio {
namespace {

int64_t clamp(int64_t value, int64_t length) { return value < 0 ? 0 : value >= length ? length - 1 : value; }

__m256d channels(const uint8_t* at) {
  int32_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes)));
}

// A coordinate, as the integer below it and the remainder.
struct Place {
  explicit Place(double at) : whole(static_cast<int64_t>(std::floor(at))), rest(at - std::floor(at)) {}
  int64_t whole;
  double rest;
};

// Interpolates in PIL's order of operations, which decides the rounding.
__m256d interpolate(__m256d v1, __m256d v2, __m256d v3, __m256d v4, double rest) {
  const __m256d d = _mm256_set1_pd(rest), twice = _mm256_sub_pd(v1, v2);
  const __m256d third = _mm256_add_pd(_mm256_sub_pd(_mm256_sub_pd(v2, v1), v3), v4);
  const __m256d second = _mm256_add_pd(_mm256_sub_pd(_mm256_add_pd(_mm256_add_pd(twice, twice), v3), v4), _mm256_mul_pd(d, third));
  const __m256d first = _mm256_add_pd(_mm256_sub_pd(v3, v1), _mm256_mul_pd(d, second));
  return _mm256_add_pd(v2, _mm256_mul_pd(d, first));
}

__m256d cubic(const Image& image, const Place& x, const Place& y) {
  const int64_t stride = 3 * image.width;
  const uint8_t* pixels = image.pixels.data();
  const int64_t a = 3 * clamp(x.whole - 1, image.width), b = 3 * clamp(x.whole, image.width), c = 3 * clamp(x.whole + 1, image.width),
                d = 3 * clamp(x.whole + 2, image.width);
  const auto along = [&](const uint8_t* row) {
    // Exactly on a column, the other columns have weight zero.
    if (x.rest == 0) return channels(row + b);
    return interpolate(channels(row + a), channels(row + b), channels(row + c), channels(row + d), x.rest);
  };
  if (y.rest == 0) return along(pixels + clamp(y.whole, image.height) * stride);
  // A row outside of the image repeats the row before it.
  const auto inside = [&](int64_t row) { return row >= 0 && row < image.height; };
  const uint8_t* row1 = pixels + clamp(y.whole - 1, image.height) * stride;
  const uint8_t* row2 = inside(y.whole) ? pixels + y.whole * stride : row1;
  const uint8_t* row3 = inside(y.whole + 1) ? pixels + (y.whole + 1) * stride : row2;
  const uint8_t* row4 = inside(y.whole + 2) ? pixels + (y.whole + 2) * stride : row3;
  return interpolate(along(row1), along(row2), along(row3), along(row4), y.rest);
}

__m256d linear(const Image& image, const Place& x, const Place& y) {
  const int64_t stride = 3 * image.width, a = 3 * clamp(x.whole, image.width), b = 3 * clamp(x.whole + 1, image.width);
  const uint8_t* upper = image.pixels.data() + clamp(y.whole, image.height) * stride;
  const uint8_t* lower = y.whole + 1 >= 0 && y.whole + 1 < image.height ? image.pixels.data() + (y.whole + 1) * stride : upper;
  const auto between = [](__m256d from, __m256d to, double rest) {
    return _mm256_add_pd(from, _mm256_mul_pd(_mm256_sub_pd(to, from), _mm256_set1_pd(rest)));
  };
  return between(between(channels(upper + a), channels(upper + b), x.rest), between(channels(lower + a), channels(lower + b), x.rest), y.rest);
}

template <__m256d (*sample)(const Image&, const Place&, const Place&)>
void transform(const Image& image, const double* m, const int32_t* fill, uint8_t* to) {
  const double width = static_cast<double>(image.width), height = static_cast<double>(image.height);
  for (int64_t row = 0; row < image.height; row++) {
    for (int64_t column = 0; column < image.width; column++, to += 3) {
      const double x = m[0] * (column + 0.5) + m[1] * (row + 0.5) + m[2], y = m[3] * (column + 0.5) + m[4] * (row + 0.5) + m[5];
      if (!(x >= 0 && x < width && y >= 0 && y < height)) {
        for (int channel = 0; channel < 3; channel++) to[channel] = static_cast<uint8_t>(fill[channel]);
        continue;
      }
      const __m128i whole = _mm256_cvttpd_epi32(sample(image, Place(x - 0.5), Place(y - 0.5)));
      const __m128i words = _mm_packs_epi32(whole, whole);
      const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
      std::memcpy(to, &bytes, 3);
    }
  }
}

}  // namespace

void affine(Image& image, const double* matrix, Filter filter, const int32_t* fill) {
  std::vector<uint8_t> made(image.size() + kSlack);
  (filter == Filter::kBicubic ? transform<cubic> : transform<linear>)(image, matrix, fill, made.data());
  image.pixels.swap(made);
}

}  // namespace studio
