// Attention of all heads and its gradient, softmax(d^-1/2 q k') v (Vaswani et al., 2017), from the packed product [N L, 3 h d] of timm's qkv layer
// and back into its gradient. One head's scores never leave a core's caches: they are made for a panel of queries at a time, used, and made again
// for the gradient (as Dao et al., NeurIPS 2022, do on a GPU), so that nothing but the packed product is kept.
#include <algorithm>
#include <limits>

#include "kernel.h"
#include "parallel.h"
#include "tile.h"
#include "vector_math.h"

namespace studio {
namespace {

// Queries of a panel lie beside each other, so that softmax runs along whole vectors. Scores: keys by a panel of queries; everything else: rows by columns
// of a head.
#ifdef __AVX512F__
constexpr int64_t kPanel = 16;
constexpr int kKeys = 16, kTile = 16;
#else
constexpr int64_t kPanel = 24;
constexpr int kKeys = 4, kTile = kRows;
#endif
// Panels of the gradient whose scores are kept at a time: with keys and values they stay in a core's second cache.
constexpr int64_t kGroup = 72 / kPanel;

struct Options {
  int64_t heads, length;
  float scale;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{int_attr(construction, "heads"), int_attr(construction, "length"), float_attr(construction, "scale")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

struct Sides {
  int64_t batch, heads, length, width;

  int64_t dim() const { return heads * width; }
  int64_t panels() const { return (length + kPanel - 1) / kPanel; }
  // Of a panel of scores: keys are computed by kKeys and read by kTile.
  int64_t panel_size() const { return (length + std::max(kKeys, kTile)) * kPanel; }
};

bool sides_of(Call& call, const Options& options, const Buffer& packed, Sides& sides) {
  if (packed.shape.size() != 2 || options.heads <= 0 || options.length < 0) {
    call.fail("attention needs heads, and a packed product of two axes");
    return false;
  }
  sides = {options.length ? packed.shape[0] / options.length : 0, options.heads, options.length, packed.last() / (3 * options.heads)};
  const bool fits = sides.batch * sides.length == packed.shape[0] && 3 * sides.dim() == packed.last();
  if (fits && sides.width % kColumns == 0) return true;
  call.fail(fits ? "a head has to be a multiple of 16 wide" : "heads and length don't fit the rows");
  return false;
}

// A head's rows, its columns sixteen by sixteen: [d / 16, rows, 16]. So what a product reads of them lies together.
struct Blocks {
  float* data;
  int64_t rows;

  const float* at(int64_t column, int64_t row) const { return data + column * rows + row * kColumns; }
};

// `count` rows out of such of `stride` floats; zeros in the rest.
void gather(const float* from, int64_t stride, int64_t width, int64_t count, float scale, const Blocks& to) {
  for (int64_t column = 0; column < width; column += kColumns) {
    float* block = to.data + column * to.rows;
    for (int64_t row = 0; row < count; row++)
      for (int64_t at = 0; at < kColumns; at++) block[row * kColumns + at] = from[row * stride + column + at] * scale;
    std::fill(block + count * kColumns, block + to.rows * kColumns, 0.0f);
  }
}

// The rows of a panel as columns [d, kPanel].
void transpose(const Blocks& from, int64_t first, int64_t width, float* columns) {
  for (int64_t column = 0; column < width; column += kColumns) {
    const float* block = from.at(column, first);
    for (int64_t at = 0; at < kColumns; at++)
#pragma GCC unroll 24
      for (int64_t row = 0; row < kPanel; row++) columns[(column + at) * kPanel + row] = block[row * kColumns + at];
  }
}

// Products of all rows (and of the next ones, to a multiple of kKeys) with columns [d, kPanel]: [L, kPanel].
void products(const Blocks& rows, const float* columns, const Sides& sides, float* panel) {
  for (int64_t row = 0; row < sides.length; row += kKeys) {
    Lanes sums[kKeys][kPanel / kLanes] = {};
    for (int64_t column = 0; column < sides.width; column += kColumns)
      accumulate(sums, rows.at(column, row), kColumns, 1, columns + column * kPanel, kPanel, kColumns);
#pragma GCC unroll 16
    for (int at = 0; at < kKeys; at++) put(sums[at], panel + (row + at) * kPanel);
  }
}

// kTile of a panel's queries times a head's rows: sixteen columns of them.
[[gnu::always_inline]] inline void weigh(const float* panel, const Blocks& rows, int64_t column, const Sides& sides, Lanes (&sums)[kTile][kVectors]) {
  accumulate(sums, panel, 1, kPanel, rows.at(column, 0), kColumns, sides.length);
}

// As many of them as there are rows left.
[[gnu::always_inline]] inline void store(const Lanes (&sums)[kTile][kVectors], int64_t rows, int64_t stride, float* to) {
#pragma GCC unroll 16
  for (int row = 0; row < kTile; row++) {
    if (row >= rows) return;
    put(sums[row], to + row * stride);
  }
}
[[gnu::always_inline]] inline void load(Lanes (&sums)[kTile][kVectors], int64_t rows, int64_t stride, const float* from) {
#pragma GCC unroll 16
  for (int row = 0; row < kTile; row++) {
    if (row >= rows) return;
#pragma GCC unroll 2
    for (int vector = 0; vector < kVectors; vector++) sums[row][vector] = studio::load(from + row * stride + vector * kLanes);
  }
}

// Scores become e^(score - the query's largest); `inverse` gets 1 / their sum.
void exponentials(float* panel, int64_t length, float* inverse) {
  float largest[kPanel], sum[kPanel] = {};
  std::fill(largest, largest + kPanel, -std::numeric_limits<float>::infinity());
  for (int64_t key = 0; key < length; key++)
    for (int64_t at = 0; at < kPanel; at++) largest[at] = std::max(largest[at], panel[key * kPanel + at]);
  for (int64_t key = 0; key < length; key++) {
    float* scores = panel + key * kPanel;
    for (int64_t at = 0; at < kPanel; at++) {
      scores[at] = exp_nonpositive(scores[at] - largest[at]);
      sum[at] += scores[at];
    }
  }
  for (int64_t at = 0; at < kPanel; at++) inverse[at] = 1.0f / sum[at];
}

// One head: packed at its queries, y at its columns.
void attend(const float* packed, const Sides& sides, float scale, float* y) {
  const auto [batch, heads, length, width] = sides;
  const int64_t stride = 3 * sides.dim(), padded = sides.panels() * kPanel;
  const Blocks queries{scratch((padded + 2 * length + kKeys + kPanel) * width + sides.panel_size()), padded};
  const Blocks keys{queries.data + padded * width, length + kKeys};
  const Blocks values{keys.data + keys.rows * width, length};
  float* columns = values.data + values.rows * width;
  float* panel = columns + kPanel * width;
  gather(packed, stride, width, length, scale, queries);
  gather(packed + sides.dim(), stride, width, length, 1.0f, keys);
  gather(packed + 2 * sides.dim(), stride, width, length, 1.0f, values);
  for (int64_t first = 0; first < length; first += kPanel) {
    float inverse[kPanel];
    transpose(queries, first, width, columns);
    products(keys, columns, sides, panel);
    exponentials(panel, length, inverse);
    const int64_t count = std::min(kPanel, length - first);
    for (int64_t column = 0; column < width; column += kColumns)
      for (int64_t row = 0; row < count; row += kTile) {
        Lanes sums[kTile][kVectors] = {};
        weigh(panel + row, values, column, sides, sums);
        for (int at = 0; at < kTile; at++)
          for (Lanes& lanes : sums[at]) lanes *= inverse[row + at];
        store(sums, count - row, sides.dim(), y + (first + row) * sides.dim() + column);
      }
  }
}

// Weights e^(..) and the gradients of weights [L, kPanel] become weights that sum to one, and gradients of scores.
void softmax_grad(float* weights, float* gradients, int64_t length, const float* inverse) {
  float along[kPanel] = {};
  for (int64_t key = 0; key < length; key++)
    for (int64_t at = 0; at < kPanel; at++) {
      weights[key * kPanel + at] *= inverse[at];
      along[at] += weights[key * kPanel + at] * gradients[key * kPanel + at];
    }
  for (int64_t key = 0; key < length; key++)
    for (int64_t at = 0; at < kPanel; at++) gradients[key * kPanel + at] = weights[key * kPanel + at] * (gradients[key * kPanel + at] - along[at]);
}

// Panels' scores, transposed, times rows of their queries: kTile keys by sixteen columns, added to what earlier panels gave.
void weigh_back(const float* panels, const Blocks& rows, int64_t count, const Sides& sides, bool first, float* to) {
  const int64_t stride = 3 * sides.dim();
  for (int64_t column = 0; column < sides.width; column += kColumns)
    for (int64_t key = 0; key < sides.length; key += kTile) {
      Lanes sums[kTile][kVectors] = {};
      float* tile = to + key * stride + column;
      if (!first) load(sums, sides.length - key, stride, tile);
      for (int64_t panel = 0; panel < count; panel++)
        accumulate(sums, panels + panel * sides.panel_size() + key * kPanel, kPanel, 1, rows.at(column, panel * kPanel), kColumns, kPanel);
      store(sums, sides.length - key, stride, tile);
    }
}

void attend_grad(const float* packed, const float* dy, const Sides& sides, float scale, float* dpacked) {
  const auto [batch, heads, length, width] = sides;
  const int64_t dim = sides.dim(), stride = 3 * dim, size = sides.panel_size();
  const Blocks keys{scratch((2 * (length + kKeys) + (2 * kGroup + 1) * kPanel) * width + 2 * kGroup * size), length + kKeys};
  const Blocks values{keys.data + keys.rows * width, length + kKeys};
  const Blocks queries{values.data + values.rows * width, kGroup * kPanel};
  const Blocks given{queries.data + queries.rows * width, kGroup * kPanel};
  float* columns = given.data + given.rows * width;
  float* weights = columns + kPanel * width;
  float* gradients = weights + kGroup * size;
  gather(packed + dim, stride, width, length, 1.0f, keys);
  gather(packed + 2 * dim, stride, width, length, 1.0f, values);
  for (int64_t group = 0; group < sides.panels(); group += kGroup) {
    const int64_t panels = std::min(kGroup, sides.panels() - group), start = group * kPanel, rows = std::min(panels * kPanel, length - start);
    gather(packed + start * stride, stride, width, rows, scale, queries);
    gather(dy + start * dim, dim, width, rows, 1.0f, given);
    for (int64_t panel = 0; panel < panels; panel++) {
      const int64_t first = panel * kPanel, count = std::min(kPanel, rows - first);
      float* weight = weights + panel * size;
      float* gradient = gradients + panel * size;
      float inverse[kPanel];
      transpose(queries, first, width, columns);
      products(keys, columns, sides, weight);
      exponentials(weight, length, inverse);
      transpose(given, first, width, columns);
      products(values, columns, sides, gradient);
      softmax_grad(weight, gradient, length, inverse);
      for (int64_t column = 0; column < width; column += kColumns)
        for (int64_t row = 0; row < count; row += kTile) {
          Lanes sums[kTile][kVectors] = {};
          weigh(gradient + row, keys, column, sides, sums);
          for (auto& row_sums : sums)
            for (Lanes& lanes : row_sums) lanes *= scale;
          store(sums, count - row, stride, dpacked + (start + first + row) * stride + column);
        }
    }
    // Queries are scaled already.
    weigh_back(gradients, queries, panels, sides, group == 0, dpacked + dim);
    weigh_back(weights, given, panels, sides, group == 0, dpacked + 2 * dim);
  }
}

// For every (image, head): work(its first row, its first column).
template <class Work>
void each_head(const Sides& sides, const Work& work) {
  parallel(sides.batch * sides.heads, [&](int64_t at) { work(at / sides.heads * sides.length, at % sides.heads * sides.width); });
}

void attention(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options& options = *static_cast<Options*>(kernel);
  const Buffer packed = call.input(0);
  Sides sides;
  if (call.failed() || !sides_of(call, options, packed, sides)) return;
  const Buffer y = call.output(0, {packed.shape[0], sides.dim()});
  if (call.failed()) return;
  each_head(sides, [&](int64_t row, int64_t column) {
    attend(packed.data + row * 3 * sides.dim() + column, sides, options.scale, y.data + row * sides.dim() + column);
  });
}

void attention_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options& options = *static_cast<Options*>(kernel);
  const Buffer packed = call.input(0), dy = call.input(1);
  Sides sides;
  if (call.failed() || !sides_of(call, options, packed, sides)) return;
  if (3 * dy.size() != packed.size()) return call.fail("StudioAttentionGrad: dy doesn't fit the packed product");
  const Buffer dpacked = call.output(0, packed.shape);
  if (call.failed()) return;
  each_head(sides, [&](int64_t row, int64_t column) {
    attend_grad(packed.data + row * 3 * sides.dim() + column, dy.data + row * sides.dim() + column, sides, options.scale,
                dpacked.data + row * 3 * sides.dim() + column);
  });
}

}  // namespace

void register_attention() {
  const std::vector<const char*> attrs = {"heads: int", "length: int", "scale: float"};
  register_op({"StudioAttention", {"packed: float"}, {"y: float"}, attrs, unknown_shapes, create, guarded<attention>, destroy});
  register_op({"StudioAttentionGrad", {"packed: float", "dy: float"}, {"dpacked: float"}, attrs, first_like_first, create, guarded<attention_grad>, destroy});
}

}  // namespace studio
