// Gradient of a convolution's weights: x [N, H, W, in] and dy [N, H', W', out] -> dweight [height, width, in, out]. It
// is a matrix product of the image's patches and dy over all pixels. oneDNN's kernels for AVX2 write it in blocks that
// then have to be rearranged. Here tiles of the weights stay in the second-level cache while packed blocks of pixels
// are read.
#include <algorithm>

#include "kernel.h"
#include "parallel.h"
#include "patches.h"

namespace studio {
namespace {

// Number of image channels of a patch. With 24, a third of a 64-channel layer's last patch would be zeros.
constexpr int kChannels = kLanes == 16 ? 16 : kRows;
// Number of pixels of a packed block.
constexpr int64_t kDepth = 256;
// Number of floats of a panel of image channels. Stores are eight wide and reach past the panel's end.
constexpr int64_t kPanel = kDepth * kChannels + 8;
// Largest number of channels of a tile along each axis, and number of floats of all its kernel positions.
constexpr int64_t kWidth = 128;
constexpr int64_t kTile = 40 << 10;
// The intended number of pieces of work, and the least number of pixels of each.
constexpr int64_t kPieces = 16;
constexpr int64_t kLeastPixels = 1024;

struct Options {
  int64_t height, width, stride, padding;
  // Whether products are computed in bfloat16.
  bool half;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{int_attr(construction, "height"), int_attr(construction, "width"), int_attr(construction, "stride"),
                     int_attr(construction, "padding"), bool_attr(construction, "half_products")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

struct Shape {
  Options kernel;
  int64_t batch, height, width, in, out_height, out_width, out;

  int64_t pixels() const { return batch * out_height * out_width; }
};

// The part of the weights and of the pixels that a piece of work computes.
struct Piece {
  int64_t position, positions, in, ins, out, outs, pixel, pixels;
};

// Iterates over the pixels and returns the image's channels under one position of the kernel, or null in the padding.
template <class Number>
class Walk {
 public:
  Walk(const Number* from, const Shape& shape, const Piece& piece, int64_t position, int64_t pixel)
      : from_(from + piece.in),
        shape_(shape),
        down_(position / shape.kernel.width - shape.kernel.padding),
        across_(position % shape.kernel.width - shape.kernel.padding),
        x_(pixel % shape.out_width),
        y_(pixel / shape.out_width % shape.out_height),
        image_(pixel / shape.out_width / shape.out_height) {}

  const Number* next() {
    const int64_t line = y_ * shape_.kernel.stride + down_, column = x_ * shape_.kernel.stride + across_;
    const bool within = line >= 0 && line < shape_.height && column >= 0 && column < shape_.width;
    const Number* at = within ? from_ + ((image_ * shape_.height + line) * shape_.width + column) * shape_.in : nullptr;
    if (++x_ == shape_.out_width) {
      x_ = 0;
      if (++y_ == shape_.out_height) y_ = 0, image_++;
    }
    return at;
  }

 private:
  const Number* from_;
  const Shape& shape_;
  int64_t down_, across_, x_, y_, image_;
};

// Packs the channels of `depth` pixels in panels of kChannels: [panels, kPanel], with zeros in the padding.
template <bool kHalf, class Number>
void pack_image(Walk<Number> walk, int64_t channels, int64_t depth, float* to) {
  const int64_t panels = up(channels, kChannels);
  for (int64_t row = 0; row < depth; row += kHalf ? 2 : 1) {
    const Number* pixel = walk.next();
    if constexpr (kHalf) {
      const Number* second = row + 1 < depth ? walk.next() : nullptr;
      pack_pairs<kChannels>(pixel, second, channels, to + row / 2 * kChannels, kPanel);
    } else {
      float* panel = to + row * kChannels;
      if (pixel) pack_by_rows<kChannels>(pixel, channels, panel, kPanel);
      else
        for (int64_t at = 0; at < panels; at++, panel += kPanel) std::fill(panel, panel + kChannels, 0.0f);
    }
  }
}

// Packs the gradients of `depth` pixels: [strips, kDepth, 16].
template <bool kHalf, class Number>
void pack_gradient(const Number* from, int64_t stride, int64_t channels, int64_t depth, float* to) {
  for (int64_t row = 0; row < depth; row += kHalf ? 2 : 1) {
    const Number* pixel = from + row * stride;
    if constexpr (kHalf) {
      pack_pairs<kColumns>(pixel, row + 1 < depth ? pixel + stride : nullptr, channels, to + row / 2 * kColumns, kDepth * kColumns);
    } else {
      pack_by_columns(pixel, channels, to + row * kColumns, kDepth * kColumns);
    }
  }
}

template <bool kHalf, class Image, class Gradient>
void compute_piece(const Image* x, const Gradient* dy, const Shape& shape, const Piece& piece, float* to) {
  const int64_t rows = up(piece.ins, kChannels), columns = up(piece.outs, kColumns);
  float* image = scratch(rows * kPanel + columns * kDepth * kColumns + piece.positions * rows * columns * kPatch<kChannels>);
  float* gradient = image + rows * kPanel;
  float* sums = gradient + columns * kDepth * kColumns;
  for (int64_t done = 0; done < piece.pixels; done += kDepth) {
    const int64_t pixel = piece.pixel + done, depth = std::min(kDepth, piece.pixels - done);
    pack_gradient<kHalf>(dy + pixel * shape.out + piece.out, shape.out, piece.outs, depth, gradient);
    const int64_t after = pixel + depth, next = std::min(kDepth, piece.pixels - done - depth);
    const bool plain = shape.kernel.stride == 1 && shape.out_width == shape.width;
    Ahead ahead(Ahead::lines<Gradient>(piece.outs, next) + (plain ? Ahead::lines<Image>(piece.ins, next) : 0), piece.positions * calls_of(rows, columns));
    if (next > 0) {
      ahead.add(dy + after * shape.out + piece.out, shape.out, piece.outs, next);
      if (plain) ahead.add(x + after * shape.in + piece.in, shape.in, piece.ins, next);
    }
    float* patch = sums;
    for (int64_t position = 0; position < piece.positions; position++) {
      pack_image<kHalf>(Walk<Image>(x, shape, piece, piece.position + position, pixel), piece.ins, depth, image);
      multiply_strips<kChannels, kHalf>(image, kPanel, rows, gradient, kDepth * kColumns, columns, kHalf ? up(depth, 2) : depth, done == 0, patch, ahead);
      patch += rows * columns * kPatch<kChannels>;
    }
  }
  const float* patch = sums;
  for (int64_t position = 0; position < piece.positions; position++) {
    float* weights = to + ((piece.position + position) * shape.in + piece.in) * shape.out + piece.out;
    patch = put_patches<kChannels>(patch, piece.ins, piece.outs, weights, shape.out);
  }
}

void compute(const Buffer& x, const Buffer& dy, const Shape& shape, const Buffer& weights) {
  // The split doesn't depend on the number of threads, so the sums are the same with any number.
  const Options& kernel = shape.kernel;
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
    if (piece.pixels == 0) return;
    with_half(kernel.half, [&](auto half) {
      constexpr bool kHalf = decltype(half)::value;
      if constexpr (kHalf)
        return as_numbers(x, 0, [&](const auto* image) {
          as_numbers(dy, 0, [&](const auto* gradient) { compute_piece<kHalf>(image, gradient, shape, piece, to); });
        });
      else compute_piece<kHalf>(x.data, dy.data, shape, piece, to);
    });
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

void conv_weight_grad(void* options, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0), dy = call.input(1);
  if (call.failed()) return;
  if (x.shape.size() != 4 || dy.shape.size() != 4 || x.shape[0] != dy.shape[0])
    return call.fail("StudioConvWeightGrad: x and dy have to be images, as many of one as of the other");
  const Options kernel = *static_cast<Options*>(options);
  if ((x.half || dy.half) && !computes_half(kernel.half)) return call.fail(kNoHalf);
  const Shape shape{kernel, x.shape[0], x.shape[1], x.shape[2], x.shape[3], dy.shape[1], dy.shape[2], dy.shape[3]};
  const Buffer weights = call.output(0, {kernel.height, kernel.width, shape.in, shape.out});
  if (call.failed()) return;
  if (weights.size() == 0 || shape.pixels() == 0) return std::fill(weights.data, weights.data + weights.size(), 0.0f);
  compute(x, dy, shape, weights);
}

}  // namespace

void register_conv_weight_grad() {
  register_op({"StudioConvWeightGrad",
               {"x: Tx", "dy: Tdy"},
               {"dweight: float"},
               {"height: int", "width: int", "stride: int", "padding: int", "half_products: bool = false", STUDIO_TYPE("Tx"), STUDIO_TYPE("Tdy")},
               unknown_shapes,
               create,
               guarded<conv_weight_grad>,
               destroy});
}

}  // namespace studio
