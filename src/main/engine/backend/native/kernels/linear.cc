// A linear layer's forward pass, x w + bias, and what is added to it. The scheme is that of Goto and van
// de Geijn (Anatomy of High-Performance Matrix Multiplication, 2008): a tile of the result stays in registers for the whole sum, the weights lie packed
// in strips as wide as the tile.
#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "parallel.h"
#include "tile.h"

namespace studio {
namespace {

constexpr int kRows = 6;
constexpr int64_t kColumns = 2 * kLanes;
// Strips that are packed together, and rows that a thread takes at once.
constexpr int64_t kStrips = 8, kLeastRows = 24, kMostRows = 48;

// y [rows, columns] = x [rows, depth] w [depth, columns] + bias, + added [rows, columns] where it isn't null; y may be added's own memory.
struct Layer {
  const float *x, *w, *bias, *added;
  float* y;
  int64_t rows, columns, depth;
};

// The strips [first, last) of w, each [depth, 16]; zeros beyond its last column.
void pack(const Layer& layer, int64_t first, int64_t last, float* strips) {
  for (int64_t strip = first; strip < last; strip++) {
    const int64_t column = strip * kColumns, count = std::min(kColumns, layer.columns - column);
    const float* from = layer.w + column;
    float* to = strips + strip * layer.depth * kColumns;
    for (int64_t at = 0; at < layer.depth; at++, from += layer.columns, to += kColumns) {
      if (count == kColumns) {
        std::memcpy(to, from, kColumns * sizeof(float));
      } else {
        std::fill(std::copy(from, from + count, to), to + kColumns, 0.0f);
      }
    }
  }
}

template <int R>
void tile(const Layer& layer, const float* strip, int64_t row, int64_t column) {
  Lanes sums[R][2] = {};
  accumulate(sums, layer.x + row * layer.depth, layer.depth, 1, strip, kColumns, layer.depth);
  const int64_t start = row * layer.columns + column, count = layer.columns - column;
  float* to = layer.y + start;
  const float* added = layer.added ? layer.added + start : nullptr;
  if (count >= kColumns) {
    const Lanes* bias = reinterpret_cast<const Lanes*>(layer.bias + column);
#pragma GCC unroll 6
    for (int at = 0; at < R; at++) {
      const int64_t offset = at * layer.columns;
#pragma GCC unroll 2
      for (int half = 0; half < 2; half++) {
        sums[at][half] += bias[half];
        if (added) sums[at][half] += reinterpret_cast<const Lanes*>(added + offset)[half];
      }
      put(sums[at], to + offset);
    }
    return;
  }
  for (int at = 0; at < R; at++) {
    float values[kColumns];
    put(sums[at], values);
    const int64_t offset = at * layer.columns;
    for (int64_t i = 0; i < count; i++) to[offset + i] = values[i] + layer.bias[column + i] + (added ? added[offset + i] : 0.0f);
  }
}

void compute(const Layer& layer) {
  const int64_t strips = up(layer.columns, kColumns), packs = up(strips, kStrips);
  const int64_t block = std::clamp(up(layer.rows, 12 * kRows) * kRows, kLeastRows, kMostRows), blocks = up(layer.rows, block);
  float* packed = scratch(strips * layer.depth * kColumns);
  const auto compute_block = [&](int64_t index) {
    const int64_t first = index * block, last = std::min(layer.rows, first + block);
    for (int64_t strip = 0; strip < strips; strip++)
      for (int64_t row = first; row < last; row += kRows)
        with_rows<kRows>(std::min<int64_t>(kRows, last - row), [&](auto rows) {
          tile<decltype(rows)::value>(layer, packed + strip * layer.depth * kColumns, row, strip * kColumns);
        });
  };
  parallel_after(
      packs, [&](int64_t index) { pack(layer, index * kStrips, std::min(strips, (index + 1) * kStrips), packed); }, blocks, compute_block);
}

void linear(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0), w = call.input(1), bias = call.input(2);
  if (call.failed()) return;
  if (x.shape.size() != 2 || w.shape.size() != 2 || w.shape[0] != x.shape[1] || bias.size() != w.shape[1])
    return call.fail("StudioLinear: x [rows, in], weight [in, out] and bias [out] don't fit each other");
  const std::vector<int64_t> shape{x.shape[0], w.shape[1]};
  const Buffer added = call.inputs() > 3 ? call.input(3) : Buffer{};
  if (call.failed()) return;
  if (added.data && added.shape != shape) return call.fail("StudioLinearAdd: what is added has to be [rows, out]");
  const Buffer y = added.data ? call.output_in_place(0, 3, shape) : call.output(0, shape);
  if (call.failed() || y.size() == 0) return;
  compute({x.data, w.data, bias.data, added.data, y.data, x.shape[0], w.shape[1], x.shape[1]});
}

}  // namespace

void register_linear() {
  std::vector<const char*> inputs = {"x: float", "weight: float", "bias: float"};
  register_op({"StudioLinear", inputs, {"y: float"}, {}, unknown_shapes, nullptr, linear, nullptr});
  inputs.push_back("added: float");
  register_op({"StudioLinearAdd", inputs, {"y: float"}, {}, unknown_shapes, nullptr, linear, nullptr});
}

}  // namespace studio
