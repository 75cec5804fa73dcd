// What RandAugment's ops consist of, on 8-bit RGB in place (src/main/engine/data/augment/step.ts lists the steps and makes the same bits).
#pragma once
#include <cstdint>
#include <vector>

#include "resample.h"

namespace studio {

// Rows without gaps, with kSlack bytes behind them.
struct Image {
  std::vector<uint8_t> pixels;
  int64_t width = 0, height = 0;
  int64_t size() const { return 3 * width * height; }
};

// The picture that a blend goes away from.
enum class Against : int32_t { kBlack, kMean, kGray, kSmooth };

void look_up(Image& image, const uint8_t* table);
void auto_contrast(Image& image);
void equalize(Image& image);
void blend(Image& image, Against against, double factor);
// (x, y) comes from (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]).
void affine(Image& image, const double* matrix, Filter filter, const int32_t* fill);

}  // namespace studio
