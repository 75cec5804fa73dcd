// Attention inside windows of a map (Liu et al., Swin Transformer, ICCV 2021, sec. 3.2), with a bias for each head's
// pairs of tokens and a mask for each window's pairs. A window's tokens are read at their places in the map, so the map
// is never rearranged into windows and back.
#include "attention_core.h"

namespace studio {
namespace {

// Intended number of pieces of work, over all heads, that sum up the bias's gradient.
constexpr int64_t kPieces = 64;

struct Options {
  int64_t heads, length;
  float scale;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{int_attr(construction, "heads"), int_attr(construction, "length"), float_attr(construction, "scale")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

struct Windows {
  int64_t heads, dim;
  HeadSides sides;
  // Number of windows of all images, and of one image.
  int64_t all, own;
  const int32_t* places;
  // Bias and mask by panels, [heads, added_size] and [own, added_size]; null where there is none.
  const float *bias, *mask;

  // Returns the rows of a window's head, from this column of a tensor with rows of `stride` numbers.
  HeadRows rows(const Buffer& of, int64_t column, int64_t window, int64_t stride) const {
    const int64_t length = sides.queries, first = places ? window / own * own * length : window * length;
    return {&of, first * stride + column, stride, places ? places + window % own * length : nullptr};
  }
  AddedScores added(int64_t window, int64_t head) const {
    return {bias ? bias + head * sides.added_size() : nullptr, mask ? mask + window % own * sides.added_size() : nullptr};
  }
};

// Reads the inputs packed, places, bias and mask, of which the last three may be empty. The call fails where they don't
// fit.
class Given {
 public:
  Given(Call& call, const Options& options) : packed(call.input(0)), places_(call.bytes(1)), bias_(call.input(2)), mask_(call.input(3)) {
    if (!call.failed() && !fits(options)) call.fail(why_);
  }

  Windows windows;
  const Buffer packed;
  bool has_bias() const { return bias_.size() != 0; }
  const std::vector<int64_t>& bias_shape() const { return bias_.shape; }

  // Number of floats of bias and mask by panels; `prepare` computes them.
  int64_t added_size() const { return ((has_bias() ? windows.heads : 0) + masks()) * windows.sides.added_size(); }
  void prepare(float* memory) {
    const int64_t length = windows.sides.queries, size = windows.sides.added_size(), biases = has_bias() ? windows.heads : 0;
    parallel(biases + masks(), [&](int64_t at) {
      const float* from = at < biases ? bias_.data + at * length * length : mask_.data + (at - biases) * length * length;
      by_panels(from, length, length, memory + at * size);
    });
    windows.bias = biases ? memory : nullptr;
    windows.mask = masks() ? memory + biases * size : nullptr;
  }

 private:
  int64_t masks() const { return mask_.size() ? windows.own : 0; }

  bool fits(const Options& options) {
    const int64_t heads = options.heads, length = options.length;
    if (packed.shape.size() != 2 || heads <= 0 || length <= 0 || packed.last() % (3 * heads) != 0 || packed.shape[0] % length != 0) return false;
    const int64_t all = packed.shape[0] / length, tokens = places_.size / static_cast<int64_t>(sizeof(int32_t)), dim = packed.last() / 3, area = length * length;
    const int64_t own = tokens ? tokens / length : mask_.size() ? mask_.size() / area : 1;
    windows = {heads, dim, {length, length, dim / heads, options.scale}, all, own, nullptr, nullptr, nullptr};
    if (own == 0 || all % own != 0 || (tokens && tokens != own * length)) return false;
    if ((mask_.size() && mask_.size() != own * area) || (has_bias() && bias_.size() != heads * area)) return false;
    if (!tokens) return true;
    windows.places = reinterpret_cast<const int32_t*>(places_.data);
    why_ = "StudioWindowAttention: a place is outside of its image";
    return std::all_of(windows.places, windows.places + tokens, [&](int32_t place) { return place >= 0 && place < tokens; });
  }

  const Bytes places_;
  const Buffer bias_, mask_;
  const char* why_ = "StudioWindowAttention: packed product, places, bias, mask, heads and length don't fit each other";
};

void window_attention(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  Given given(call, *static_cast<Options*>(kernel));
  if (call.failed()) return;
  const Buffer y = call.output(0, {given.packed.shape[0], given.windows.dim});
  if (call.failed()) return;
  const OpScratch memory(given.added_size());
  given.prepare(memory.data());
  const Windows& windows = given.windows;
  parallel(windows.all * windows.heads, [&](int64_t at) {
    const int64_t window = at / windows.heads, head = at % windows.heads, column = head * windows.sides.width, dim = windows.dim;
    const auto part = [&](int64_t index) { return windows.rows(given.packed, index * dim + column, window, 3 * dim); };
    attend({part(0), part(1), part(2)}, windows.sides, windows.added(window, head), windows.rows(y, column, window, dim));
  });
}

// Adds the panels of all pieces in order: dbias [heads, length, length].
void add_up(const Windows& windows, const float* partial, int64_t pieces, float* dbias) {
  const int64_t length = windows.sides.queries, size = windows.sides.added_size();
  parallel(windows.heads, [&](int64_t head) {
    for (int64_t query = 0; query < length; query++)
      for (int64_t key = 0; key < length; key++) {
        const int64_t at = query / kPanel * windows.sides.panel_size() + key * kPanel + query % kPanel;
        float sum = 0.0f;
        for (int64_t piece = 0; piece < pieces; piece++) sum += partial[(head * pieces + piece) * size + at];
        dbias[(head * length + query) * length + key] = sum;
      }
  });
}

void window_attention_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  Given given(call, *static_cast<Options*>(kernel));
  const Buffer dy = call.input(4);
  if (call.failed()) return;
  if (3 * dy.size() != given.packed.size()) return call.fail("StudioWindowAttentionGrad: dy doesn't fit the packed product");
  const Buffer dpacked = call.output(0, given.packed.shape), dbias = call.output(1, given.bias_shape());
  if (call.failed()) return;
  const Windows& windows = given.windows;
  // The split doesn't depend on the number of threads, so the sums are the same with any number.
  const int64_t heads = windows.heads, share = std::max<int64_t>(1, up(windows.all, std::max<int64_t>(1, kPieces / heads))), pieces = up(windows.all, share);
  const int64_t size = given.has_bias() ? windows.sides.added_size() : 0;
  const OpScratch memory(given.added_size() + heads * pieces * size);
  given.prepare(memory.data());
  float* partial = memory.data() + given.added_size();
  std::fill(partial, partial + heads * pieces * size, 0.0f);
  parallel(pieces * heads, [&](int64_t at) {
    const int64_t piece = at / heads, head = at % heads, column = head * windows.sides.width, dim = windows.dim;
    for (int64_t window = piece * share; window < std::min(windows.all, (piece + 1) * share); window++) {
      const auto part = [&](const Buffer& of, int64_t index) { return windows.rows(of, index * dim + column, window, 3 * dim); };
      attend_grad({part(given.packed, 0), part(given.packed, 1), part(given.packed, 2)}, windows.rows(dy, column, window, dim), windows.sides,
                  windows.added(window, head), {part(dpacked, 0), part(dpacked, 1), part(dpacked, 2)},
                  size ? partial + (head * pieces + piece) * size : nullptr);
    }
  });
  if (size) add_up(windows, partial, pieces, dbias.data);
}

}  // namespace

void register_window_attention() {
  const std::vector<const char*> inputs = {"packed: Tx", "places: int32", "bias: float", "mask: float"};
  const std::vector<const char*> attrs = {"heads: int", "length: int", "scale: float", STUDIO_TYPE("Tx")};
  const auto with = [](std::vector<const char*> list, std::vector<const char*> more) {
    list.insert(list.end(), more.begin(), more.end());
    return list;
  };
  register_op({"StudioWindowAttention", inputs, {"y: Ty"}, with(attrs, {STUDIO_TYPE("Ty")}), unknown_shapes, create, guarded<window_attention>, destroy});
  register_op({"StudioWindowAttentionGrad",
               with(inputs, {"dy: Tdy"}),
               {"dpacked: Tdx", "dbias: float"},
               with(attrs, {STUDIO_TYPE("Tdy"), STUDIO_TYPE("Tdx")}),
               unknown_shapes,
               create,
               guarded<window_attention_grad>,
               destroy});
}

}  // namespace studio
