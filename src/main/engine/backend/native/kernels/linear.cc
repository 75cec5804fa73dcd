// A linear layer y = x w with an epilogue, or the gradient of its x; a 1 x 1 convolution is the same. The scheme is
// that of Goto and van de Geijn (Anatomy of High-Performance Matrix Multiplication, 2008, sec. 4): a tile of the result
// stays in registers for the whole sum, and the weights are packed in strips as wide as a tile.

// A sum keeps its order. The compiler would add the products of two steps first in tiles of some heights, and results
// would depend on how rows are split among threads.
#pragma GCC optimize("no-associative-math")
#include "linear.h"

#include <algorithm>
#include <limits>

#include "kernel.h"
#include "parallel.h"
#include "patches.h"

namespace studio {
namespace {

// Number of strips, or of rows of weights (an even number), that are packed together, and the least number of rows of a
// piece of work.
constexpr int64_t kStrips = 4, kWeightRows = 48, kLeastRows = 24;
// With more pieces than this for each thread, the length of the last piece no longer matters.
constexpr int64_t kPieces = 16;
// Side of the squares that are transposed.
constexpr int kEight = 8;

// Packs `count` rows of w from `row` on; `row` is even. Strips are [steps, 16], with zeros after the last column.
template <bool kHalf>
void pack_plain(const Product& product, int64_t row, int64_t count, float* packed) {
  const int64_t columns = product.columns, step = product.steps() * kColumns;
  for (int64_t at = row; at < row + count; at += kHalf ? 2 : 1) {
    const float* from = product.w + at * columns;
    if constexpr (kHalf) {
      pack_pairs<kColumns>(from, at + 1 < product.weight_rows() ? from + columns : nullptr, columns, packed + at / 2 * kColumns, step);
    } else {
      pack_by_columns(from, columns, packed + at * kColumns, step);
    }
  }
}

// Loads the next eight steps of a row from step `at` on, and zeros after the row's end.
template <bool kHalf>
[[gnu::always_inline]] inline Eight next_steps(const float* row, int64_t at, int64_t depth) {
#ifdef __AVX512BF16__
  if constexpr (kHalf) return pairs_along(row + 2 * at, depth - 2 * at);
#endif
  return at + kEight <= depth ? load<Eight>(row + at) : [&] {
    Eight some = {};
    for (int64_t each = at; each < depth; each++) some[each - at] = row[each];
    return some;
  }();
}
// Does the same for values that are already bfloat16; a step is a pair of them.
template <bool kHalf>
[[gnu::always_inline]] inline Eight next_steps([[maybe_unused]] const Half* row, [[maybe_unused]] int64_t at, [[maybe_unused]] int64_t depth) {
#ifdef __AVX512BF16__
  return (Eight)_mm256_maskz_loadu_epi16(first_lanes(depth - 2 * at), row + 2 * at);
#else
  return Eight{};
#endif
}

// Packs a strip of a transposed w, whose rows are the strip's columns.
template <bool kHalf>
void pack_turned(const Product& product, int64_t column, float* to) {
  const int64_t count = std::min(kColumns, product.columns - column), steps = product.position_steps();
  for (int64_t position = product.window.positions() - 1; position >= 0; position--, to += steps * kColumns) {
    const float* from = product.w + (position * product.columns + column) * product.depth;
    for (int64_t half = 0; half < kColumns; half += kEight)
      for (int64_t at = 0; at < steps; at += kEight) {
        Eight rows[kEight] = {};
        for (int64_t row = 0; row < std::min<int64_t>(kEight, count - half); row++) rows[row] = next_steps<kHalf>(from + (half + row) * product.depth, at, product.depth);
        if (at + kEight <= steps) {
          turn(rows, to + at * kColumns + half, kColumns);
          continue;
        }
        float last[kEight * kEight];
        turn(rows, last, kEight);
        for (int64_t each = at; each < steps; each++) std::copy_n(last + (each - at) * kEight, kEight, to + each * kColumns + half);
      }
  }
}

// Packs R rows next to each other: [steps, R]. It writes up to seven floats past the end.
// @param next next(row, at) loads eight steps of a row from step `at` on
template <int R, class Next>
[[gnu::always_inline]] inline void pack_steps(int64_t steps, const Next& next, float* to) {
  constexpr int kGroups = (R + kEight - 1) / kEight;
  for (int64_t at = 0; at < steps; at += kEight) {
    float turned[kGroups][kEight * kEight];
#pragma GCC unroll 3
    for (int group = 0; group < kGroups; group++) {
      Eight rows[kEight] = {};
#pragma GCC unroll 8
      for (int each = 0; each < kEight; each++) {
        if (group * kEight + each >= R) continue;
        rows[each] = next(group * kEight + each, at);
      }
      turn(rows, turned[group], kEight);
    }
    const auto put_step = [&](int64_t each) {
#pragma GCC unroll 3
      for (int group = 0; group < kGroups; group++) store(to + (at + each) * R + group * kEight, load<Eight>(turned[group] + each * kEight));
    };
    // Steps are stored in order, so that the next step overwrites what reaches too far.
    if (at + kEight <= steps) {
#pragma GCC unroll 8
      for (int64_t each = 0; each < kEight; each++) put_step(each);
    } else {
      for (int64_t each = 0; each < steps - at; each++) put_step(each);
    }
  }
}

// Packs rows [row, row + R) of x.
template <int R, bool kHalf, class Number>
void pack_rows(const Product& product, const Number* x, int64_t row, float* to) {
  const Number* from = x + row * product.depth;
  pack_steps<R>(product.steps(), [&](int each, int64_t at) { return next_steps<kHalf>(from + each * product.depth, at, product.depth); }, to);
}

// Packs the windows around pixels [row, row + R) of x, one position after the other, with zeros around the image.
template <int R, bool kHalf, class Number>
void pack_windows(const Product& product, const Number* x, int64_t row, float* to) {
  const auto [height, width] = product.window;
  const int64_t steps = product.position_steps();
  int64_t lines[R], columns[R];
  for (int each = 0; each < R; each++) lines[each] = (row + each) / width % height, columns[each] = (row + each) % width;
  for (int64_t down = -1; down <= 1; down++)
    for (int64_t across = -1; across <= 1; across++, to += steps * R) {
      const Number* from[R];
      for (int each = 0; each < R; each++) {
        const int64_t line = lines[each] + down, column = columns[each] + across;
        const bool within = line >= 0 && line < height && column >= 0 && column < width;
        from[each] = within ? x + (row + each + down * width + across) * product.depth : nullptr;
      }
      pack_steps<R>(steps, [&](int each, int64_t at) { return from[each] ? next_steps<kHalf>(from[each], at, product.depth) : Eight{}; }, to);
    }
}

template <int R, bool kHalf, class Number>
void pack_panel(const Product& product, const Number* x, int64_t row, float* to) {
  if (product.window.height) pack_windows<R, kHalf>(product, x, row, to);
  else pack_rows<R, kHalf>(product, x, row, to);
}

// Prefetches the lines of a tile's results while its sums are computed.
template <int R>
[[gnu::always_inline]] inline void fetch_tile(const Product& product, int64_t row, int64_t column) {
  const int64_t start = row * product.columns + column;
#pragma GCC unroll 24
  for (int at = 0; at < R; at++) {
    if (product.y.half) __builtin_prefetch(product.y.halves() + start + at * product.columns, 1);
    else product.epilogue.fetch(product.y.data, start + at * product.columns);
  }
}

// Calls act with a flag as a compile-time constant.
template <class Act>
void with_flag(bool flag, const Act& act) {
  if (flag) act(std::true_type{});
  else act(std::false_type{});
}

// Applies the epilogue to the sums [rows, kColumns] of a tile, all of whose columns are in the result, and stores them.
template <bool kScale, bool kBias, bool kAdd, bool kRelu>
void finish_whole(const Product& product, const float* sums, int rows, int64_t start, int64_t column) {
  const Epilogue& epilogue = product.epilogue;
  Lanes scale[kVectors] = {}, bias[kVectors] = {};
  for (int vector = 0; vector < kVectors; vector++) {
    if (kScale) scale[vector] = load(epilogue.scale + column + vector * kLanes);
    if (kBias) bias[vector] = load(epilogue.bias + column + vector * kLanes);
  }
  for (int at = 0; at < rows; at++, sums += kColumns, start += product.columns)
#pragma GCC unroll 2
    for (int vector = 0; vector < kVectors; vector++) {
      const int64_t to = start + vector * kLanes;
      Lanes value = load(sums + vector * kLanes);
      if (kScale) value *= scale[vector];
      if (kBias) value += bias[vector];
      if (kAdd) value += load(epilogue.added + to);
      // The comparison has this direction so that NaN stays NaN.
      if (kRelu) value = value < 0.0f ? Lanes{} : value;
#ifdef __AVX512BF16__
      if (product.y.half) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(product.y.halves() + to), narrowed((__m512)value));
        continue;
      }
#endif
      store(product.y.data + to, value);
    }
}

