// Prepares a batch for the model in one pass over memory: x [N, B, B, 3] in 0..255 -> y of the same shape. Pixels are
// scaled to the unit interval and normalised, rectangles are erased (Zhong et al., Random Erasing, AAAI 2020, Algorithm
// 1), and images are mixed with the batch in reverse order (timm's Mixup, mode "batch"). Noise is drawn for erased
// pixels only, with the values of StatelessRandomNormal. Its generator Philox 4x32-10 (Salmon et al., SC 2011) is
// counter-based, so that any element can be drawn alone.
#include <cmath>

#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

constexpr int64_t kChannels = 3;

struct Options {
  float mean[kChannels], inverse[kChannels];
  bool noise;
};

void* create(TF_OpKernelConstruction* construction) {
  auto* options = new Options{};
  float_list_attr(construction, "mean", options->mean, kChannels);
  float_list_attr(construction, "inverse_std", options->inverse, kChannels);
  options->noise = bool_attr(construction, "noise");
  return options;
}
void destroy(void* options) { delete static_cast<Options*>(options); }

struct Block {
  uint32_t word[4];
};

// Applies ten rounds of Philox 4x32 to a counter, with a key of two words.
Block philox(Block counter, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++) {
    const uint64_t first = uint64_t{0xD2511F53} * counter.word[0], second = uint64_t{0xCD9E8D57} * counter.word[2];
    counter = {{static_cast<uint32_t>(second >> 32) ^ counter.word[1] ^ key0, static_cast<uint32_t>(second),
                static_cast<uint32_t>(first >> 32) ^ counter.word[3] ^ key1, static_cast<uint32_t>(first)}};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return counter;
}

// Standard normal values by index, from the two seeds of TensorFlow's stateless ops. One Philox block first mixes the
// seeds.
class NormalStream {
 public:
  NormalStream(int32_t seed0, int32_t seed1) {
    const auto low = [](int32_t seed) { return static_cast<uint32_t>(seed); };
    const auto high = [](int32_t seed) { return seed < 0 ? 0xFFFFFFFFu : 0u; };
    const Block mixed = philox({{low(seed0), high(seed0), low(seed1), high(seed1)}}, 0x3EC8F720, 0x02461E29);
    key0_ = mixed.word[0];
    key1_ = mixed.word[1];
    base_ = uint64_t{mixed.word[3]} << 32 | mixed.word[2];
  }

  float at(int64_t index) {
    if (index / 4 != block_) fill(index / 4);
    return values_[index % 4];
  }

 private:
  // Draws the four values of one block: two pairs by the Box-Muller method.
  void fill(int64_t block) {
    block_ = block;
    // The block's number is added to the low half. An array has fewer than 2^64 elements, so nothing is carried over.
    const Block random = philox({{static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), static_cast<uint32_t>(base_),
                                  static_cast<uint32_t>(base_ >> 32)}},
                                key0_, key1_);
    for (int pair = 0; pair < 4; pair += 2) {
      const float uniform = unit(random.word[pair]);
      const float radius = std::sqrt(-2.0f * std::log(uniform < 1e-7f ? 1e-7f : uniform));
      const float angle = 6.283185307f * unit(random.word[pair + 1]);
      values_[pair] = std::sin(angle) * radius;
      values_[pair + 1] = std::cos(angle) * radius;
    }
  }
  // Returns the lower 23 bits as a float in [0, 1).
  static float unit(uint32_t word) { return static_cast<float>(word & 0x7FFFFF) * (1.0f / 8388608.0f); }

  uint32_t key0_, key1_;
  uint64_t base_;
  int64_t block_ = -1;
  float values_[4] = {};
};

struct Image {
  const float* pixels;
  // The erased rows [top, bottom) and columns [left, right).
  int32_t top, left, bottom, right;
  int64_t first;  // index of the image's first element in the batch
};

// Scales, normalises and erases one row of an image.
void make_row(const Options& options, const Image& image, int64_t row, int64_t side, NormalStream& noise, float* to) {
  const float* from = image.pixels + row * side * kChannels;
  // The order of operations is that of the composed ops, so that both round in the same way.
  for (int64_t x = 0; x < side; x++)
    for (int64_t c = 0; c < kChannels; c++)
      to[x * kChannels + c] = (from[x * kChannels + c] * (1.0f / 255.0f) - options.mean[c]) * options.inverse[c];
  if (row < image.top || row >= image.bottom) return;
  const int64_t begin = (image.left < 0 ? 0 : image.left) * kChannels, end = (image.right < side ? image.right : side) * kChannels;
  for (int64_t i = begin; i < end; i++) to[i] = options.noise ? noise.at(image.first + row * side * kChannels + i) : 0.0f;
}

void prepare(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options& options = *static_cast<Options*>(kernel);
  const Buffer x = call.input(0), mix = call.input(1);
  if (call.failed()) return;
  if (x.shape.size() != 4 || x.shape[1] != x.shape[2] || x.shape[3] != kChannels || mix.size() != x.shape[1] * x.shape[2])
    return call.fail("StudioPrepare: x has to be [N, B, B, 3] and mix [B, B]");
  // Each image has a box (top, left, height, width); the seed has two halves.
  const int32_t *erase = call.integers(2, 4 * x.shape[0]), *seed = call.integers(3, 2);
  if (call.failed()) return;
  const Buffer y = call.output(0, x.shape);
  if (call.failed()) return;
  const int64_t batch = x.shape[0], side = x.shape[1], row = side * kChannels, size = side * row;
  const auto image = [&](int64_t index) {
    const int32_t* box = erase + 4 * index;
    return Image{x.data + index * size, box[0], box[1], box[0] + box[2], box[1] + box[3], index * size};
  };
  // An image and its partner are made together, because each is mixed into the other.
  const int64_t pairs = (batch + 1) / 2;
  parallel(pairs, [&](int64_t pair) {
    const Image one = image(pair), other = image(batch - 1 - pair);
    NormalStream noise(seed[0], seed[1]);
    std::vector<float> rows(2 * row);
    float *own = rows.data(), *partner = rows.data() + row;
    for (int64_t at = 0; at < side; at++) {
      make_row(options, one, at, side, noise, own);
      make_row(options, other, at, side, noise, partner);
      const float* weights = mix.data + at * side;
      float *to = y.data + one.first + at * row, *back = y.data + other.first + at * row;
      for (int64_t px = 0; px < side; px++) {
        const float weight = weights[px], rest = 1.0f - weight;
        for (int64_t i = px * kChannels; i < (px + 1) * kChannels; i++) {
          const float mixed = own[i] * weight + partner[i] * rest;
          back[i] = partner[i] * weight + own[i] * rest;
          to[i] = mixed;
        }
      }
    }
  });
}

}  // namespace

void register_prepare() {
  register_op({"StudioPrepare",
               {"x: float", "mix: float", "erase: int32", "seed: int32"},
               {"y: float"},
               {"mean: list(float)", "inverse_std: list(float)", "noise: bool"},
               first_like_first,
               create,
               guarded<prepare>,
               destroy});
}

}  // namespace studio
