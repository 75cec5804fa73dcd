// All gradients of a depthwise convolution in one pass over dy and x. For the filter's gradient, the sums of some taps
// stay in registers over some rows, so that not every tap needs a pass over both images. The gradient of x is the
// convolution of dy with the reversed filter; it overwrites dy where nobody else reads dy.
#include "depthwise.h"

namespace studio {
namespace {

// Intended number of dy's pixels in a band of rows: the number of products for each sum that is loaded and stored.
constexpr int64_t kBandPixels = 112;
// Intended number of pieces of work. With more, adding up the filter's gradients takes longer.
constexpr int64_t kPieces = 48;
// Number of taps whose sums are computed at a time.
constexpr int kSums = kLanes == 16 ? 14 : 12;
// Largest number of these taps in one row of the filter.
constexpr int kAcross = 7;
constexpr int64_t kFewTaps = 16;

// Adds the products of `count` gradients, `step` columns apart, and the pixels under kDown by kWide taps to `sums`.
template <int kDown, int kWide>
[[gnu::always_inline]] inline void correlate(Lanes (&sums)[kDown][kWide], const float* given, const float* const* rows, int64_t step, int64_t count) {
  const float* from[kDown];
#pragma GCC unroll 16
  for (int line = 0; line < kDown; line++) from[line] = rows[line];
  for (int64_t pixel = 0; pixel < count; pixel++, given += step * kLanes) {
    const Lanes gradient = load(given);
#pragma GCC unroll 16
    for (int line = 0; line < kDown; line++) {
#pragma GCC unroll 8
      for (int tap = 0; tap < kWide; tap++) sums[line][tap] += gradient * load(from[line] + tap * kLanes);
      from[line] += step * kLanes;
    }
  }
}

// The image, and its rows of x and dy that are read next, for prefetching.
struct NextRows {
  int64_t image, x, dy;
};

struct Backward {
  DepthwiseSides sides;
  const float *x, *dy;
  // The reversed filter by blocks of channels: [blocks, taps, lanes].
  const float* filter;
  float* dx;

  int64_t band_rows() const { return std::min(sides.out_height(), up(kBandPixels, sides.out_width())); }
  int64_t x_rows() const { return (band_rows() - 1) * sides.stride + sides.down; }
  int64_t x_columns() const { return (sides.out_width() - 1) * sides.stride + sides.across; }
  int64_t dy_rows() const { return band_rows() + sides.down + 1; }
  int64_t dy_columns() const { return sides.width + sides.across - 1; }
  // Number of floats of a block's sums: its taps, then its bias.
  int64_t sums_size() const { return (sides.taps() + 1) * kLanes; }

  // Computes a group of channels of images [begin, end). @param sums [blocks, taps + 1, lanes]
  void compute(int64_t group, int64_t begin, int64_t end, float* sums) const;

