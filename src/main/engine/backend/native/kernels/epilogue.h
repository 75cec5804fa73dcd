// The operations that follow a product while its tile is still in registers, in this order: multiply by a scale and add
// a bias (one number for each column), add another tensor, apply ReLU.
#pragma once
#include "kernel.h"
#include "tile.h"

namespace studio {

// Attributes of an op with these operations. After x and the weights, its inputs are those of scale, bias and add that
// are true, in this order.
struct ProductOptions {
  bool scale, bias, add, relu;
  // Whether the op computes the gradient of x from the result's gradient.
  bool gradient;
  // Whether products are computed in bfloat16.
  bool half;
};

inline const std::vector<const char*> kProductAttrs = {"count: int >= 0", "scale: bool",    "bias: bool", "add: bool",
                                                       "relu: bool",      "gradient: bool", "half_products: bool = false"};

inline void* create_product(TF_OpKernelConstruction* construction) {
  return new ProductOptions{bool_attr(construction, "scale"), bool_attr(construction, "bias"), bool_attr(construction, "add"),
                            bool_attr(construction, "relu"), bool_attr(construction, "gradient"), bool_attr(construction, "half_products")};
}
inline void destroy_product(void* options) { delete static_cast<ProductOptions*>(options); }

// The operations' inputs. A pointer is null where the operation is left out.
struct Epilogue {
  const float *scale = nullptr, *bias = nullptr, *added = nullptr;
  bool relu = false;

  // Prefetches the kColumns numbers of y and of the added tensor from `at` on.
  [[gnu::always_inline]] void fetch(const float* y, int64_t at) const {
    for (const float* of : {y, added}) {
      if (!of) continue;
      __builtin_prefetch(of + at);
      __builtin_prefetch(of + at + kColumns - 1);
    }
  }
  // Applies the operations to one vector or number.
  // @param column the column of the first lane  @param at the result's index in y
  [[gnu::always_inline]] Lanes of(Lanes value, int64_t column, int64_t at) const {
    if (scale) value *= load(scale + column);
    if (bias) value += load(bias + column);
    if (added) value += load(added + at);
    // The comparison has this direction so that NaN stays NaN.
    if (relu) value = value < 0.0f ? Lanes{} : value;
    return value;
  }
  float of(float value, int64_t column, int64_t at) const {
    if (scale) value *= scale[column];
    if (bias) value += bias[column];
    if (added) value += added[at];
    return relu && value < 0.0f ? 0.0f : value;
  }
};

// Returns the channels of the result of a 3 x 3 convolution, or of the gradient of its image. The call fails where x
// [batch, height, width, channels] and weight [3, 3, in, out] don't fit each other.
inline int64_t channels_of(Call& call, const ProductOptions& options, const Buffer& x, const Buffer& w) {
  const int from = options.gradient ? 3 : 2;
  if (x.shape.size() == 4 && w.shape.size() == 4 && w.shape[0] == 3 && w.shape[1] == 3 && w.shape[from] == x.shape[3])
    return w.shape[5 - from];
  call.fail("x [batch, height, width, in] and weight [3, 3, in, out] don't fit each other");
  return 0;
}

// Reads the inputs of `options` and makes the result of the given shape. The result takes the added tensor's memory if
// nobody else reads it. The call fails where shapes don't fit.
struct Ends {
  Epilogue epilogue;
  Buffer y;
};
inline Ends ends_of(Call& call, const ProductOptions& options, const std::vector<int64_t>& shape) {
  Ends ends;
  int next = 2;
  const auto vector = [&](bool there) -> const float* {
    if (!there) return nullptr;
    const Buffer given = call.input(next++);
    if (!call.failed() && given.size() != shape.back()) call.fail("a scale or bias has to be as long as the result has columns");
    return given.data;
  };
  ends.epilogue.scale = vector(options.scale);
  ends.epilogue.bias = vector(options.bias);
  ends.epilogue.relu = options.relu;
  if (options.add) {
    const Buffer added = call.input(next);
    if (!call.failed() && added.shape != shape) call.fail("what is added has to have the result's shape");
    ends.epilogue.added = added.data;
  }
  if (!call.failed()) ends.y = options.add ? call.output_in_place(0, next, shape) : call.output(0, shape);
  return ends;
}

}  // namespace studio
