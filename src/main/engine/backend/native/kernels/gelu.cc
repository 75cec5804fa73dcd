// GELU, x Phi(x) (Hendrycks and Gimpel, 2016, sec. 2), exact, and its gradient Phi(x) + x phi(x). Each takes one pass
// over memory, and only x is stored.
#include "half.h"
#include "kernel.h"
#include "parallel.h"
#include "vector_math.h"

namespace studio {
namespace {

void gelu(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer x = call.input(0);
  if (call.failed()) return;
  const Buffer y = call.output(0, x.shape);
  if (call.failed()) return;
  parallel_ranges(x.size(), kChunk, [&](int64_t begin, int64_t end) {
    by_pieces(x.half || y.half, begin, end, [&](int64_t at, int64_t count) {
      float rooms[2][kHalfPiece];
      const float* from = read_floats(x, at, count, rooms[0]);
      float* to = floats_to_write(y, at, rooms[1]);
#pragma GCC ivdep
      for (int64_t i = 0; i < count; i++) to[i] = from[i] * normal(from[i]).distribution;
      written(y, at, count, to);
    });
  });
}

void gelu_grad(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Buffer dy = call.input(0), x = call.input(1);
  if (call.failed()) return;
  if (dy.size() != x.size()) return call.fail("StudioGeluGrad: dy and x differ in size");
  const Buffer dx = call.output_in_place(0, 0, dy.shape);
  if (call.failed()) return;
  parallel_ranges(x.size(), kChunk, [&](int64_t begin, int64_t end) {
    by_pieces(dy.half || x.half || dx.half, begin, end, [&](int64_t at, int64_t count) {
      float rooms[3][kHalfPiece];
      const float* given = read_floats(dy, at, count, rooms[0]);
      const float* from = read_floats(x, at, count, rooms[1]);
      float* to = floats_to_write(dx, at, rooms[2]);
#pragma GCC ivdep
      for (int64_t i = 0; i < count; i++) {
        const Normal of = normal(from[i]);
        to[i] = given[i] * (of.distribution + from[i] * of.density);
      }
      written(dx, at, count, to);
    });
  });
}

}  // namespace

void register_gelu() {
  register_op({"StudioGelu", {"x: Tx"}, {"y: Ty"}, {STUDIO_TYPE("Tx"), STUDIO_TYPE("Ty")}, first_like_first, nullptr, guarded<gelu>, nullptr});
  register_op({"StudioGeluGrad", {"dy: Tdy", "x: Tx"}, {"dx: Tdx"}, {STUDIO_TYPE("Tdy"), STUDIO_TYPE("Tx"), STUDIO_TYPE("Tdx")}, first_like_first, nullptr, guarded<gelu_grad>, nullptr});
}

}  // namespace studio
