#include "steps.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace studio {
namespace {

using Histogram = std::array<int32_t, 256>;

std::array<Histogram, 3> histograms(const Image& image) {
  std::array<Histogram, 3> counts{};
  for (int64_t at = 0; at < image.size(); at += 3)
    for (int channel = 0; channel < 3; channel++) counts[channel][image.pixels[at + channel]]++;
  return counts;
}

// Replaces each channel's values by its own table of 256.
void look_up_each(Image& image, const uint8_t* tables) {
  uint8_t* pixels = image.pixels.data();
  for (int64_t at = 0; at < image.size(); at += 3)
    for (int channel = 0; channel < 3; channel++) pixels[at + channel] = tables[256 * channel + pixels[at + channel]];
}

// Returns the ITU-R 601 luma as PIL's convert('L') computes it.
uint8_t luma(const uint8_t* pixel) { return static_cast<uint8_t>((pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16); }

// Blends two values as PIL's Image.blend does: in float32, truncated to an integer.
uint8_t mixed(int32_t from, int32_t value, float alpha) {
  const float sum = static_cast<float>(from) + alpha * static_cast<float>(value - from);
  return static_cast<uint8_t>(std::min(std::max(sum, 0.0f), 255.0f));
}

void blend_with_one(Image& image, int32_t from, float alpha) {
  uint8_t table[256];
  for (int32_t value = 0; value < 256; value++) table[value] = mixed(from, value, alpha);
  look_up(image, table);
}

int32_t mean_gray(const Image& image) {
  int64_t sum = 0;
  for (int64_t at = 0; at < image.size(); at += 3) sum += luma(image.pixels.data() + at);
  return static_cast<int32_t>(static_cast<double>(sum) / static_cast<double>(image.width * image.height) + 0.5);
}

void blend_with_gray(Image& image, float alpha) {
  uint8_t* pixels = image.pixels.data();
  for (int64_t at = 0; at < image.size(); at += 3) {
    const int32_t gray = luma(pixels + at);
    for (int channel = 0; channel < 3; channel++) pixels[at + channel] = mixed(gray, pixels[at + channel], alpha);
  }
}

// Blends with PIL's SMOOTH, a rounded 3 x 3 mean with weight 5 at the centre and 13 in total. The border doesn't
// change, because a blend of a value with itself is that value.
void blend_with_smooth(Image& image, float alpha) {
  const int64_t stride = 3 * image.width;
  const std::vector<uint8_t> source = image.pixels;
  for (int64_t row = 1; row < image.height - 1; row++) {
    const uint8_t* here = source.data() + row * stride;
    const uint8_t *above = here - stride, *below = here + stride;
    uint8_t* to = image.pixels.data() + row * stride;
    for (int64_t x = 3; x < stride - 3; x++) {
      const int32_t sum = above[x - 3] + above[x] + above[x + 3] + here[x - 3] + 5 * here[x] + here[x + 3] + below[x - 3] + below[x] + below[x + 3];
      to[x] = mixed((sum + 6) / 13, here[x], alpha);
    }
  }
}

}  // namespace

void look_up(Image& image, const uint8_t* table) {
  uint8_t* pixels = image.pixels.data();
  for (int64_t at = 0; at < image.size(); at++) pixels[at] = table[pixels[at]];
}

void auto_contrast(Image& image) {
  uint8_t tables[768];
  const auto counts = histograms(image);
  for (int channel = 0; channel < 3; channel++) {
    int32_t low = 0, high = 255;
    while (low < 255 && counts[channel][low] == 0) low++;
    while (high > 0 && counts[channel][high] == 0) high--;
    const double scale = high > low ? 255.0 / (high - low) : 1.0, offset = high > low ? -low * scale : 0.0;
    for (int32_t value = 0; value < 256; value++)
      tables[256 * channel + value] = static_cast<uint8_t>(std::min(std::max(std::trunc(value * scale + offset), 0.0), 255.0));
  }
  look_up_each(image, tables);
}

void equalize(Image& image) {
  uint8_t tables[768];
  const auto counts = histograms(image);
  for (int channel = 0; channel < 3; channel++) {
    int32_t used = 0, total = 0, last = 0;
    for (const int32_t count : counts[channel]) {
      if (count == 0) continue;
      used++;
      total += count;
      last = count;
    }
    const int32_t step = (total - last) / 255;
    int32_t sum = step / 2;
    for (int32_t value = 0; value < 256; value++) {
      tables[256 * channel + value] = static_cast<uint8_t>(used <= 1 || step == 0 ? value : std::min(sum / step, 255));
      sum += counts[channel][value];
    }
  }
  look_up_each(image, tables);
}

void blend(Image& image, Against against, double factor) {
  const float alpha = static_cast<float>(factor);
  switch (against) {
    case Against::kBlack:
      return blend_with_one(image, 0, alpha);
    case Against::kMean:
      return blend_with_one(image, mean_gray(image), alpha);
    case Against::kGray:
      return blend_with_gray(image, alpha);
    case Against::kSmooth:
      return blend_with_smooth(image, alpha);
  }
}

}  // namespace studio
