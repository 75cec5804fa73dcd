// The product of a linear layer in pieces, so that an op can hand them out together with others (linear.cc, linear_grad.cc).
#pragma once
#include "epilogue.h"
#include "half.h"
#include "parallel.h"

namespace studio {

// y [rows, columns] from x [rows, depth]; w is [depth, columns], or if it is turned [columns, depth].
struct Product {
  const Buffer& x;
  const float* w;
  const Buffer& y;
  int64_t rows, columns, depth;
  bool turned;
  Epilogue epilogue;
  // Rows of a piece.
  int64_t block;
  // Whether products are in bfloat16, which x and y may be of then.
  bool half;

  // Steps along the depth: numbers, or pairs of bfloat16.
  int64_t steps() const { return half ? up(depth, 2) : depth; }

  // Floats of the packed weights, and the pieces of packing them.
  int64_t packed_size() const;
  int64_t packs() const;
  void pack(int64_t index, float* packed) const;
  // Pieces of the result.
  int64_t blocks() const;
  void compute(int64_t index, const float* packed) const;
};

// Rows of a piece with which no thread waits long for the others' last one: at most `most`, a multiple of kUnit.
int64_t even_block(int64_t rows, int64_t most);
constexpr int64_t kMostRows = up(60, kRows) * kRows;

}  // namespace studio