 private:
  void weights_of(const RowRing& images, const RowRing& gradients, int64_t block, int64_t begin, int64_t end, const float* zeros, float* sums) const;
  void image_of(const RowRing& gradients, const NextRows& next, int64_t channel, int64_t block, int64_t begin, int64_t end) const;
};

void Backward::compute(int64_t group, int64_t begin, int64_t end, float* sums) const {
  const auto [batch, height, width, channels, down, across, stride, padding] = sides;
  const GroupChannels own(sides, group);
  const int64_t out_height = sides.out_height(), out_width = sides.out_width(), band = band_rows();
  const int64_t x_size = RowRing::size(x_rows(), x_columns(), own.blocks), dy_size = RowRing::size(dy_rows(), dy_columns(), own.blocks);
  float* memory = scratch(x_size + dy_size + x_columns() * kLanes);
  RowRing images(memory, x_rows(), x_columns(), padding, 1, own);
  // The border is as wide as the reversed filter reaches to the left of a pixel of x.
  RowRing gradients(memory + x_size, dy_rows(), dy_columns(), across - 1 - padding, stride, own);
  float* zeros = memory + x_size + dy_size;
  std::fill(zeros, zeros + x_columns() * kLanes, 0.0f);
  std::fill(sums, sums + own.blocks * sums_size(), 0.0f);
  for (int64_t image = begin; image < end; image++) {
    images.start(0);
    gradients.start(0);
    for (int64_t line = 0; line < out_height; line += band) {
      const int64_t last = std::min(out_height, line + band), first = line * stride, behind = last == out_height ? height : std::min(height, last * stride);
      // These rows of dy must be read before dx overwrites them.
      const int64_t reached = last == out_height ? out_height : std::min(out_height, (behind - 1 + padding) / stride + 1);
      gradients.take(dy + image * out_height * out_width * channels + own.first, out_width, channels, reached);
      const int64_t under = std::min(height, (last - 1) * stride - padding + down);
      images.take(x + image * height * width * channels + own.first, width, channels, under);
      for (int64_t block = 0; block < own.blocks; block++) {
        weights_of(images, gradients, block, line, last, zeros, sums + block * sums_size());
        image_of(gradients, {image, std::max<int64_t>(0, under), reached}, own.first + block * kLanes, block, first, behind);
      }
    }
  }
}

// Adds the products of rows [begin, end) of dy and the pixels under them to the filter's and the bias's sums.
void Backward::weights_of(const RowRing& images, const RowRing& gradients, int64_t block, int64_t begin, int64_t end, const float* zeros, float* sums) const {
  const auto [batch, height, width, channels, down, across, stride, padding] = sides;
  const int64_t border = across - 1 - padding, out_width = sides.out_width();
  const auto given = [&](int64_t line) { return gradients.row(line, block) + border * kLanes; };
  for (int64_t first = 0; first < across; first += kAcross)
    with_rows<kAcross>(std::min<int64_t>(kAcross, across - first), [&](auto taps) {
      constexpr int kWide = decltype(taps)::value, kMost = kSums / kWide;
      for (int64_t top = 0; top < down; top += kMost)
        with_rows<kMost>(std::min<int64_t>(kMost, down - top), [&](auto lines) {
          constexpr int kDown = decltype(lines)::value;
          const auto tap = [&](int line, int at) { return sums + ((top + line) * across + first + at) * kLanes; };
          Lanes kept[kDown][kWide];
#pragma GCC unroll 16
          for (int line = 0; line < kDown; line++)
#pragma GCC unroll 8
            for (int at = 0; at < kWide; at++) kept[line][at] = load(tap(line, at));
          for (int64_t row = begin; row < end; row++) {
            const float* rows[kDown];
            for (int line = 0; line < kDown; line++) {
              const int64_t under = row * stride - padding + top + line;
              rows[line] = (under >= 0 && under < height ? images.row(under, block) : zeros) + first * kLanes;
            }
            correlate(kept, given(row), rows, stride, out_width);
          }
#pragma GCC unroll 16
          for (int line = 0; line < kDown; line++)
#pragma GCC unroll 8
            for (int at = 0; at < kWide; at++) store(tap(line, at), kept[line][at]);
        });
    });
  Lanes total = load(sums + sides.taps() * kLanes);
  for (int64_t row = begin; row < end; row++)
    for (int64_t pixel = 0; pixel < out_width; pixel++) total += load(given(row) + pixel * stride * kLanes);
  store(sums + sides.taps() * kLanes, total);
}

// Computes rows [begin, end) of dx.
void Backward::image_of(const RowRing& gradients, const NextRows& next, int64_t channel, int64_t block, int64_t begin, int64_t end) const {
  const auto [batch, height, width, channels, down, across, stride, padding] = sides;
  // Where the filter has few taps, prefetching more rows takes longer than waiting for them.
  const bool ahead = sides.taps() > kFewTaps && sides.out_width() == width;
  const int64_t dy_height = sides.out_height();
  const auto row = [&](const float* data, int64_t lines, int64_t line) {
    return ahead && line < lines ? data + (next.image * lines + line) * width * channels + channel : nullptr;
  };
  std::vector<const float*> rows(down);
  for (int64_t line = begin; line < end; line++) {
    for (int64_t at = 0; at < down; at++) {
      // Rows of zeros separate dy's rows, which are a stride apart.
      const int64_t place = line + padding - down + 1 + at;
      rows[at] = place >= 0 && place % stride == 0 && place / stride < sides.out_height() ? gradients.row(place / stride, block) : nullptr;
    }
    float* to = dx + (next.image * height + line) * width * channels + channel;
    convolve_row<1>({rows.data(), filter + channel * sides.taps(), down, across, 1}, Lanes{},
                    {to, width, channels, std::min(kLanes, channels - channel), {row(x, height, next.x + line - begin), row(dy, dy_height, next.dy + line - begin)}});
  }
}

// Adds the pieces' sums in order, and stores the gradients of the filter [taps, channels] and of the bias [channels].
void add_up(const DepthwiseSides& sides, const float* partial, int64_t pieces, float* dfilter, float* dbias) {
  const int64_t block_size = (sides.taps() + 1) * kLanes, size = sides.blocks() * block_size;
  parallel(sides.blocks(), [&](int64_t block) {
    const int64_t channel = block * kLanes, count = std::min(kLanes, sides.channels - channel);
    for (int64_t tap = 0; tap <= sides.taps(); tap++) {
      const float* from = partial + block * block_size + tap * kLanes;
      Lanes sum = load(from);
      for (int64_t piece = 1; piece < pieces; piece++) sum += load(from + piece * size);
      float values[kLanes];
      store(values, sum);
      std::copy(values, values + count, tap < sides.taps() ? dfilter + tap * sides.channels + channel : dbias + channel);
    }
  });
}

void depthwise_grad(void* options, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), x = call.input(1), filter = call.input(2);
  DepthwiseSides sides;
  if (call.failed() || !depthwise_sides(call, *static_cast<DepthwiseOptions*>(options), x, filter, sides)) return;
  const int64_t out_height = sides.out_height();
  if (dy.shape != std::vector<int64_t>{sides.batch, out_height, sides.out_width(), sides.channels})
    return call.fail("StudioDepthwiseGrad: dy doesn't have the result's shape");
  const Buffer dx = dy.shape == x.shape && sides.stride == 1 ? call.output_in_place(0, 0, x.shape) : call.output(0, x.shape);
  const Buffer dfilter = call.output(1, filter.shape), dbias = call.output(2, {sides.channels});
  if (call.failed()) return;
  if (x.size() == 0) {
    std::fill(dfilter.data, dfilter.data + dfilter.size(), 0.0f);
    return std::fill(dbias.data, dbias.data + dbias.size(), 0.0f);
  }
  // The split doesn't depend on the number of threads, so the sums are the same with any number.
  const int64_t groups = sides.groups(), images = up(sides.batch, std::min(sides.batch, up(kPieces, groups))), pieces = up(sides.batch, images);
  const int64_t lanes = sides.blocks() * kLanes, piece_size = lanes * (sides.taps() + 1);
  const OpScratch memory(lanes * sides.taps() + pieces * piece_size);
  float *packed = memory.data(), *partial = packed + lanes * sides.taps();
  pack_filter(filter.data, sides, true, packed);
  const Backward backward{sides, x.data, dy.data, packed, dx.data};
  parallel(pieces * groups, [&](int64_t index) {
    const int64_t piece = index / groups, group = index % groups, begin = piece * images;
    backward.compute(group, begin, std::min(sides.batch, begin + images),
                     partial + piece * piece_size + group * sides.group_blocks() * backward.sums_size());
  });
  add_up(sides, partial, pieces, dfilter.data, dbias.data);
}

}  // namespace

void register_depthwise_grad() {
  register_op({"StudioDepthwiseGrad", {"dy: float", "x: float", "weight: float"}, {"dx: float", "dweight: float", "dbias: float"}, kDepthwiseAttrs,
               unknown_shapes, create_depthwise, guarded<depthwise_grad>, destroy_depthwise});
}

}  // namespace studio
