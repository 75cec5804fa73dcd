// A linear layer, y = x w and what follows it, or the gradient of its x; a 1 x 1 convolution is one too. The scheme is that of Goto and van
// de Geijn (Anatomy of High-Performance Matrix Multiplication, 2008): a tile of the result stays in registers for the whole sum, the weights lie packed
// in strips as wide as the tile.
#include <algorithm>
#include <cstring>

#include "epilogue.h"
#include "kernel.h"
#include "parallel.h"
#include "tile.h"

namespace studio {
namespace {

constexpr int kRows = 6;
constexpr int64_t kColumns = 2 * kLanes;
// Strips that are packed together, and rows that a thread takes at once.
constexpr int64_t kStrips = 8, kLeastRows = 24, kMostRows = 48;

// y [rows, columns] from x [rows, depth]; w is [depth, columns], for a gradient [columns, depth].
struct Layer {
  const float *x, *w;
  float* y;
  int64_t rows, columns, depth;
  bool gradient;
  Epilogue epilogue;
};

// A strip of w, [depth, 16]; zeros beyond its last column.
void pack(const Layer& layer, int64_t column, float* to) {
  const int64_t count = std::min(kColumns, layer.columns - column);
  const float* from = layer.w + column;
  for (int64_t at = 0; at < layer.depth; at++, from += layer.columns, to += kColumns) {
    if (count == kColumns) {
      std::memcpy(to, from, kColumns * sizeof(float));
    } else {
      std::fill(std::copy(from, from + count, to), to + kColumns, 0.0f);
    }
  }
}

// The same of a w whose rows are what a strip's columns are.
void pack_turned(const Layer& layer, int64_t column, float* to) {
  const int64_t count = std::min(kColumns, layer.columns - column), whole = count == kColumns ? layer.depth / kLanes * kLanes : 0;
  const float* from = layer.w + column * layer.depth;
  for (int64_t half = 0; half < kColumns; half += kLanes)
    for (int64_t at = 0; at < whole; at += kLanes) {
      Lanes rows[kLanes];
      for (int64_t row = 0; row < kLanes; row++) rows[row] = load(from + (half + row) * layer.depth + at);
      turn(rows, to + at * kColumns + half, kColumns);
    }
  for (int64_t at = whole; at < layer.depth; at++)
    for (int64_t row = 0; row < kColumns; row++) to[at * kColumns + row] = row < count ? from[row * layer.depth + at] : 0.0f;
}

template <int R>
void tile(const Layer& layer, const float* strip, int64_t row, int64_t column) {
  Lanes sums[R][2] = {};
  accumulate(sums, layer.x + row * layer.depth, layer.depth, 1, strip, kColumns, layer.depth);
  const int64_t start = row * layer.columns + column, count = layer.columns - column;
  if (count >= kColumns) {
#pragma GCC unroll 6
    for (int at = 0; at < R; at++) {
      const int64_t to = start + at * layer.columns;
#pragma GCC unroll 2
      for (int half = 0; half < 2; half++)
        sums[at][half] = layer.epilogue.of(sums[at][half], column + half * kLanes, to + half * kLanes);
      put(sums[at], layer.y + to);
    }
    return;
  }
  for (int at = 0; at < R; at++) {
    float values[kColumns];
    put(sums[at], values);
    const int64_t to = start + at * layer.columns;
    for (int64_t i = 0; i < count; i++) layer.y[to + i] = layer.epilogue.of(values[i], column + i, to + i);
  }
}

void compute(const Layer& layer) {
  const int64_t strips = up(layer.columns, kColumns), strip_size = layer.depth * kColumns;
  const int64_t block = std::clamp(up(layer.rows, 12 * kRows) * kRows, kLeastRows, kMostRows);
  float* packed = scratch<Use::kOp>(strips * strip_size);
  const auto pack_strips = [&](int64_t index) {
    for (int64_t strip = index * kStrips; strip < std::min(strips, (index + 1) * kStrips); strip++)
      (layer.gradient ? pack_turned : pack)(layer, strip * kColumns, packed + strip * strip_size);
  };
  parallel_after(up(strips, kStrips), pack_strips, up(layer.rows, block), [&](int64_t index) {
    const int64_t first = index * block, last = std::min(layer.rows, first + block);
    for (int64_t strip = 0; strip < strips; strip++)
      for (int64_t row = first; row < last; row += kRows)
        with_rows<kRows>(std::min<int64_t>(kRows, last - row),
                         [&](auto rows) { tile<decltype(rows)::value>(layer, packed + strip * strip_size, row, strip * kColumns); });
  });
}

void linear(void* given, TF_OpKernelContext* context) {
  const ProductOptions& options = *static_cast<ProductOptions*>(given);
  Call call(context);
  const Buffer x = call.input(0), w = call.input(1);
  if (call.failed()) return;
  // A 1 x 1 convolution's weights have two sides of 1 before these.
  const size_t sides = w.shape.size();
  const int64_t ins = sides < 2 ? 0 : w.shape[sides - 2], outs = sides < 2 ? 0 : w.shape[sides - 1];
  const int64_t depth = options.gradient ? outs : ins, columns = options.gradient ? ins : outs;
  if (x.shape.empty() || x.last() != depth || w.size() != ins * outs) return call.fail("StudioLinear: x [..., in] and weight [in, out] don't fit each other");
  std::vector<int64_t> shape = x.shape;
  shape.back() = columns;
  const auto [epilogue, y] = ends_of(call, options, shape);
  if (call.failed() || y.size() == 0) return;
  compute({x.data, w.data, y.data, y.size() / columns, columns, depth, options.gradient, epilogue});
}

}  // namespace

void register_linear() {
  register_op({"StudioLinear", {"x: float", "weight: float", "rest: count * float"}, {"y: float"}, kProductAttrs, unknown_shapes, create_product, linear,
               destroy_product});
}

}  // namespace studio
