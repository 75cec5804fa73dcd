// Attention of all heads, and its gradient. Self-attention takes the packed product [N L, 3 h d] of timm's qkv layer
// and returns [N L, h d]; its gradient is packed in the same way. Cross-attention takes queries [N L, h d] of one
// sequence, and keys and values [N M, 2 h d] of another.
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

// Sizes and row strides of q, k and v. They are parts of one packed product, or q is one tensor and k and v are
// another.
struct Layout {
  int64_t batch, heads, dim;
  HeadSides sides;
  int64_t query_stride, key_stride;

  // Calls work(sequence, first column) for every head, in parallel.
  template <class Work>
  void each_head(const Work& work) const {
    parallel(batch * heads, [&](int64_t at) { work(at / heads, at % heads * sides.width); });
  }
};

// The part of a tensor that begins at this column.
struct Part {
  const Buffer& of;
  int64_t column;

  // Returns a sequence's `length` rows, `stride` numbers apart, from column `head` of this part on.
  HeadRows rows(int64_t sequence, int64_t length, int64_t stride, int64_t head) const { return {&of, sequence * length * stride + column + head, stride, nullptr}; }
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

// @param k the keys; the values follow them in the same tensor
void forward(const Layout& layout, const Part& q, const Part& k, const Buffer& y) {
  const int64_t queries = layout.sides.queries, keys = layout.sides.keys;
  const Part v{k.of, k.column + layout.dim};
  layout.each_head([&](int64_t sequence, int64_t column) {
    const auto own = [&](const Part& part) { return part.rows(sequence, keys, layout.key_stride, column); };
    attend({q.rows(sequence, queries, layout.query_stride, column), own(k), own(v)}, layout.sides, {}, Part{y, 0}.rows(sequence, queries, layout.dim, column));
  });
}

void backward(const Layout& layout, const Part& q, const Part& k, const Buffer& dy, const Part& dq, const Part& dk) {
  const int64_t queries = layout.sides.queries, keys = layout.sides.keys;
  const Part v{k.of, k.column + layout.dim}, dv{dk.of, dk.column + layout.dim};
  layout.each_head([&](int64_t sequence, int64_t column) {
    const auto own = [&](const Part& part) { return part.rows(sequence, keys, layout.key_stride, column); };
    const auto of_query = [&](const Part& part) { return part.rows(sequence, queries, layout.query_stride, column); };
    attend_grad({of_query(q), own(k), own(v)}, Part{dy, 0}.rows(sequence, queries, layout.dim, column), layout.sides, {}, {of_query(dq), own(dk), own(dv)},
                nullptr);
  });
}

void attention(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer packed = call.input(0);
  Layout layout;
  if (call.failed() || !packed_layout(call, *static_cast<Options*>(kernel), packed, layout)) return;
  const Buffer y = call.output(0, {packed.shape[0], layout.dim});
  if (!call.failed()) forward(layout, {packed, 0}, {packed, layout.dim}, y);
}

void attention_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer packed = call.input(0), dy = call.input(1);
  Layout layout;
  if (call.failed() || !packed_layout(call, *static_cast<Options*>(kernel), packed, layout)) return;
  if (3 * dy.size() != packed.size()) return call.fail("StudioAttentionGrad: dy doesn't fit the packed product");
  const Buffer dpacked = call.output(0, packed.shape);
  if (!call.failed()) backward(layout, {packed, 0}, {packed, layout.dim}, dy, {dpacked, 0}, {dpacked, layout.dim});
}

void cross_attention(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer q = call.input(0), kv = call.input(1);
  Layout layout;
  if (call.failed() || !cross_layout(call, *static_cast<Options*>(kernel), q, kv, layout)) return;
  const Buffer y = call.output(0, q.shape);
  if (!call.failed()) forward(layout, {q, 0}, {kv, 0}, y);
}

void cross_attention_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer q = call.input(0), kv = call.input(1), dy = call.input(2);
  Layout layout;
  if (call.failed() || !cross_layout(call, *static_cast<Options*>(kernel), q, kv, layout)) return;
  if (dy.size() != q.size()) return call.fail("StudioCrossAttentionGrad: dy doesn't fit the queries");
  const Buffer dq = call.output(0, q.shape), dkv = call.output(1, kv.shape);
  if (!call.failed()) backward(layout, {q, 0}, {kv, 0}, dy, {dq, 0}, {dkv, 0});
}

}  // namespace

void register_attention() {
  const std::vector<const char*> attrs = {"heads: int", "length: int", "scale: float", STUDIO_TYPE("Tx"), STUDIO_TYPE("Ty")};
  register_op({"StudioAttention", {"packed: Tx"}, {"y: Ty"}, attrs, unknown_shapes, create, guarded<attention>, destroy});
  const std::vector<const char*> back = {"heads: int", "length: int", "scale: float", STUDIO_TYPE("Tx"), STUDIO_TYPE("Tdy"), STUDIO_TYPE("Tdx")};
  register_op({"StudioAttentionGrad", {"packed: Tx", "dy: Tdy"}, {"dpacked: Tdx"}, back, first_like_first, create, guarded<attention_grad>, destroy});
  const std::vector<const char*> cross = {"heads: int",      "length: int",      "keys: int",       "scale: float",
                                          STUDIO_TYPE("Tx"), STUDIO_TYPE("Tkv"), STUDIO_TYPE("Ty")};
  register_op({"StudioCrossAttention", {"q: Tx", "kv: Tkv"}, {"y: Ty"}, cross, first_like_first, create_cross, guarded<cross_attention>, destroy});
  const std::vector<const char*> cross_back = {
      "heads: int",       "length: int",      "keys: int", "scale: float", STUDIO_TYPE("Tx"), STUDIO_TYPE("Tkv"),
      STUDIO_TYPE("Tdy"), STUDIO_TYPE("Tdq"), STUDIO_TYPE("Tdkv")};
  register_op({"StudioCrossAttentionGrad",
               {"q: Tx", "kv: Tkv", "dy: Tdy"},
               {"dq: Tdq", "dkv: Tdkv"},
               cross_back,
               unknown_shapes,
               create_cross,
               guarded<cross_attention_grad>,
               destroy});
}

}  // namespace studio
