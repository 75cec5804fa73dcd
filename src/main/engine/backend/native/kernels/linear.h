// The product of a linear layer or a 3 x 3 convolution in pieces, so that an op can distribute them together with others
// (linear.cc, linear_grad.cc, conv.cc).
#pragma once
#include "epilogue.h"
#include "half.h"
#include "parallel.h"

namespace studio {

// The images [height, width, channels] of a convolution of 3 x 3 with stride 1 and padding 1; without one, height is 0.
struct Window {
  int64_t height = 0, width = 0;

  // Number of pixels that each result is a sum over.
  int64_t positions() const { return height ? 9 : 1; }
};

// y [rows, columns] from x [rows, depth]. w is [depth, columns], or [columns, depth] if it is `turned`. With a window,
// w has such a matrix for each position, and a turned one has them in reverse order; depth is even then.
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
  Window window = {};

  // Number of steps along the depth of one position; a step is a number, or a pair of bfloat16.
  int64_t position_steps() const { return half ? up(depth, 2) : depth; }
  int64_t steps() const { return window.positions() * position_steps(); }
  // Number of rows of weights.
  int64_t weight_rows() const { return window.positions() * depth; }

  // Number of floats of the packed weights, and number of pieces in which they are packed.
  int64_t packed_size() const;
  int64_t packs() const;
  void pack(int64_t index, float* packed) const;
  // Number of pieces of the result.
  int64_t blocks() const;
  void compute(int64_t index, const float* packed) const;
  // Computes all of them.
  void compute() const;
};

// Returns a number of rows of a piece with which threads finish at about the same time: at most `most`, which is a
// multiple of kUnit.
int64_t even_block(int64_t rows, int64_t most);
constexpr int64_t kMostRows = up(60, kRows) * kRows;

}  // namespace studio
