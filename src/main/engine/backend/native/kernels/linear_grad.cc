// All gradients of a linear layer in one op: dy w' for x, x' dy for the weights, and the sum of dy for the bias. As
// separate ops, two of them would run at a time, and each would use all threads. In one op each thread's pieces stay in
// its own caches.
#include <algorithm>

#include "kernel.h"
#include "linear.h"
#include "parallel.h"
#include "patches.h"

namespace studio {
namespace {

// Largest number of rows of a packed block, and number of panels of x that stay in a core's second-level cache while
// all strips of dy are read.
constexpr int64_t kDepth = 256, kGroup = 192 / kHigh;
// Each thread sums over a share of the rows, so that it reads them once and in order. These are the least number of
// rows of a share, and the largest number of shares.
constexpr int64_t kLeastRows = 256, kMostShares = 8;
// Number of pieces of dx for each thread, which balance the threads after the shares, and the least number of rows of a
// piece.
constexpr int64_t kPieces = 16, kFewRows = up(30, kRows) * kRows;
// Number of strips whose shares are added together. It is also the least number of strips of a piece, where there are
// more threads than shares.
constexpr int64_t kStrips = 8;

struct Layer {
  const Buffer &x, &dy;
  float *dw, *db;
  int64_t rows, in, out;
  // Whether products are computed in bfloat16. The bias's sums never are.
  bool half;

