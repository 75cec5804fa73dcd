// The steps of which RandAugment's ops consist, on 8-bit RGB in place. src/main/engine/data/augment/step.ts lists the
// steps and computes the same bits.
#pragma once
#include <cstdint>
#include <vector>

#include "resample.h"

namespace studio {

// An image without gaps between rows, with kSlack bytes after the last.
struct Image {
  std::vector<uint8_t> pixels;
  int64_t width = 0, height = 0;
  int64_t size() const { return 3 * width * height; }
};

// The image with which a blend mixes.
enum class Against : int32_t { kBlack, kMean, kGray, kSmooth };

void look_up(Image& image, const uint8_t* table);
void auto_contrast(Image& image);
void equalize(Image& image);
void blend(Image& image, Against against, double factor);
// Pixel (x, y) of the result is sampled at (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]).
void affine(Image& image, const double* matrix, Filter filter, const int32_t* fill);

}  // namespace studio
