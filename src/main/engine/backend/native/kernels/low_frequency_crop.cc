// The low-frequency crop of 8-bit images (see curriculum/low-frequency-crop.ts) as two products with small matrices,
// without copies of the batch in another order: images [N, H, W, 3] -> y [N, B, B, 3]. The matrices are symmetric: the
// weights of position n and of its mirror n' in row m are those of n' and n in row m', the mirror of m. So the sums and
// the differences of mirrored positions are each multiplied by half a matrix, which gives both rows with half the
// multiplications.
#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "parallel.h"
#include "tile.h"

namespace studio {
namespace {

constexpr int64_t kChannels = 3;
// Number of matrix rows, and of vectors of the other factor, that are computed together: as many sums as fit in
// registers.
constexpr int kRows = 4, kVectors = 3;
constexpr int64_t kPanel = kVectors * kLanes, kPixels = kPanel / kChannels;

struct Options {
  int64_t bandwidth, offset;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{int_attr(construction, "bandwidth"), int_attr(construction, "offset")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

int64_t mirror(int64_t at, int64_t size, int64_t offset) { return (size - offset - at) % size; }
// Number of positions that are not after their mirror; these come first.
int64_t half(int64_t size, int64_t offset) { return offset ? (size + 1) / 2 : size / 2 + 1; }

// A matrix [rows, size] in which rows 0 .. bandwidth - 1 mirror each other. An optional last row has no mirror.
struct Folded {
  struct Row {
    int64_t row, mirrored;  // equals `row` where there is no mirror
  };
  int64_t size, offset, length;
  std::vector<Row> rows;
  // Weights [groups of kRows rows, sums and differences, length, kRows].
  std::vector<float> weights;

  Folded(const Buffer& matrix, const Options& options, bool with_last) : size(matrix.shape[1]), offset(options.offset), length(half(size, offset)) {
    for (int64_t row = 0; row < half(options.bandwidth, offset); row++) rows.push_back({row, mirror(row, options.bandwidth, offset)});
    if (with_last) rows.push_back({options.bandwidth, options.bandwidth});
    const int64_t groups = (static_cast<int64_t>(rows.size()) + kRows - 1) / kRows;
    weights.resize(groups * 2 * length * kRows);
    for (int64_t index = 0; index < static_cast<int64_t>(rows.size()); index++) {
      const float* values = matrix.data + rows[index].row * size;
      float* to = weights.data() + index / kRows * 2 * length * kRows + index % kRows;
      for (int64_t n = 0; n < length; n++) {
        const int64_t other = mirror(n, size, offset);
        // A position that is its own mirror appears twice in the sum.
        to[n * kRows] = (values[n] + values[other]) * (n == other ? 0.25f : 0.5f);
        to[(length + n) * kRows] = (values[n] - values[other]) * 0.5f;
      }
    }
  }
};

// to [kRows, kPanel] = weights [length, kRows] transposed times panel [length, kPanel].
void multiply(const float* weights, const float* panel, int64_t length, float* to) {
  Lanes sums[kRows][kVectors] = {};
  accumulate(sums, weights, 1, kRows, panel, kPanel, length);
#pragma GCC unroll 4
  for (int row = 0; row < kRows; row++) put(sums[row], to + row * kPanel);
}

// Multiplies the matrix by one panel. `panels` holds the sums of mirrored positions, then their differences. Each row
// of the result is passed to `store(row, values)`.
template <class Store>
void product(const Folded& matrix, const float* panels, const Store& store) {
  float sums[kRows * kPanel], differences[kRows * kPanel], values[kPanel];
  for (size_t first = 0; first < matrix.rows.size(); first += kRows) {
    const float* weights = matrix.weights.data() + static_cast<int64_t>(first) * 2 * matrix.length;
    multiply(weights, panels, matrix.length, sums);
    multiply(weights + matrix.length * kRows, panels + matrix.length * kPanel, matrix.length, differences);
    for (size_t index = first; index < matrix.rows.size() && index < first + kRows; index++) {
      const float *sum = sums + (index - first) * kPanel, *difference = differences + (index - first) * kPanel;
      const auto [row, mirrored] = matrix.rows[index];
      for (int64_t x = 0; x < kPanel; x++) values[x] = sum[x] + difference[x];
      store(row, values);
      if (mirrored == row) continue;
      for (int64_t x = 0; x < kPanel; x++) values[x] = sum[x] - difference[x];
      store(mirrored, values);
    }
  }
}

// Packs `count` columns of an image's rows from column `first` on. The rest of the panel keeps its values, which nobody
// reads.
void pack_rows(const uint8_t* image, int64_t stride, int64_t first, int64_t count, const Folded& matrix, float* panels) {
  float* differences = panels + matrix.length * kPanel;
  for (int64_t n = 0; n < matrix.length; n++) {
    const uint8_t *one = image + n * stride + first, *other = image + mirror(n, matrix.size, matrix.offset) * stride + first;
    for (int64_t x = 0; x < count; x++) {
      panels[n * kPanel + x] = static_cast<float>(one[x] + other[x]);
      differences[n * kPanel + x] = static_cast<float>(one[x] - other[x]);
    }
  }
}

// Packs the pixels of `count` rows as columns: [position, row, channel].
void pack_columns(const float* rows, int64_t stride, int64_t count, const Folded& matrix, float* panels) {
  float* differences = panels + matrix.length * kPanel;
  for (int64_t n = 0; n < matrix.length; n++) {
    const int64_t one = n * kChannels, other = mirror(n, matrix.size, matrix.offset) * kChannels;
    for (int64_t row = 0; row < count; row++) {
      for (int64_t c = 0; c < kChannels; c++) {
        const float a = rows[row * stride + one + c], b = rows[row * stride + other + c];
        panels[n * kPanel + row * kChannels + c] = a + b;
        differences[n * kPanel + row * kChannels + c] = a - b;
      }
    }
  }
}

// Subtracts the Nyquist x Nyquist term, whose sign alternates.
void subtract_unpaired(const float* row, const float* weights, int64_t width, int64_t bandwidth, float* to) {
  float corner[kChannels] = {};
  for (int64_t n = 0; n < width; n++)
    for (int64_t c = 0; c < kChannels; c++) corner[c] += weights[n] * row[n * kChannels + c];
  for (int64_t y = 0; y < bandwidth; y++)
    for (int64_t x = 0; x < bandwidth; x++)
      for (int64_t c = 0; c < kChannels; c++) to[(y * bandwidth + x) * kChannels + c] -= (x + y) % 2 ? -corner[c] : corner[c];
}

void low_frequency_crop(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options& options = *static_cast<Options*>(kernel);
  const Bytes images = call.bytes(0);
  const Buffer down = call.input(1), across = call.input(2);
  if (call.failed()) return;
  const int64_t bandwidth = options.bandwidth;
  const bool unpaired = down.shape.size() == 2 && down.shape[0] == bandwidth + 1;
  if (down.shape.size() != 2 || across.shape.size() != 2 || down.shape[0] != bandwidth + unpaired || across.shape[0] != down.shape[0])
    return call.fail("StudioLowFrequencyCrop: both matrices need a row for each of B, or one more");
  const int64_t height = down.shape[1], width = across.shape[1], stride = width * kChannels;
  if (height <= 0 || width <= 0 || bandwidth <= 0) return call.fail("StudioLowFrequencyCrop: its matrices are empty");
  const int64_t batch = images.size / (height * stride);
  if (batch * height * stride != images.size) return call.fail("StudioLowFrequencyCrop: the images have another size");
  const Buffer y = call.output(0, {batch, bandwidth, bandwidth, kChannels});
  if (call.failed()) return;
  const Folded vertical(down, options, unpaired), horizontal(across, options, false);
  parallel(batch, [&](int64_t index) {
    const int64_t size = (bandwidth + unpaired) * stride;
    float* rows = scratch(size + 2 * std::max(vertical.length, horizontal.length) * kPanel);
    float* panels = rows + size;
    for (int64_t first = 0; first < stride; first += kPanel) {
      const int64_t count = std::min(kPanel, stride - first);
      pack_rows(images.data + index * height * stride, stride, first, count, vertical, panels);
      product(vertical, panels,
              [&](int64_t row, const float* values) { std::memcpy(rows + row * stride + first, values, count * sizeof(float)); });
    }
    float* to = y.data + index * bandwidth * bandwidth * kChannels;
    for (int64_t first = 0; first < bandwidth; first += kPixels) {
      const int64_t count = std::min(kPixels, bandwidth - first);
      pack_columns(rows + first * stride, stride, count, horizontal, panels);
      product(horizontal, panels, [&](int64_t column, const float* values) {
        for (int64_t row = 0; row < count; row++)
          for (int64_t c = 0; c < kChannels; c++) to[((first + row) * bandwidth + column) * kChannels + c] = values[row * kChannels + c];
      });
    }
    if (unpaired) subtract_unpaired(rows + bandwidth * stride, across.data + bandwidth * width, width, bandwidth, to);
  });
}

}  // namespace

void register_low_frequency_crop() {
  register_op({"StudioLowFrequencyCrop",
               {"images: uint8", "down: float", "across: float"},
               {"y: float"},
               {"bandwidth: int", "offset: int"},
               unknown_shapes,
               create,
               guarded<low_frequency_crop>,
               destroy});
}

}  // namespace studio