  int64_t panels() const { return up(in, kHigh); }
  int64_t strips() const { return up(out, kColumns); }
  int64_t shares() const { return std::clamp<int64_t>(rows / kLeastRows, 1, std::min<int64_t>(threads(), kMostShares)); }
  // Number of pieces of a share, each with some of the strips. There is one for each thread; dx then balances the
  // threads.
  int64_t pieces() const { return std::clamp<int64_t>(up(threads(), shares()), 1, up(strips(), kStrips)); }
  // Number of floats of a share's sums: the weights' patches [groups, strips, panels], then the bias.
  int64_t patches() const { return panels() * strips() * kHigh * kColumns; }
  int64_t sums() const { return patches() + strips() * kColumns; }
};

// Returns the distance of packed panels or strips in floats. It is an odd number of cache lines, so that they don't all
// map to the same lines of the first-level cache.
int64_t apart(int64_t floats) { return (up(floats, kColumns) | 1) * kColumns; }

// Adds a packed strip's rows to `sums`, or overwrites `sums` if `first` is true.
void add_rows(const float* strip, int64_t depth, bool first, float* sums) {
  Lanes made[2][kVectors] = {};
  for (int64_t row = 0; row < depth; row++)
    for (int vector = 0; vector < kVectors; vector++) made[row & 1][vector] += load(strip + row * kColumns + vector * kLanes);
  for (int vector = 0; vector < kVectors; vector++, sums += kLanes) {
    const Lanes both = made[0][vector] + made[1][vector];
    store(sums, first ? both : load(sums) + both);
  }
}

// Adds a row to sums [count].
void add_row(const float* row, int64_t count, float* sums) {
  for (int64_t at = 0; at < count; at++) sums[at] += row[at];
}
void add_row(const Half* row, int64_t count, float* sums) {
  float values[kHalfPiece];
  for (int64_t at = 0; at < count; at += kHalfPiece) {
    const int64_t some = std::min(kHalfPiece, count - at);
    widen(row + at, values, some);
    add_row(values, some, sums + at);
  }
}

// Computes the sums of one piece of a share. @param index the piece's index among all shares' pieces
template <bool kHalf>
void sum_share(const Layer& layer, int64_t index, float* all) {
  constexpr int R = kHigh;
  const int64_t share = index / layer.pieces(), piece = index % layer.pieces();
  const int64_t size = up(layer.rows, layer.shares()), begin = share * size, end = std::min(layer.rows, begin + size);
  const int64_t width = up(layer.strips(), layer.pieces()), first = std::min(layer.strips(), piece * width), strips = std::min(width, layer.strips() - first);
  const int64_t most = up(size, up(size, kDepth)), panel_step = apart(most * R + kLanes), strip_step = apart(most * kColumns);
  const int64_t panels = layer.panels(), out = first * kColumns, outs = std::min(strips * kColumns, layer.out - out);
  float* sums = all + share * layer.sums();
  float* bias = sums + layer.patches() + out;
  float* x = scratch(panels * panel_step + strips * strip_step);
  float* dy = x + panels * panel_step;
  if (kHalf) std::fill_n(bias, strips * kColumns, 0.0f);
  for (int64_t row = begin; row < end; row += most) {
    const int64_t depth = std::min(most, end - row), steps = kHalf ? up(depth, 2) : depth;
    const bool start = row == begin;
    const float* from_x = layer.x.data + row * layer.in;
    const float* from_dy = layer.dy.data + row * layer.out + out;
    if constexpr (kHalf) {
      const auto pair = [&](const auto& pack, const auto* from, int64_t stride) {
        for (int64_t at = 0; at < depth; at += 2) pack(from + at * stride, at + 1 < depth ? from + (at + 1) * stride : nullptr, at / 2);
      };
      as_numbers(layer.x, row * layer.in, [&](const auto* from) {
        pair([&](const auto* one, const auto* other, int64_t at) { pack_pairs<R>(one, other, layer.in, x + at * R, panel_step); }, from, layer.in);
      });
      as_numbers(layer.dy, row * layer.out + out, [&](const auto* from) {
        pair([&](const auto* one, const auto* other, int64_t at) { pack_pairs<kColumns>(one, other, outs, dy + at * kColumns, strip_step); }, from, layer.out);
        for (int64_t at = 0; at < depth; at++) add_row(from + at * layer.out, outs, bias);
      });
    } else {
      for (int64_t at = 0; at < depth; at++) pack_by_rows<R>(from_x + at * layer.in, layer.in, x + at * R, panel_step);
      for (int64_t at = 0; at < depth; at++) pack_by_columns(from_dy + at * layer.out, outs, dy + at * kColumns, strip_step);
      for (int64_t strip = 0; strip < strips; strip++) add_rows(dy + strip * strip_step, depth, start, bias + strip * kColumns);
    }
    for (int64_t group = 0; group < panels; group += kGroup) {
      const int64_t last = std::min(panels, group + kGroup), row_of_patches = (last - group) * kPatch<R>;
      float* patches = sums + group * layer.strips() * kPatch<R> + first * row_of_patches;
      multiply_strips<R, kHalf>(x + group * panel_step, panel_step, last - group, dy, strip_step, strips, steps, start, patches, [] {});
    }
  }
}

// Adds the same floats of all other shares to `to`.
void add_shares(const Layer& layer, float* to, int64_t floats) {
  for (int64_t share = 1; share < layer.shares(); share++) {
    const float* from = to + share * layer.sums();
    for (int64_t at = 0; at < floats; at++) to[at] += from[at];
  }
}

template <bool kHalf>
void put_weights(const Layer& layer, int64_t index, float* sums) {
  constexpr int R = kHigh;
  const int64_t pieces = up(layer.strips(), kStrips), group = index / pieces * kGroup, panels = std::min(kGroup, layer.panels() - group);
  const int64_t in = group * R, ins = std::min(panels * R, layer.in - in);
  for (int64_t strip = index % pieces * kStrips; strip < std::min(layer.strips(), (index % pieces + 1) * kStrips); strip++) {
    float* patches = sums + (group * layer.strips() + strip * panels) * kPatch<R>;
    const int64_t out = strip * kColumns, outs = std::min(kColumns, layer.out - out);
    add_shares(layer, patches, panels * kPatch<R>);
    put_patches<R>(patches, ins, outs, layer.dw + in * layer.out + out, layer.out);
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
  // The larger pieces come first.
  parallel_after(
      product.packs(), [&](int64_t index) { product.pack(index, packed); }, pieces + product.blocks(),
      [&](int64_t index) {
        if (index < pieces) return with_half(layer.half, [&](auto half) { sum_share<decltype(half)::value>(layer, index, sums); });
        product.compute(index - pieces, packed);
      });
  parallel(up(layer.panels(), kGroup) * up(layer.strips(), kStrips),
           [&](int64_t index) { with_half(layer.half, [&](auto half) { put_weights<decltype(half)::value>(layer, index, sums); }); });
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
  if ((x.half || dy.half || dx.half) && !computes_half(half)) return call.fail(kNoHalf);
  if (rows == 0 || w.size() == 0) {
    std::memset(dx.data, 0, dx.size() * (dx.half ? sizeof(Half) : sizeof(float)));
    for (const Buffer& each : {dw, db}) std::fill(each.data, each.data + each.size(), 0.0f);
    return;
  }
  const int64_t block = even_block(rows, std::clamp(up(rows, kPieces * threads() * kRows) * kRows, kFewRows, kMostRows));
  compute({x, dy, dw.data, db.data, rows, in, out, half}, {dy, w.data, dx, rows, in, out, true, {}, block, half});
}

}  // namespace

void register_linear_grad() {
  register_op({"StudioLinearGrad",
               {"x: Tx", "weight: float", "dy: Tdy"},
               {"dx: Tdx", "dweight: float", "dbias: float"},
               {"half_products: bool = false", STUDIO_TYPE("Tx"), STUDIO_TYPE("Tdy"), STUDIO_TYPE("Tdx")},
               unknown_shapes,
               create,
               guarded<linear_grad>,
               destroy});
}

}  // namespace studio