// Does the same for a tile of which only `count` columns are in the result.
void finish_part(const Product& product, const float* sums, int rows, int64_t start, int64_t column, int64_t count) {
  for (int at = 0; at < rows; at++, sums += kColumns, start += product.columns) {
    float values[kColumns];
    for (int64_t i = 0; i < count; i++) values[i] = product.epilogue.of(sums[i], column + i, start + i);
    if (product.y.half) narrow(values, product.y.halves() + start, count);
    else std::copy_n(values, count, product.y.data + start);
  }
}

// Applies the epilogue to a tile's sums and stores them. It isn't inlined: unrolled for each height of a tile, its code
// would take minutes to compile.
[[gnu::noinline]] void finish_tile(const Product& product, const float* sums, int rows, int64_t row, int64_t column) {
  const int64_t start = row * product.columns + column, count = product.columns - column;
  if (count < kColumns) return finish_part(product, sums, rows, start, column, count);
  const Epilogue& of = product.epilogue;
  with_flag(of.scale, [&](auto scale) {
    with_flag(of.bias, [&](auto bias) {
      with_flag(of.added, [&](auto added) {
        with_flag(of.relu, [&](auto relu) { finish_whole<scale(), bias(), added(), relu()>(product, sums, rows, start, column); });
      });
    });
  });
}

