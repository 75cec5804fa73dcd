// A 3 x 3 convolution with stride 1 and padding 1, and the gradient of its image, by F(2 x 2, 3 x 3) (Lavin and Gray,
// Fast Algorithms for Convolutional Neural Networks, CVPR 2016, sec. 4.1). Four results take 16 multiplications for
// each pair of channels instead of 36. A block of tiles goes through all transforms while it is in a core's cache.
#include <algorithm>

#include "epilogue.h"
#include "kernel.h"
#include "parallel.h"
#include "tile.h"

namespace studio {
namespace {

// Side of an image tile, number of its positions, and side of its results.
constexpr int kSide = 4, kPositions = kSide * kSide, kResults = 2;
// Side of the squares of weights that are transposed.
constexpr int64_t kEight = 8;
// Least and largest number of tiles of a piece of work.
constexpr int64_t kLeastTiles = 24, kMostTiles = 48;
// Number of floats between the positions of a block, so that positions don't all map to the same lines of the
// first-level cache.
constexpr int64_t kGap = 16;

// y [batch, height, width, out] from x [batch, height, width, in]. w is [3, 3, in, out]; for a gradient it is [3, 3,
// out, in] and is reversed.
struct Layer {
  const float *x, *w;
  float* y;
  int64_t batch, height, width, in, out;
  bool gradient;
  Epilogue epilogue;

