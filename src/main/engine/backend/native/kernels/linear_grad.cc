// All gradients of a linear layer in one op: of x, dy w'; of the weights, x' dy; of the bias, dy's sum. As ops of their own two of them run at a time and
// each would have all threads; as one, each thread's pieces stay in its own caches.
#include <algorithm>

#include "kernel.h"
#include "linear.h"
#include "parallel.h"
#include "patches.h"

namespace studio {
namespace {

// The most rows of a packed block, and panels of x that stay in a core's second cache while all of dy's strips pass by.
constexpr int64_t kDepth = 256, kGroup = 192 / kRows;
// Each thread sums over a share of the rows, so that it reads them once and one after the other. The least rows of one, and the most of them.
constexpr int64_t kLeastRows = 256, kMostShares = 8;
// Pieces of dx for each thread, which even out what the shares leave.
constexpr int64_t kPieces = 16, kFewRows = up(30, kRows) * kRows;
// Strips whose shares are added together, and the least that a piece of work has where there are more threads than shares.
constexpr int64_t kStrips = 8;

struct Layer {
  const float *x, *dy;
  float *dw, *db;
  int64_t rows, in, out;
  // Whether products are in bfloat16; the bias's sums aren't.
  bool half;

  int64_t panels() const { return up(in, kRows); }
  int64_t strips() const { return up(out, kColumns); }
  int64_t shares() const { return std::clamp<int64_t>(rows / kLeastRows, 1, std::min<int64_t>(threads(), kMostShares)); }
  // Pieces of a share, each for some of the strips: one for each thread, dx then evens out what they leave.
  int64_t pieces() const { return std::clamp<int64_t>(up(threads(), shares()), 1, up(strips(), kStrips)); }
  // Floats of a share's sums: patches of the weights, [groups, strips, panels], then the bias.
  int64_t patches() const { return panels() * strips() * kPatch<kRows>; }
  int64_t sums() const { return patches() + strips() * kColumns; }
};

// Floats between packed panels or strips: an odd number of lines, so that they don't all fall into the same ones of the first cache.
int64_t apart(int64_t floats) { return (up(floats, kColumns) | 1) * kColumns; }

// sums (+)= a packed strip's rows.
void add_rows(const float* strip, int64_t depth, bool first, float* sums) {
  Lanes made[2][kVectors] = {};
  for (int64_t row = 0; row < depth; row++)
    for (int vector = 0; vector < kVectors; vector++) made[row & 1][vector] += load(strip + row * kColumns + vector * kLanes);
  for (int vector = 0; vector < kVectors; vector++, sums += kLanes) {
    const Lanes both = made[0][vector] + made[1][vector];
    store(sums, first ? both : load(sums) + both);
  }
}

// sums [count] += a row.
void add_row(const float* row, int64_t count, float* sums) {
  for (int64_t at = 0; at < count; at++) sums[at] += row[at];
}

// @param index of a share's piece
template <bool kHalf>
void sum_share(const Layer& layer, int64_t index, float* all) {
  const int64_t share = index / layer.pieces(), piece = index % layer.pieces();
  const int64_t size = up(layer.rows, layer.shares()), begin = share * size, end = std::min(layer.rows, begin + size);
  const int64_t width = up(layer.strips(), layer.pieces()), first = std::min(layer.strips(), piece * width), strips = std::min(width, layer.strips() - first);
  const int64_t most = up(size, up(size, kDepth)), panel_step = apart(most * kRows + kLanes), strip_step = apart(most * kColumns);
  const int64_t panels = layer.panels(), out = first * kColumns, outs = std::min(strips * kColumns, layer.out - out);
  float* sums = all + share * layer.sums();
  float* bias = sums + layer.patches() + out;
  float* x = scratch(panels * panel_step + strips * strip_step);
  float* dy = x + panels * panel_step;
  if (kHalf) std::fill_n(bias, strips * kColumns, 0.0f);
  for (int64_t row = begin; row < end; row += most) {
    const int64_t depth = std::min(most, end - row), steps = kHalf ? up(depth, 2) : depth;
    const bool start = row == begin;
    const float* from_x = layer.x + row * layer.in;
    const float* from_dy = layer.dy + row * layer.out + out;
    if constexpr (kHalf) {
      const auto pair = [&](const auto& pack, const float* from, int64_t stride) {
        for (int64_t at = 0; at < depth; at += 2) pack(from + at * stride, at + 1 < depth ? from + (at + 1) * stride : nullptr, at / 2);
      };
      pair([&](const float* one, const float* other, int64_t at) { pack_pairs<kRows>(one, other, layer.in, x + at * kRows, panel_step); }, from_x, layer.in);
      pair([&](const float* one, const float* other, int64_t at) { pack_pairs<kColumns>(one, other, outs, dy + at * kColumns, strip_step); }, from_dy, layer.out);
      for (int64_t at = 0; at < depth; at++) add_row(from_dy + at * layer.out, outs, bias);
    } else {
      for (int64_t at = 0; at < depth; at++) pack_by_rows<kRows>(from_x + at * layer.in, layer.in, x + at * kRows, panel_step);
      for (int64_t at = 0; at < depth; at++) pack_by_columns(from_dy + at * layer.out, outs, dy + at * kColumns, strip_step);
      for (int64_t strip = 0; strip < strips; strip++) add_rows(dy + strip * strip_step, depth, start, bias + strip * kColumns);
    }
    for (int64_t group = 0; group < panels; group += kGroup) {
      const int64_t last = std::min(panels, group + kGroup);
      float* patch = sums + (group * layer.strips() + first * (last - group)) * kPatch<kRows>;
      for (int64_t strip = 0; strip < strips; strip++)
        for (int64_t panel = group; panel < last; panel++, patch += kPatch<kRows>)
          multiply<kRows, kHalf>(x + panel * panel_step, dy + strip * strip_step, steps, start, patch);
    }
  }
}

// to += what lies there in all other shares.
void add_shares(const Layer& layer, float* to, int64_t floats) {
  for (int64_t share = 1; share < layer.shares(); share++) {
    const float* from = to + share * layer.sums();
    for (int64_t at = 0; at < floats; at++) to[at] += from[at];
  }
}

void put_weights(const Layer& layer, int64_t index, float* sums) {
  const int64_t pieces = up(layer.strips(), kStrips), group = index / pieces * kGroup, panels = std::min(kGroup, layer.panels() - group);
  const int64_t in = group * kRows, ins = std::min(panels * kRows, layer.in - in);
  for (int64_t strip = index % pieces * kStrips; strip < std::min(layer.strips(), (index % pieces + 1) * kStrips); strip++) {
    float* patches = sums + (group * layer.strips() + strip * panels) * kPatch<kRows>;
    const int64_t out = strip * kColumns, outs = std::min(kColumns, layer.out - out);
    add_shares(layer, patches, panels * kPatch<kRows>);
    put_patches<kRows>(patches, ins, outs, layer.dw + in * layer.out + out, layer.out);
    if (group > 0) continue;
    float* bias = sums + layer.patches() + out;
    add_shares(layer, bias, kColumns);
    std::copy_n(bias, outs, layer.db + out);
  }
}

void compute(const Layer& layer, const Product& product) {
  const OpScratch memory(product.packed_size() + layer.shares() * layer.sums());
  float* packed = memory.data();
  float* sums = packed + product.packed_size();
  const int64_t pieces = layer.shares() * layer.pieces();
  // The larger pieces first.
  parallel_after(
      product.packs(), [&](int64_t index) { product.pack(index, packed); }, pieces + product.blocks(),
      [&](int64_t index) {
        if (index < pieces) return with_half(layer.half, [&](auto half) { sum_share<decltype(half)::value>(layer, index, sums); });
        product.compute(index - pieces, packed);
      });
  parallel(up(layer.panels(), kGroup) * up(layer.strips(), kStrips), [&](int64_t index) { put_weights(layer, index, sums); });
}

void* create(TF_OpKernelConstruction* construction) { return new bool(bool_attr(construction, "half_products")); }
void destroy(void* half) { delete static_cast<bool*>(half); }

void linear_grad(void* options, TF_OpKernelContext* context) {
  const bool half = *static_cast<bool*>(options);
  Call call(context);
  const Buffer x = call.input(0), w = call.input(1), dy = call.input(2);
  if (call.failed()) return;
  const int64_t in = x.last(), out = dy.last(), rows = in ? x.size() / in : 0;
  if (w.size() != in * out || dy.size() != rows * out) return call.fail("StudioLinearGrad: x [..., in], weight [in, out] and dy [..., out] don't fit each other");
  const Buffer dx = call.output(0, x.shape), dw = call.output(1, w.shape), db = call.output(2, {out});
  if (call.failed()) return;
  if (rows == 0 || w.size() == 0) {
    for (const Buffer& each : {dx, dw, db}) std::fill(each.data, each.data + each.size(), 0.0f);
    return;
  }
  const int64_t block = even_block(rows, std::clamp(up(rows, kPieces * threads() * kRows) * kRows, kFewRows, kMostRows));
  compute({x.data, dy.data, dw.data, db.data, rows, in, out, half}, {dy.data, w.data, dx.data, rows, in, out, true, {}, block, half});
}

}  // namespace

void register_linear_grad() {
  register_op({"StudioLinearGrad",
               {"x: float", "weight: float", "dy: float"},
               {"dx: float", "dweight: float", "dbias: float"},
               {"half_products: bool = false"},
               unknown_shapes,
               create,
               guarded<linear_grad>,
               destroy});
}

}  // namespace studio