template <int R>
[[gnu::always_inline]] inline void put_tile(const Product& product, const Lanes (&sums)[R][kVectors], int64_t row, int64_t column) {
  float values[R * kColumns];
#pragma GCC unroll 24
  for (int at = 0; at < R; at++) put(sums[at], values + at * kColumns);
  finish_tile(product, values, R, row, column);
}

// Computes kWide strips' tiles: one, or two where there are registers for their sums.
template <int R, int kWide, bool kHalf>
void tiles(const Product& product, const float* panel, const float* strip, int64_t row, int64_t column) {
#pragma GCC unroll 2
  for (int at = 0; at < kWide; at++) fetch_tile<R>(product, row, column + at * kColumns);
  Lanes sums[kWide][R][kVectors];
  const int64_t steps = product.steps();
#ifdef __AVX512BF16__
  if constexpr (kHalf) accumulate_pairs(sums, panel, strip, steps * kColumns, steps);
#endif
  if constexpr (!kHalf && kWide == 2) accumulate_two(sums, panel, 1, R, strip, steps * kColumns, steps);
  if constexpr (!kHalf && kWide == 1) {
    clear(sums);
    accumulate_packed(sums[0], panel, strip, steps);
  }
#pragma GCC unroll 2
  for (int at = 0; at < kWide; at++) put_tile(product, sums[at], row, column + at * kColumns);
}

