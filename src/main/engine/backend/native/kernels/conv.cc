// A 3 x 3 convolution with stride 1 and padding 1, and the gradient of its image, as one matrix product: each row is the
// window of a pixel, which is gathered while rows are packed, so that no matrix of windows is stored. In bfloat16 it
// takes the place of winograd.cc, whose tiles would lose what the shorter numbers gain.
#include "kernel.h"
#include "linear.h"

namespace studio {
namespace {

void conv(void* given, TF_OpKernelContext* context) {
  const ProductOptions& options = *static_cast<ProductOptions*>(given);
  Call call(context);
  const Buffer x = call.input(0), w = call.input(1);
  if (call.failed()) return;
  const int64_t columns = channels_of(call, options, x, w);
  if (call.failed()) return;
  if (x.shape[3] % 2 != 0) return call.fail("StudioConv: the number of x's channels has to be even");
  const int64_t rows = x.shape[0] * x.shape[1] * x.shape[2];
  const auto [epilogue, y] = ends_of(call, options, {x.shape[0], x.shape[1], x.shape[2], columns});
  if (call.failed() || y.size() == 0) return;
  if ((x.half || y.half) && !computes_half(options.half)) return call.fail(kNoHalf);
  const Window window{x.shape[1], x.shape[2]};
  Product{x, w.data, y, rows, columns, x.shape[3], options.gradient, epilogue, even_block(rows, kMostRows), options.half, window}.compute();
}

}  // namespace

void register_conv() {
  std::vector<const char*> attrs = kProductAttrs;
  attrs.insert(attrs.end(), {STUDIO_TYPE("Tx"), STUDIO_TYPE("Ty")});
  register_op({"StudioConv", {"x: Tx", "weight: float", "rest: count * float"}, {"y: Ty"}, attrs, unknown_shapes, create_product, guarded<conv>, destroy_product});
}

}  // namespace studio
