// Attention of all heads and its gradient: of one sequence, from the packed product [N L, 3 h d] of timm's qkv layer and back into its gradient; and of one sequence's
// queries [N L, h d] on another's keys and values [N M, 2 h d].
#include "attention_core.h"

namespace studio {
namespace {

struct Options {
  int64_t heads, length, keys;
  float scale;
};

void* create(TF_OpKernelConstruction* construction) {
  const int64_t length = int_attr(construction, "length");
  return new Options{int_attr(construction, "heads"), length, length, float_attr(construction, "scale")};
}
void* create_cross(TF_OpKernelConstruction* construction) {
  return new Options{int_attr(construction, "heads"), int_attr(construction, "length"), int_attr(construction, "keys"), float_attr(construction, "scale")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

// Where the parts of a row begin: q, k and v of a packed product; or q of one tensor, and k and v of another.
struct Layout {
  int64_t batch, heads, dim;
  HeadSides sides;
  int64_t query_stride, key_stride;

  // work(sequence, first column) for every head.
  template <class Work>
  void each_head(const Work& work) const {
    parallel(batch * heads, [&](int64_t at) { work(at / heads, at % heads * sides.width); });
  }
  // A head's part of a tensor whose rows have `stride` floats and whose sequences have `length` rows.
  template <class Number>
  static HeadRows<Number> rows(Number* data, int64_t sequence, int64_t length, int64_t stride, int64_t column) {
    return {data + sequence * length * stride + column, stride, nullptr};
  }
};

bool layout_of(Call& call, const Options& options, int64_t rows, int64_t columns, Layout& layout) {
  if (options.heads <= 0 || options.length < 0 || options.keys < 0) {
    call.fail("attention needs heads and lengths");
    return false;
  }
  const int64_t batch = options.length ? rows / options.length : 0, width = columns / options.heads;
  layout = {batch, options.heads, columns, {options.length, options.keys, width, options.scale}, 0, 0};
  if (batch * options.length == rows && width * options.heads == columns) return true;
  call.fail("heads and length don't fit the rows");
  return false;
}

bool packed_layout(Call& call, const Options& options, const Buffer& packed, Layout& layout) {
  if (packed.shape.size() != 2 || packed.last() % 3 != 0) {
    call.fail("attention needs a packed product of two axes");
    return false;
  }
  if (!layout_of(call, options, packed.shape[0], packed.last() / 3, layout)) return false;
  layout.query_stride = layout.key_stride = packed.last();
  return true;
}

bool cross_layout(Call& call, const Options& options, const Buffer& q, const Buffer& kv, Layout& layout) {
  if (q.shape.size() != 2 || kv.shape.size() != 2) {
    call.fail("attention needs queries, and keys and values, of two axes");
    return false;
  }
  if (!layout_of(call, options, q.shape[0], q.last(), layout)) return false;
  layout.query_stride = q.last();
  layout.key_stride = kv.last();
  if (kv.shape[0] == layout.batch * options.keys && kv.last() == 2 * q.last()) return true;
  call.fail("keys and values don't fit the queries");
  return false;
}

// @param q, k the tensors from their first row and column on; the values lie beside the keys
void forward(const Layout& layout, const float* q, const float* k, float* y) {
  const auto& [queries, keys, width, scale] = layout.sides;
  layout.each_head([&](int64_t sequence, int64_t column) {
    const auto own = [&](const float* data) { return Layout::rows(data, sequence, layout.sides.keys, layout.key_stride, column); };
    attend({Layout::rows(q, sequence, layout.sides.queries, layout.query_stride, column), own(k), own(k + layout.dim)}, layout.sides, {},
           Layout::rows(y, sequence, layout.sides.queries, layout.dim, column));
  });
}

void backward(const Layout& layout, const float* q, const float* k, const float* dy, float* dq, float* dk) {
  layout.each_head([&](int64_t sequence, int64_t column) {
    const int64_t queries = layout.sides.queries, keys = layout.sides.keys;
    const auto own = [&](auto* data) { return Layout::rows(data, sequence, keys, layout.key_stride, column); };
    const auto of_query = [&](auto* data) { return Layout::rows(data, sequence, queries, layout.query_stride, column); };
    attend_grad({of_query(q), own(k), own(k + layout.dim)}, Layout::rows(dy, sequence, queries, layout.dim, column), layout.sides, {},
                {of_query(dq), own(dk), own(dk + layout.dim)}, nullptr);
  });
}

void attention(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer packed = call.input(0);
  Layout layout;
  if (call.failed() || !packed_layout(call, *static_cast<Options*>(kernel), packed, layout)) return;
  const Buffer y = call.output(0, {packed.shape[0], layout.dim});
  if (!call.failed()) forward(layout, packed.data, packed.data + layout.dim, y.data);
}

void attention_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer packed = call.input(0), dy = call.input(1);
  Layout layout;
  if (call.failed() || !packed_layout(call, *static_cast<Options*>(kernel), packed, layout)) return;
  if (3 * dy.size() != packed.size()) return call.fail("StudioAttentionGrad: dy doesn't fit the packed product");
  const Buffer dpacked = call.output(0, packed.shape);
  if (!call.failed()) backward(layout, packed.data, packed.data + layout.dim, dy.data, dpacked.data, dpacked.data + layout.dim);
}

void cross_attention(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer q = call.input(0), kv = call.input(1);
  Layout layout;
  if (call.failed() || !cross_layout(call, *static_cast<Options*>(kernel), q, kv, layout)) return;
  const Buffer y = call.output(0, q.shape);
  if (!call.failed()) forward(layout, q.data, kv.data, y.data);
}

void cross_attention_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer q = call.input(0), kv = call.input(1), dy = call.input(2);
  Layout layout;
  if (call.failed() || !cross_layout(call, *static_cast<Options*>(kernel), q, kv, layout)) return;
  if (dy.size() != q.size()) return call.fail("StudioCrossAttentionGrad: dy doesn't fit the queries");
  const Buffer dq = call.output(0, q.shape), dkv = call.output(1, kv.shape);
  if (!call.failed()) backward(layout, q.data, kv.data, dy.data, dq.data, dkv.data);
}

}  // namespace

void register_attention() {
  const std::vector<const char*> attrs = {"heads: int", "length: int", "scale: float"};
  register_op({"StudioAttention", {"packed: float"}, {"y: float"}, attrs, unknown_shapes, create, guarded<attention>, destroy});
  register_op({"StudioAttentionGrad", {"packed: float", "dy: float"}, {"dpacked: float"}, attrs, first_like_first, create, guarded<attention_grad>, destroy});
  const std::vector<const char*> cross = {"heads: int", "length: int", "keys: int", "scale: float"};
  register_op({"StudioCrossAttention", {"q: float", "kv: float"}, {"y: float"}, cross, first_like_first, create_cross, guarded<cross_attention>, destroy});
  register_op({"StudioCrossAttentionGrad", {"q: float", "kv: float", "dy: float"}, {"dq: float", "dkv: float"}, cross, unknown_shapes, create_cross,
               guarded<cross_attention_grad>, destroy});
}

}  // namespace studio
