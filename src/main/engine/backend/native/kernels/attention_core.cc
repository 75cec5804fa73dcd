#include "attention_core.h"

namespace studio {
namespace {

// Rows of a head in blocks of 16 columns: [wide / 16, rows, 16]. The numbers that a product reads are next to each
// other.
struct Blocks {
  float* data;
  int64_t rows;

  const float* at(int64_t column, int64_t row) const { return data + column * rows + row * kColumns; }
};

// Copies rows [first, first + count) times `scale`. All other rows, and the columns after the head's last one, become
// zeros.
void gather(const HeadRows& from, int64_t first, int64_t count, int64_t width, float scale, const Blocks& to) {
  for (int64_t column = 0; column < width; column += kColumns) {
    float* block = to.data + column * to.rows;
    const int64_t columns = std::min(kColumns, width - column);
    for (int64_t row = 0; row < count; row++) {
      float* target = block + row * kColumns;
      float wide[kColumns];
      const float* source = wide;
      if (from.half()) widen(from.half_row(first + row) + column, wide, columns);
      else source = from.row(first + row) + column;
      if (columns == kColumns) {
        for (int64_t at = 0; at < kColumns; at++) target[at] = source[at] * scale;
      } else {
        for (int64_t at = 0; at < kColumns; at++) target[at] = at < columns ? source[at] * scale : 0.0f;
      }
    }
    std::fill(block + count * kColumns, block + to.rows * kColumns, 0.0f);
  }
}

// Transposes the kPanel rows from `first` on into columns [wide, kPanel].
void transpose(const Blocks& from, int64_t first, int64_t wide, float* columns) {
  for (int64_t column = 0; column < wide; column += kColumns) {
    const float* block = from.at(column, first);
    for (int64_t at = 0; at < kColumns; at++)
#pragma GCC unroll 24
      for (int64_t row = 0; row < kPanel; row++) columns[(column + at) * kPanel + row] = block[row * kColumns + at];
  }
}

// Calls act(std::integral_constant<int, rows>, first) for tiles of rows. All tiles have about the same height, so that
// the last one isn't left with a few rows.
template <int kMost, class Act>
[[gnu::always_inline]] inline void each_tile(int64_t rows, const Act& act) {
  const int64_t height = up(rows, up(rows, kMost));
  for (int64_t first = 0; first < rows; first += height) with_rows<kMost>(std::min(height, rows - first), [&](auto count) { act(count, first); });
}

// Multiplies all rows by columns [wide, kPanel]; the result is [rows, kPanel].
void products(const Blocks& rows, int64_t count, const float* columns, int64_t wide, float* panel) {
  each_tile<kKeys>(count, [&](auto height, int64_t row) {
    constexpr int kCount = decltype(height)::value;
    Lanes sums[kCount][kPanel / kLanes] = {};
    for (int64_t column = 0; column < wide; column += kColumns)
      accumulate(sums, rows.at(column, row), kColumns, 1, columns + column * kPanel, kPanel, kColumns);
#pragma GCC unroll 16
    for (int at = 0; at < kCount; at++) put(sums[at], panel + (row + at) * kPanel);
  });
}

// Stores rows of sums from `column` on. `left` is the number of the head's columns from there.
template <int kCount>
[[gnu::always_inline]] inline void store_rows(const Lanes (&sums)[kCount][kVectors], const HeadRows& to, int64_t first, int64_t column, int64_t left) {
#pragma GCC unroll 16
  for (int row = 0; row < kCount; row++) {
    if (to.half()) {
      float values[kColumns];
      put(sums[row], values);
      narrow(values, to.half_row(first + row) + column, left < kColumns ? left : kColumns);
      continue;
    }
    float* target = to.row(first + row) + column;
    if (left >= kColumns) {
      put(sums[row], target);
    } else {
      float values[kColumns];
      put(sums[row], values);
      std::copy(values, values + left, target);
    }
  }
}
template <int kCount>
[[gnu::always_inline]] inline void load_rows(Lanes (&sums)[kCount][kVectors], const HeadRows& from, int64_t first, int64_t column, int64_t left) {
#pragma GCC unroll 16
  for (int row = 0; row < kCount; row++) {
    const float* source = from.row(first + row) + column;
    float values[kColumns] = {};
    if (left < kColumns) std::copy(source, source + left, values);
#pragma GCC unroll 2
    for (int vector = 0; vector < kVectors; vector++) sums[row][vector] = load((left < kColumns ? values : source) + vector * kLanes);
  }
}

// Adds bias and mask to a panel's scores [keys, kPanel], then replaces each by e^(score - the query's maximum).
// `inverse` gets 1 / the sum of each query's exponentials.
void exponentials(float* panel, int64_t keys, const float* bias, const float* mask, float* inverse) {
  float largest[kPanel], sum[kPanel] = {};
  std::fill(largest, largest + kPanel, -std::numeric_limits<float>::infinity());
  for (const float* more : {bias, mask})
    if (more)
      for (int64_t at = 0; at < keys * kPanel; at++) panel[at] += more[at];
  for (int64_t key = 0; key < keys; key++)
    for (int64_t at = 0; at < kPanel; at++) largest[at] = std::max(largest[at], panel[key * kPanel + at]);
  for (int64_t key = 0; key < keys; key++) {
    float* scores = panel + key * kPanel;
    for (int64_t at = 0; at < kPanel; at++) {
      scores[at] = exp_nonpositive(scores[at] - largest[at]);
      sum[at] += scores[at];
    }
  }
  for (int64_t at = 0; at < kPanel; at++) inverse[at] = 1.0f / sum[at];
}

// Computes the gradient of softmax. `weights` [keys, kPanel] holds exponentials and becomes weights that sum to one.
// `gradients` [keys, kPanel] holds the weights' gradients and becomes the scores' gradients.
void softmax_grad(float* weights, float* gradients, int64_t keys, const float* inverse) {
  float along[kPanel] = {};
  for (int64_t key = 0; key < keys; key++)
    for (int64_t at = 0; at < kPanel; at++) {
      weights[key * kPanel + at] *= inverse[at];
      along[at] += weights[key * kPanel + at] * gradients[key * kPanel + at];
    }
  for (int64_t key = 0; key < keys; key++)
    for (int64_t at = 0; at < kPanel; at++) gradients[key * kPanel + at] = weights[key * kPanel + at] * (gradients[key * kPanel + at] - along[at]);
}

// Multiplies a panel [keys, kPanel], transposed, by a head's rows and by `factor(query)`. The results are `count` rows
// of `to` from `first` on.
template <class Factor>
void weigh(const float* panel, const Blocks& rows, const HeadSides& sides, int64_t count, const Factor& factor, const HeadRows& to, int64_t first) {
  for (int64_t column = 0; column < sides.width; column += kColumns)
    each_tile<kTile>(count, [&](auto height, int64_t row) {
      constexpr int kCount = decltype(height)::value;
      Lanes sums[kCount][kVectors] = {};
      accumulate(sums, panel + row, 1, kPanel, rows.at(column, 0), kColumns, sides.keys);
#pragma GCC unroll 16
      for (int at = 0; at < kCount; at++)
#pragma GCC unroll 2
        for (int vector = 0; vector < kVectors; vector++) sums[at][vector] *= factor(row + at);
      store_rows(sums, to, first + row, column, sides.width - column);
    });
}

// Multiplies the panels [count, keys, kPanel] by the rows of their queries. The results are [keys, columns of the
// head], and are added to those of earlier panels unless `first` is true.
void weigh_back(const float* panels, const Blocks& rows, int64_t count, const HeadSides& sides, bool first, const HeadRows& to) {
  for (int64_t column = 0; column < sides.width; column += kColumns)
    each_tile<kTile>(sides.keys, [&](auto height, int64_t key) {
      Lanes sums[decltype(height)::value][kVectors] = {};
      if (!first) load_rows(sums, to, key, column, sides.width - column);
      for (int64_t panel = 0; panel < count; panel++)
        accumulate(sums, panels + panel * sides.panel_size() + key * kPanel, kPanel, 1, rows.at(column, panel * kPanel), kColumns, kPanel);
      store_rows(sums, to, key, column, sides.width - column);
    });
}

// Rounds a head's rows of float32 sums to bfloat16.
void narrow_rows(const HeadRows& sums, const HeadRows& to, const HeadSides& sides) {
  for (int64_t key = 0; key < sides.keys; key++) narrow(sums.row(key), to.half_row(key), sides.width);
}

const float* panel_of(const float* added, const HeadSides& sides, int64_t panel) { return added ? added + panel * sides.panel_size() : nullptr; }

}  // namespace

void attend(const HeadInput& head, const HeadSides& sides, const AddedScores& added, const HeadRows& y) {
  const int64_t wide = sides.wide(), padded = sides.panels() * kPanel;
  const Blocks queries{scratch((padded + 2 * sides.keys + kPanel) * wide + sides.panel_size()), padded};
  const Blocks keys{queries.data + padded * wide, sides.keys}, values{keys.data + sides.keys * wide, sides.keys};
  float* columns = values.data + sides.keys * wide;
  float* panel = columns + kPanel * wide;
  gather(head.q, 0, sides.queries, sides.width, sides.scale, queries);
  gather(head.k, 0, sides.keys, sides.width, 1.0f, keys);
  gather(head.v, 0, sides.keys, sides.width, 1.0f, values);
  for (int64_t at = 0; at < sides.panels(); at++) {
    const int64_t first = at * kPanel;
    float inverse[kPanel];
    transpose(queries, first, wide, columns);
    products(keys, sides.keys, columns, wide, panel);
    exponentials(panel, sides.keys, panel_of(added.bias, sides, at), panel_of(added.mask, sides, at), inverse);
    weigh(panel, values, sides, std::min(kPanel, sides.queries - first), [&](int64_t query) { return inverse[query]; }, y, first);
  }
}

void attend_grad(const HeadInput& head, const HeadRows& dy, const HeadSides& sides, const AddedScores& added, const HeadGradients& gradients,
                 float* dbias) {
  const int64_t wide = sides.wide(), size = sides.panel_size();
  // Where several groups of panels add to a bfloat16 gradient, their sum is kept in float32.
  const bool summed = gradients.k.half() && sides.panels() > kGroup;
  const Blocks keys{scratch(((summed ? 4 : 2) * sides.keys + (2 * kGroup + 1) * kPanel) * wide + 2 * kGroup * size), sides.keys};
  const Blocks values{keys.data + sides.keys * wide, sides.keys}, queries{values.data + sides.keys * wide, kGroup * kPanel};
  const Blocks given{queries.data + queries.rows * wide, kGroup * kPanel};
  float* columns = given.data + given.rows * wide;
  float* weights = columns + kPanel * wide;
  float* scores = weights + kGroup * size;
  const Buffer sums{scores + kGroup * size, {}};
  const HeadRows key_sums{&sums, 0, wide}, value_sums{&sums, sides.keys * wide, wide};
  gather(head.k, 0, sides.keys, sides.width, 1.0f, keys);
  gather(head.v, 0, sides.keys, sides.width, 1.0f, values);
  for (int64_t group = 0; group < sides.panels(); group += kGroup) {
    const int64_t panels = std::min(kGroup, sides.panels() - group), start = group * kPanel, rows = std::min(panels * kPanel, sides.queries - start);
    gather(head.q, start, rows, sides.width, sides.scale, queries);
    gather(dy, start, rows, sides.width, 1.0f, given);
    for (int64_t panel = 0; panel < panels; panel++) {
      const int64_t first = panel * kPanel;
      float* weight = weights + panel * size;
      float* score = scores + panel * size;
      float inverse[kPanel];
      transpose(queries, first, wide, columns);
      products(keys, sides.keys, columns, wide, weight);
      exponentials(weight, sides.keys, panel_of(added.bias, sides, group + panel), panel_of(added.mask, sides, group + panel), inverse);
      transpose(given, first, wide, columns);
      products(values, sides.keys, columns, wide, score);
      softmax_grad(weight, score, sides.keys, inverse);
      if (dbias)
        for (int64_t at = 0; at < size; at++) dbias[(group + panel) * size + at] += score[at];
      weigh(score, keys, sides, std::min(kPanel, rows - first), [&](int64_t) { return sides.scale; }, gradients.q, start + first);
    }
    // The queries are already scaled, so the keys' gradient needs no factor.
    weigh_back(scores, queries, panels, sides, group == 0, summed ? key_sums : gradients.k);
    weigh_back(weights, given, panels, sides, group == 0, summed ? value_sums : gradients.v);
  }
  if (!summed) return;
  narrow_rows(key_sums, gradients.k, sides);
  narrow_rows(value_sums, gradients.v, sides);
}

}  // namespace studio
