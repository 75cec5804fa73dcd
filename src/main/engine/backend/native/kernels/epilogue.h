// What follows a product while its tile is still in registers: times a scale and plus a bias (a number for each column), plus another tensor, a ReLU.
#pragma once
#include "kernel.h"
#include "tile.h"

namespace studio {

// Attributes of an op that has these parts; its inputs behind x and the weights are those that are true, in this order.
struct ProductOptions {
  bool scale, bias, add, relu;
  // Whether it is the gradient of x that is asked for, from the result's.
  bool gradient;
  // Whether products are in bfloat16.
  bool half;
};

inline const std::vector<const char*> kProductAttrs = {"count: int >= 0", "scale: bool",    "bias: bool", "add: bool",
                                                       "relu: bool",      "gradient: bool", "half_products: bool = false"};

inline void* create_product(TF_OpKernelConstruction* construction) {
  return new ProductOptions{bool_attr(construction, "scale"), bool_attr(construction, "bias"), bool_attr(construction, "add"),
                            bool_attr(construction, "relu"), bool_attr(construction, "gradient"), bool_attr(construction, "half_products")};
}
inline void destroy_product(void* options) { delete static_cast<ProductOptions*>(options); }

// Null where there is none.
struct Epilogue {
  const float *scale = nullptr, *bias = nullptr, *added = nullptr;
  bool relu = false;

  // Asks for the lines that y and the added tensor have from `at` for kColumns.
  [[gnu::always_inline]] void fetch(const float* y, int64_t at) const {
    for (const float* of : {y, added}) {
      if (!of) continue;
      __builtin_prefetch(of + at);
      __builtin_prefetch(of + at + kColumns - 1);
    }
  }
  // @param column the first of the lanes'  @param at where the result goes
  [[gnu::always_inline]] Lanes of(Lanes value, int64_t column, int64_t at) const {
    if (scale) value *= load(scale + column);
    if (bias) value += load(bias + column);
    if (added) value += load(added + at);
    // What is no number stays so.
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

// Takes the inputs of `options` and makes the result of the given shape, in the added tensor's memory if nobody else reads it; fails where they don't fit.
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
