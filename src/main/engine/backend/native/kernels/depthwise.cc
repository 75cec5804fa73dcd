// Depthwise convolution: each channel has its own filter and bias (7 x 7 in ConvNeXt, Liu et al., 2022, sec. 2.5; 3 x 3
// in PVT v2, Wang et al., 2022). A row's sums stay in registers for the whole filter. An image's rows stay in the
// first-level cache while they are needed.
#include "depthwise.h"

namespace studio {
namespace {

// The intended number of pieces of work, and the least number of rows of a piece that has only part of an image.
// Neighbouring pieces both read the rows at their border, so small pieces cost more.
constexpr int64_t kPieces = 32;
constexpr int64_t kLeastRows = 14;

struct Forward {
  DepthwiseSides sides;
  const float* x;
  // The filter by blocks of channels, [blocks, taps, lanes], and the bias, [blocks, lanes].
  const float *filter, *bias;
  float* y;

  // Computes rows [begin, end) of an image's result for one group of channels.
  template <int64_t kStride>
  void compute(int64_t image, int64_t group, int64_t begin, int64_t end) const {
    const auto [batch, height, width, channels, down, across, stride, padding] = sides;
    const GroupChannels own(sides, group);
    const int64_t out_width = sides.out_width(), columns = (out_width - 1) * stride + across;
    RowRing ring(scratch(RowRing::size(down, columns, own.blocks)), down, columns, padding, 1, own);
    ring.start(std::max<int64_t>(0, begin * stride - padding));
    std::vector<const float*> rows(down);
    const float* pixels = x + image * height * width * channels;
    for (int64_t line = begin; line < end; line++) {
      const int64_t top = line * stride - padding;
      ring.take(pixels + own.first, width, channels, std::min(height, top + down));
      for (int64_t block = 0; block < own.blocks; block++) {
        for (int64_t at = 0; at < down; at++) rows[at] = top + at >= 0 && top + at < height ? ring.row(top + at, block) : nullptr;
        const int64_t channel = own.first + block * kLanes;
        float* to = y + (image * sides.out_height() + line) * out_width * channels + channel;
        const float* next = top + down < height ? pixels + (top + down) * width * channels + channel : nullptr;
        convolve_row<kStride>({rows.data(), filter + channel * sides.taps(), down, across, stride}, load(bias + channel),
                              {to, out_width, channels, std::min(kLanes, channels - channel), {next, nullptr}});
      }
    }
  }
};

void depthwise(void* options, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0), filter = call.input(1), bias = call.input(2);
  DepthwiseSides sides;
  if (call.failed() || !depthwise_sides(call, *static_cast<DepthwiseOptions*>(options), x, filter, sides)) return;
  if (bias.size() != 0 && bias.size() != sides.channels) return call.fail("StudioDepthwise: the bias has to be as long as there are channels, or empty");
  const int64_t out_height = sides.out_height();
  const Buffer y = call.output(0, {sides.batch, out_height, sides.out_width(), sides.channels});
  if (call.failed() || y.size() == 0) return;
  const int64_t lanes = sides.blocks() * kLanes;
  const OpScratch memory(lanes * (sides.taps() + 1));
  float *packed = memory.data(), *offsets = packed + lanes * sides.taps();
  pack_filter(filter.data, sides, false, packed);
  std::copy(bias.data, bias.data + bias.size(), offsets);
  std::fill(offsets + bias.size(), offsets + lanes, 0.0f);
  const Forward forward{sides, x.data, packed, offsets, y.data};
  const int64_t whole = sides.batch * sides.groups(), rows = std::max(kLeastRows, up(out_height, up(kPieces, whole))), bands = up(out_height, rows);
  parallel(whole * bands, [&](int64_t index) {
    const int64_t image = index / bands / sides.groups(), group = index / bands % sides.groups(), begin = index % bands * rows;
    const int64_t end = std::min(out_height, begin + rows);
    if (sides.stride == 1) return forward.compute<1>(image, group, begin, end);
    if (sides.stride == 2) return forward.compute<2>(image, group, begin, end);
    forward.compute<0>(image, group, begin, end);
  });
}

}  // namespace

void register_depthwise() {
  register_op({"StudioDepthwise", {"x: float", "weight: float", "bias: float"}, {"y: float"}, kDepthwiseAttrs, unknown_shapes, create_depthwise,
               guarded<depthwise>, destroy_depthwise});
}

}  // namespace studio