template <bool kHalf>
void compute_block(const Product& product, int64_t index, const float* packed) {
  const int64_t first = index * product.block, last = std::min(product.rows, first + product.block), steps = product.steps();
  // All tiles have about the same height, so that the last one isn't left with a few rows.
  constexpr int kMost = kHigh;
  const int64_t height = up(last - first, up(last - first, kMost));
  float* panels = scratch(product.block * steps + kEight);
  const auto each_tile = [&](const auto& act) {
    for (int64_t row = first; row < last; row += height)
      with_rows<kMost>(std::min(height, last - row), [&](auto count) { act(count, row, panels + (row - first) * steps); });
  };
  each_tile([&](auto count, int64_t row, float* panel) {
    if constexpr (kHalf)
      if (product.x.half) return pack_panel<decltype(count)::value, kHalf>(product, product.x.halves(), row, panel);
    pack_panel<decltype(count)::value, kHalf>(product, product.x.data, row, panel);
  });
  constexpr int kWide = kTwoStrips ? 2 : 1;
  for (int64_t column = 0; column < product.columns; column += kWide * kColumns)
    each_tile([&](auto count, int64_t row, const float* panel) {
      constexpr int R = decltype(count)::value;
      const float* strip = packed + column * steps;
      if (column + (kWide - 1) * kColumns < product.columns) tiles<R, kWide, kHalf>(product, panel, strip, row, column);
      else tiles<R, 1, kHalf>(product, panel, strip, row, column);
    });
}

void linear(void* given, TF_OpKernelContext* context) {
  const ProductOptions& options = *static_cast<ProductOptions*>(given);
  Call call(context);
  const Buffer x = call.input(0), w = call.input(1);
  if (call.failed()) return;
  // A 1 x 1 convolution's weights have two axes of length 1 before these.
  const size_t sides = w.shape.size();
  const int64_t ins = sides < 2 ? 0 : w.shape[sides - 2], outs = sides < 2 ? 0 : w.shape[sides - 1];
  const int64_t depth = options.gradient ? outs : ins, columns = options.gradient ? ins : outs;
  if (x.shape.empty() || x.last() != depth || w.size() != ins * outs) return call.fail("StudioLinear: x [..., in] and weight [in, out] don't fit each other");
  std::vector<int64_t> shape = x.shape;
  shape.back() = columns;
  const Ends ends = ends_of(call, options, shape);
  const Epilogue& epilogue = ends.epilogue;
  const Buffer& y = ends.y;
  if (call.failed() || y.size() == 0) return;
  if ((x.half || y.half) && !computes_half(options.half)) return call.fail(kNoHalf);
  const int64_t rows = y.size() / columns;
  const Product product{x, w.data, y, rows, columns, depth, options.gradient, epilogue, even_block(rows, kMostRows), options.half};
  product.compute();
}

}  // namespace

int64_t Product::packed_size() const { return up(columns, kColumns) * kColumns * steps(); }
int64_t Product::packs() const { return turned ? up(columns, kStrips * kColumns) : up(weight_rows(), kWeightRows); }
int64_t Product::blocks() const { return up(rows, block); }

int64_t even_block(int64_t rows, int64_t most) {
  if (rows > kPieces * most * threads()) return most;
  int64_t best = most, least = std::numeric_limits<int64_t>::max();
  for (int64_t size = most; size >= kLeastRows; size -= kUnit) {
    const int64_t longest = up(up(rows, size), threads()) * size;
    if (longest < least) best = size, least = longest;
  }
  return best;
}

void Product::pack(int64_t index, float* packed) const {
  with_half(half, [&](auto is_half) {
    constexpr bool kHalf = decltype(is_half)::value;
    if (!turned) return pack_plain<kHalf>(*this, index * kWeightRows, std::min(kWeightRows, weight_rows() - index * kWeightRows), packed);
    for (int64_t column = index * kStrips * kColumns; column < std::min(columns, (index + 1) * kStrips * kColumns); column += kColumns)
      pack_turned<kHalf>(*this, column, packed + column * steps());
  });
}

void Product::compute(int64_t index, const float* packed) const {
  with_half(half, [&](auto is_half) { compute_block<decltype(is_half)::value>(*this, index, packed); });
}

void Product::compute() const {
  const OpScratch memory(packed_size());
  float* packed = memory.data();
  parallel_after(
      packs(), [&](int64_t index) { pack(index, packed); }, blocks(), [&](int64_t index) { compute(index, packed); });
}

void register_linear() {
  std::vector<const char*> attrs = kProductAttrs;
  attrs.insert(attrs.end(), {STUDIO_TYPE("Tx"), STUDIO_TYPE("Ty")});
  register_op({"StudioLinear", {"x: Tx", "weight: float", "rest: count * float"}, {"y: Ty"}, attrs, unknown_shapes, create_product, guarded<linear>,
               destroy_product});
}

}  // namespace studio
