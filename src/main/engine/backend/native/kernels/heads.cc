// Attention's rearrangements, each one pass over memory: the packed product [N L, 3 h d] of timm's qkv layer into q (times d^-1/2), k and v
// [N, h, L, d], and their gradients back; heads [N, h, L, d] beside each other [N L, h d], and back.
#include <cstring>

#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

struct Options {
  int64_t heads, length;
  float scale;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{int_attr(construction, "heads"), int_attr(construction, "length"), float_attr(construction, "scale")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

struct Sides {
  int64_t batch, heads, length, width;
};

// For every (image, head): work(n, h).
template <class Work>
void each_head(const Sides& sides, const Work& work) {
  parallel_ranges(sides.batch * sides.heads, 1 + kChunk / (sides.length * sides.width), [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at++) work(at / sides.heads, at % sides.heads);
  });
}

// Copies between one head [L, d] and its columns in rows of `stride` floats.
void gather(float* head, const float* columns, int64_t stride, const Sides& sides, float scale) {
  for (int64_t l = 0; l < sides.length; l++)
    for (int64_t i = 0; i < sides.width; i++) head[l * sides.width + i] = columns[l * stride + i] * scale;
}
void scatter(float* columns, const float* head, int64_t stride, const Sides& sides, float scale) {
  for (int64_t l = 0; l < sides.length; l++)
    for (int64_t i = 0; i < sides.width; i++) columns[l * stride + i] = head[l * sides.width + i] * scale;
}

// Sides of rows [N L, parts h d].
bool sides_of(Call& call, const Options& options, const Buffer& rows, int64_t parts, Sides& sides) {
  sides = {options.length ? rows.shape[0] / options.length : 0, options.heads, options.length, rows.last() / (parts * options.heads)};
  if (rows.shape.size() == 2 && sides.batch * sides.length == rows.shape[0] && parts * sides.heads * sides.width == rows.last()) return true;
  call.fail("heads and length don't fit the rows");
  return false;
}

void split(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options& options = *static_cast<Options*>(kernel);
  const Buffer packed = call.input(0);
  Sides sides;
  if (call.failed() || !sides_of(call, options, packed, 3, sides)) return;
  Buffer parts[3];
  for (int part = 0; part < 3; part++) parts[part] = call.output(part, {sides.batch, sides.heads, sides.length, sides.width});
  if (call.failed()) return;
  const int64_t head = sides.length * sides.width, dim = sides.heads * sides.width;
  each_head(sides, [&](int64_t n, int64_t h) {
    const float* from = packed.data + n * sides.length * 3 * dim + h * sides.width;
    for (int part = 0; part < 3; part++)
      gather(parts[part].data + (n * sides.heads + h) * head, from + part * dim, 3 * dim, sides, part == 0 ? options.scale : 1.0f);
  });
}

void split_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options& options = *static_cast<Options*>(kernel);
  const Buffer parts[3] = {call.input(0), call.input(1), call.input(2)};
  if (call.failed()) return;
  for (const Buffer& part : parts)
    if (part.shape.size() != 4 || part.shape != parts[0].shape) return call.fail("StudioSplitHeadsGrad: gradients differ in shape");
  const Sides sides{parts[0].shape[0], parts[0].shape[1], parts[0].shape[2], parts[0].shape[3]};
  const int64_t head = sides.length * sides.width, dim = sides.heads * sides.width;
  const Buffer packed = call.output(0, {sides.batch * sides.length, 3 * dim});
  if (call.failed()) return;
  each_head(sides, [&](int64_t n, int64_t h) {
    float* to = packed.data + n * sides.length * 3 * dim + h * sides.width;
    for (int part = 0; part < 3; part++)
      scatter(to + part * dim, parts[part].data + (n * sides.heads + h) * head, 3 * dim, sides, part == 0 ? options.scale : 1.0f);
  });
}

void merge(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0);
  if (call.failed()) return;
  if (x.shape.size() != 4) return call.fail("StudioMergeHeads: x has to be [N, h, L, d]");
  const Sides sides{x.shape[0], x.shape[1], x.shape[2], x.shape[3]};
  const int64_t head = sides.length * sides.width, dim = sides.heads * sides.width;
  const Buffer y = call.output(0, {sides.batch * sides.length, dim});
  if (call.failed()) return;
  each_head(sides, [&](int64_t n, int64_t h) {
    scatter(y.data + n * sides.length * dim + h * sides.width, x.data + (n * sides.heads + h) * head, dim, sides, 1.0f);
  });
}

void merge_grad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options& options = *static_cast<Options*>(kernel);
  const Buffer dy = call.input(0);
  Sides sides;
  if (call.failed() || !sides_of(call, options, dy, 1, sides)) return;
  const int64_t head = sides.length * sides.width, dim = sides.heads * sides.width;
  const Buffer dx = call.output(0, {sides.batch, sides.heads, sides.length, sides.width});
  if (call.failed()) return;
  each_head(sides, [&](int64_t n, int64_t h) {
    gather(dx.data + (n * sides.heads + h) * head, dy.data + n * sides.length * dim + h * sides.width, dim, sides, 1.0f);
  });
}

}  // namespace

void register_heads() {
  const std::vector<const char*> attrs = {"heads: int", "length: int", "scale: float"};
  register_op({"StudioSplitHeads", {"packed: float"}, {"q: float", "k: float", "v: float"}, attrs, unknown_shapes, create, split, destroy});
  register_op({"StudioSplitHeadsGrad", {"dq: float", "dk: float", "dv: float"}, {"dpacked: float"}, attrs, unknown_shapes, create, split_grad, destroy});
  register_op({"StudioMergeHeads", {"x: float"}, {"y: float"}, attrs, unknown_shapes, create, merge, destroy});
  register_op({"StudioMergeHeadsGrad", {"dy: float"}, {"dx: float"}, attrs, unknown_shapes, create, merge_grad, destroy});
}

}  // namespace studio
