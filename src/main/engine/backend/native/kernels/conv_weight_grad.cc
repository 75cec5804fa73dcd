// Gradient of a convolution's weights, as a matrix product of the image's patches and dy over all pixels. oneDNN's kernels for AVX2 write it in blocks
// that then have to be rearranged; here tiles of the weights stay in the second cache while the pixels pass by in packed blocks.
#include <algorithm>

#include "kernel.h"
#include "parallel.h"
#include "patches.h"

namespace studio {
namespace {

// Image channels of a patch: of 24, a third of a 64-channel layer's last patch would be zeros.
constexpr int kChannels = kLanes == 16 ? 16 : kRows;
// Pixels of a packed block.
constexpr int64_t kDepth = 256;
// A panel of image channels is stored by eights, which reach beyond its end.
constexpr int64_t kPanel = kDepth * kChannels + 8;
// Channels of a tile, each way, and floats of all its kernel positions.
constexpr int64_t kWidth = 128;
constexpr int64_t kTile = 40 << 10;
// So many pieces of work there should be, each of at least so many pixels.
constexpr int64_t kPieces = 16;
constexpr int64_t kLeastPixels = 1024;

struct Options {
  int64_t height, width, stride, padding;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{int_attr(construction, "height"), int_attr(construction, "width"), int_attr(construction, "stride"),
                     int_attr(construction, "padding")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

struct Shape {
  Options kernel;
  int64_t batch, height, width, in, out_height, out_width, out;

  int64_t pixels() const { return batch * out_height * out_width; }
};

// Which part of the weights, and of the pixels, a piece of work is for.
struct Piece {
  int64_t position, positions, in, ins, out, outs, pixel, pixels;
};

// The image's channels under one position of the kernel, kChannels each: [panels, kPanel]; zeros in the padding.
void pack_image(const float* from, const Shape& shape, const Piece& piece, int64_t position, int64_t pixel, int64_t depth, float* to) {
  const auto [kernel_height, kernel_width, stride, padding] = shape.kernel;
  const int64_t down = position / kernel_width - padding, across = position % kernel_width - padding;
  int64_t x = pixel % shape.out_width, y = pixel / shape.out_width % shape.out_height, image = pixel / shape.out_width / shape.out_height;
  const int64_t panels = up(piece.ins, kChannels);
  for (int64_t row = 0; row < depth; row++) {
    const int64_t line = y * stride + down, column = x * stride + across;
    float* panel = to + row * kChannels;
    if (line < 0 || line >= shape.height || column < 0 || column >= shape.width) {
      for (int64_t at = 0; at < panels; at++, panel += kPanel) std::fill(panel, panel + kChannels, 0.0f);
    } else {
      const float* source = from + ((image * shape.height + line) * shape.width + column) * shape.in + piece.in;
      pack_by_rows<kChannels>(source, piece.ins, panel, kPanel);
    }
    if (++x < shape.out_width) continue;
    x = 0;
    if (++y < shape.out_height) continue;
    y = 0;
    image++;
  }
}

void compute_piece(const float* x, const float* dy, const Shape& shape, const Piece& piece, float* to) {
  const int64_t rows = up(piece.ins, kChannels), columns = up(piece.outs, kColumns);
  float* image = scratch(rows * kPanel + columns * kDepth * kColumns + piece.positions * rows * columns * kPatch<kChannels>);
  float* gradient = image + rows * kPanel;
  float* sums = gradient + columns * kDepth * kColumns;
  for (int64_t done = 0; done < piece.pixels; done += kDepth) {
    const int64_t pixel = piece.pixel + done, depth = std::min(kDepth, piece.pixels - done);
    for (int64_t row = 0; row < depth; row++)
      pack_by_columns(dy + (pixel + row) * shape.out + piece.out, piece.outs, gradient + row * kColumns, kDepth * kColumns);
    float* patch = sums;
    for (int64_t position = 0; position < piece.positions; position++) {
      pack_image(x, shape, piece, piece.position + position, pixel, depth, image);
      for (int64_t column = 0; column < columns; column++)
        for (int64_t row = 0; row < rows; row++, patch += kPatch<kChannels>)
          multiply<kChannels>(image + row * kPanel, gradient + column * kDepth * kColumns, depth, done == 0, patch);
    }
  }
  const float* patch = sums;
  for (int64_t position = 0; position < piece.positions; position++) {
    float* weights = to + ((piece.position + position) * shape.in + piece.in) * shape.out + piece.out;
    patch = put_patches<kChannels>(patch, piece.ins, piece.outs, weights, shape.out);
  }
}

void conv_weight_grad(void* options, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0), dy = call.input(1);
  if (call.failed()) return;
  if (x.shape.size() != 4 || dy.shape.size() != 4 || x.shape[0] != dy.shape[0])
    return call.fail("StudioConvWeightGrad: x and dy have to be images, as many of one as of the other");
  const Options kernel = *static_cast<Options*>(options);
  const Shape shape{kernel, x.shape[0], x.shape[1], x.shape[2], x.shape[3], dy.shape[1], dy.shape[2], dy.shape[3]};
  const Buffer weights = call.output(0, {kernel.height, kernel.width, shape.in, shape.out});
  if (call.failed()) return;
  if (weights.size() == 0 || shape.pixels() == 0) return std::fill(weights.data, weights.data + weights.size(), 0.0f);

  // Nothing here depends on the number of threads, so the sums are the same on any.
  const int64_t positions = kernel.height * kernel.width;
  const int64_t ins = up(up(shape.in, up(shape.in, kWidth)), kChannels) * kChannels, in_tiles = up(shape.in, ins);
  const int64_t outs = up(up(shape.out, up(shape.out, kWidth)), kColumns) * kColumns, out_tiles = up(shape.out, outs);
  const int64_t together = std::min(positions, std::max<int64_t>(1, kTile / (ins * outs)));
  const int64_t position_tiles = up(positions, together), tiles = position_tiles * in_tiles * out_tiles;
  const int64_t shares = std::max<int64_t>(1, std::min(up(kPieces, tiles), shape.pixels() / kLeastPixels));
  const int64_t share = up(up(shape.pixels(), shares), kDepth) * kDepth;
  std::vector<float> partial(shares > 1 ? shares * weights.size() : 0);
  parallel(tiles * shares, [&](int64_t index) {
    const int64_t part = index / tiles, tile = index % tiles;
    const int64_t position = tile / (in_tiles * out_tiles) * together, in = tile / out_tiles % in_tiles * ins, out = tile % out_tiles * outs;
    const int64_t pixel = part * share;
    const Piece piece{position, std::min(together, positions - position), in, std::min(ins, shape.in - in), out, std::min(outs, shape.out - out),
                      pixel, std::max<int64_t>(0, std::min(share, shape.pixels() - pixel))};
    float* to = shares > 1 ? partial.data() + part * weights.size() : weights.data;
    if (piece.pixels > 0) compute_piece(x.data, dy.data, shape, piece, to);
  });
  if (shares == 1) return;
  parallel_ranges(weights.size(), kChunk, [&](int64_t begin, int64_t end) {
    std::copy(partial.data() + begin, partial.data() + end, weights.data + begin);
    for (int64_t part = 1; part < shares; part++) {
      const float* from = partial.data() + part * weights.size();
      for (int64_t at = begin; at < end; at++) weights.data[at] += from[at];
    }
  });
}

}  // namespace

void register_conv_weight_grad() {
  register_op({"StudioConvWeightGrad",
               {"x: float", "dy: float"},
               {"dweight: float"},
               {"height: int", "width: int", "stride: int", "padding: int"},
               unknown_shapes,
               create,
               conv_weight_grad,
               destroy});
}

}  // namespace studio