  int64_t down() const { return up(height, kResults); }
  int64_t across() const { return up(width, kResults); }
  int64_t tiles() const { return batch * down() * across(); }
  int64_t strips() const { return out / kColumns; }
  // Number of floats from one position's weights to the next.
  int64_t weights_step() const { return in * kColumns + kGap; }
  float* weights(float* packed, int64_t strip, int64_t position) const { return packed + (strip * kPositions + position) * weights_step(); }
};

// Computes G g: three weights of a line become four.
template <class Vector>
[[gnu::always_inline]] inline void spread(Vector a, Vector b, Vector c, Vector (&to)[kSide]) {
  const Vector ends = 0.5f * (a + c), middle = 0.5f * b;
  to[0] = a;
  to[1] = ends + middle;
  to[2] = ends - middle;
  to[3] = c;
}

// Computes G g G' of adjacent kernels. Their weights are `step` floats apart; for a gradient `step` is negative, from
// the last weight to the first.
template <class Vector>
[[gnu::always_inline]] inline void transform_weights(const float* from, int64_t step, Vector (&to)[kPositions]) {
  Vector lines[3][kSide];
  for (int column = 0; column < 3; column++)
    spread(load<Vector>(from + column * step), load<Vector>(from + (3 + column) * step), load<Vector>(from + (6 + column) * step), lines[column]);
  for (int row = 0; row < kSide; row++) {
    Vector made[kSide];
    spread(lines[0][row], lines[1][row], lines[2][row], made);
    for (int column = 0; column < kSide; column++) to[row * kSide + column] = made[column];
  }
}

// Packs a strip's weights: [positions, in, 16].
void pack(const Layer& layer, int64_t strip, float* packed) {
  const int64_t step = layer.in * layer.out;
  for (int64_t in = 0; in < layer.in; in++)
    for (int64_t half = 0; half < kColumns; half += kLanes) {
      Lanes made[kPositions];
      transform_weights(layer.w + in * layer.out + strip * kColumns + half, step, made);
      for (int at = 0; at < kPositions; at++) store(layer.weights(packed, strip, at) + in * kColumns + half, made[at]);
    }
}

// Does the same for a gradient, with reversed kernels and with input and output channels exchanged.
void pack_turned(const Layer& layer, int64_t strip, float* packed) {
  const int64_t step = layer.in * layer.out;
  for (int64_t half = 0; half < kColumns; half += kEight)
    for (int64_t in = 0; in < layer.in; in += kEight) {
      Eight made[kPositions][kEight];
      for (int64_t row = 0; row < kEight; row++) {
        Eight one[kPositions];
        transform_weights(layer.w + 8 * step + (strip * kColumns + half + row) * layer.in + in, -step, one);
        for (int at = 0; at < kPositions; at++) made[at][row] = one[at];
      }
      for (int at = 0; at < kPositions; at++) turn(made[at], layer.weights(packed, strip, at) + in * kColumns + half, kColumns);
    }
}

struct Place {
  int64_t image, row, column;
};

// Returns the image, row and column of a tile's first result.
Place place_of(const Layer& layer, int64_t tile) {
  return {tile / layer.across() / layer.down(), tile / layer.across() % layer.down() * kResults, tile % layer.across() * kResults};
}

// Computes B' d B of one tile's pixels, for all channels. Position p is stored at to + p * step. Pixels outside of the
// image are zeros.
void transform_image(const Layer& layer, const Place& place, const float* zeros, float* to, int64_t step) {
  const float* pixels[kSide][kSide];
  for (int64_t row = 0; row < kSide; row++)
    for (int64_t column = 0; column < kSide; column++) {
      const int64_t y = place.row + row - 1, x = place.column + column - 1;
      const bool within = y >= 0 && y < layer.height && x >= 0 && x < layer.width;
      pixels[row][column] = within ? layer.x + ((place.image * layer.height + y) * layer.width + x) * layer.in : zeros;
    }
  for (int64_t at = 0; at < layer.in; at += kLanes) {
    Lanes lines[kSide][kSide];
#pragma GCC unroll 4
    for (int column = 0; column < kSide; column++) {
      const Lanes a = load(pixels[0][column] + at), b = load(pixels[1][column] + at), c = load(pixels[2][column] + at), d = load(pixels[3][column] + at);
      lines[0][column] = a - c;
      lines[1][column] = b + c;
      lines[2][column] = c - b;
      lines[3][column] = b - d;
    }
#pragma GCC unroll 4
    for (int row = 0; row < kSide; row++) {
      const auto& [a, b, c, d] = lines[row];
      float* into = to + row * kSide * step + at;
      store(into, a - c);
      store(into + step, b + c);
      store(into + 2 * step, c - b);
      store(into + 3 * step, b - d);
    }
  }
}

// Computes A' m A of one tile, applies the epilogue and stores the results.
void transform_result(const Layer& layer, const Place& place, const float* from, int64_t step) {
  const int64_t line = layer.width * layer.out, start = ((place.image * layer.height + place.row) * layer.width + place.column) * layer.out;
  const int64_t rows = std::min<int64_t>(kResults, layer.height - place.row), columns = std::min<int64_t>(kResults, layer.width - place.column);
  for (int64_t at = 0; at < layer.out; at += kLanes) {
    Lanes lines[kResults][kSide], made[kResults][kResults];
#pragma GCC unroll 4
    for (int column = 0; column < kSide; column++) {
      const float* of = from + column * step + at;
      const Lanes a = load(of), b = load(of + kSide * step), c = load(of + 2 * kSide * step), d = load(of + 3 * kSide * step);
      lines[0][column] = a + b + c;
      lines[1][column] = b - c - d;
    }
#pragma GCC unroll 2
    for (int row = 0; row < kResults; row++) {
      const auto& [a, b, c, d] = lines[row];
      made[row][0] = a + b + c;
      made[row][1] = b - c - d;
    }
#pragma GCC unroll 2
    for (int row = 0; row < kResults; row++)
#pragma GCC unroll 2
      for (int column = 0; column < kResults; column++) {
        if (row >= rows || column >= columns) continue;
        const int64_t to = start + row * line + column * layer.out + at;
        store(layer.y + to, layer.epilogue.of(made[row][column], at, to));
      }
  }
}

// Computes kWide strips, one or two, of one position's product: [tiles, in] by [in, 16] each, to rows that are
// layer.out floats apart.
template <int kWide>
void multiply_strips(const Layer& layer, const float* rows, int64_t tiles, float* packed, int64_t position, int64_t strip, float* to) {
  const float* weights = layer.weights(packed, strip, position);
  [[maybe_unused]] const int64_t apart = kWide == 1 ? 0 : layer.weights(packed, strip + 1, position) - weights;
  constexpr int kMost = kWide == 1 ? kRows : kHigh;
  for (int64_t row = 0; row < tiles; row += kMost)
    with_rows<kMost>(std::min<int64_t>(kMost, tiles - row), [&](auto count) {
      constexpr int kCount = decltype(count)::value;
      Lanes sums[kWide][kCount][kVectors];
      clear(sums);
      if constexpr (kWide == 1) accumulate(sums[0], rows + row * layer.in, layer.in, 1, weights, kColumns, layer.in);
      else accumulate_two(sums, rows + row * layer.in, layer.in, 1, weights, apart, layer.in);
      for (int wide = 0; wide < kWide; wide++)
#pragma GCC unroll 24
        for (int at = 0; at < kCount; at++) put(sums[wide][at], to + (row + at) * layer.out + wide * kColumns);
    });
}

void compute_block(const Layer& layer, float* packed, int64_t first, int64_t last) {
  const int64_t tiles = last - first, image_step = kMostTiles * layer.in + kGap, result_step = kMostTiles * layer.out + kGap;
  float* image = scratch(kPositions * (image_step + result_step) + layer.in);
  float* results = image + kPositions * image_step;
  float* zeros = results + kPositions * result_step;
  std::fill(zeros, zeros + layer.in, 0.0f);
  for (int64_t tile = 0; tile < tiles; tile++) transform_image(layer, place_of(layer, first + tile), zeros, image + tile * layer.in, image_step);
  constexpr int kWide = kTwoStrips ? 2 : 1;
  for (int64_t position = 0; position < kPositions; position++) {
    const float* rows = image + position * image_step;
    float* to = results + position * result_step;
    int64_t strip = 0;
    for (; strip + kWide <= layer.strips(); strip += kWide) multiply_strips<kWide>(layer, rows, tiles, packed, position, strip, to + strip * kColumns);
    for (; strip < layer.strips(); strip++) multiply_strips<1>(layer, rows, tiles, packed, position, strip, to + strip * kColumns);
  }
  for (int64_t tile = 0; tile < tiles; tile++) transform_result(layer, place_of(layer, first + tile), results + tile * layer.out, result_step);
}

void compute(const Layer& layer) {
  const int64_t tiles = layer.tiles(), strips = layer.strips();
  const int64_t block = std::clamp(up(tiles, 12 * kRows) * kRows, kLeastTiles, kMostTiles);
  const OpScratch memory(strips * kPositions * layer.weights_step());
  float* packed = memory.data();
  parallel_after(
      strips, [&](int64_t strip) { layer.gradient ? pack_turned(layer, strip, packed) : pack(layer, strip, packed); }, up(tiles, block),
      [&](int64_t index) { compute_block(layer, packed, index * block, std::min(tiles, (index + 1) * block)); });
}

void winograd(void* given, TF_OpKernelContext* context) {
  const ProductOptions& options = *static_cast<ProductOptions*>(given);
  Call call(context);
  const Buffer x = call.input(0), w = call.input(1);
  if (call.failed()) return;
  const int64_t out = channels_of(call, options, x, w);
  if (call.failed()) return;
  if (out % kColumns != 0 || x.shape[3] % kLanes != 0) return call.fail("StudioWinograd: channels have to be a multiple of 16");
  const auto [epilogue, y] = ends_of(call, options, {x.shape[0], x.shape[1], x.shape[2], out});
  if (call.failed() || y.size() == 0) return;
  compute({x.data, w.data, y.data, x.shape[0], x.shape[1], x.shape[2], x.shape[3], out, options.gradient, epilogue});
}

}  // namespace

void register_winograd() {
  register_op({"StudioWinograd", {"x: float", "weight: float", "rest: count * float"}, {"y: float"}, kProductAttrs, unknown_shapes, create_product, guarded<winograd>,
               destroy_product});
}

}  // namespace studio
