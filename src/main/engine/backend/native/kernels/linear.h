// The product of a linear layer in pieces, so that an op can distribute them together with others (linear.cc,
// linear_grad.cc).
#pragma once
#include "epilogue.h"
#include "half.h"
#include "parallel.h"

namespace studio {

// y [rows, columns] from x [rows, depth]. w is [depth, columns], or [columns, depth] if it is `turned`.
struct Product {
  const Buffer& x;
  const float* w;
  const Buffer& y;
  int64_t rows, columns, depth;
  bool turned;
  Epilogue epilogue;
  // Number of rows of a piece.
  int64_t block;
  // Whether products are computed in bfloat16; only then may x and y be bfloat16.
  bool half;

  // Number of steps along the depth; a step is a number, or a pair of bfloat16.
  int64_t steps() const { return half ? up(depth, 2) : depth; }

  // Number of floats of the packed weights, and number of pieces in which they are packed.
  int64_t packed_size() const;
  int64_t packs() const;
  void pack(int64_t index, float* packed) const;
  // Number of pieces of the result.
  int64_t blocks() const;
  void compute(int64_t index, const float* packed) const;
};

// Returns a number of rows of a piece with which threads finish at about the same time: at most `most`, which is a
// multiple of kUnit.
int64_t even_block(int64_t rows, int64_t most);
constexpr int64_t kMostRows = up(60, kRows) * kRows;

}  // namespace studio
