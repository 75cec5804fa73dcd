// Attention of one head, softmax(scale q k' + bias + mask) v (Vaswani et al., 2017, sec. 3.2.1), and its gradient. The
// scores never leave a core's caches. They are computed for one panel of queries at a time, and computed again for the
// gradient, as Dao et al. (FlashAttention, NeurIPS 2022, sec. 3.1) do on a GPU. Only q, k and v are stored.
#pragma once
#include <algorithm>
#include <limits>

#include "half.h"
#include "kernel.h"
#include "parallel.h"
#include "tile.h"
#include "vector_math.h"

namespace studio {

// The queries of a panel are next to each other, so that softmax works on whole vectors. Scores are [keys, kPanel];
// everything else is [rows, columns of a head].
#ifdef __AVX512F__
constexpr int64_t kPanel = 16;
constexpr int kKeys = 16, kTile = 16;
#else
constexpr int64_t kPanel = 24;
constexpr int kKeys = 4, kTile = kRows;
#endif
// Number of the gradient's panels whose scores are kept at a time. With keys and values they fit in a core's
// second-level cache.
constexpr int64_t kGroup = 72 / kPanel;

struct HeadSides {
  int64_t queries, keys, width;
  float scale;

  // The head's width rounded up to whole vectors. The last vector may hold zeros.
  int64_t wide() const { return up(width, kColumns) * kColumns; }
  int64_t panels() const { return up(queries, kPanel); }
  // Number of floats of a panel's scores, and of everything that is added to one head's scores.
  int64_t panel_size() const { return keys * kPanel; }
  int64_t added_size() const { return panels() * panel_size(); }
};

// Rows of a head in a buffer, `stride` numbers apart. Number `first` of the buffer is row 0, column 0 of the head. With
// `places`, row i is at places[i] instead of at i.
struct HeadRows {
  const Buffer* buffer = nullptr;
  int64_t first = 0, stride = 0;
  const int32_t* places = nullptr;

  bool half() const { return buffer->half; }
  int64_t at(int64_t index) const { return first + (places ? places[index] : index) * stride; }
  float* row(int64_t index) const { return buffer->data + at(index); }
  Half* half_row(int64_t index) const { return buffer->halves() + at(index); }
};

// The inputs of a head, and their gradients.
struct HeadInput {
  HeadRows q, k, v;
};
struct HeadGradients {
  HeadRows q, k, v;
};

// The bias and the mask that are added to the scores, by panels of queries: [panels, keys, kPanel]. Either may be null.
struct AddedScores {
  const float *bias = nullptr, *mask = nullptr;
};

// Rearranges [queries, keys] into panels [panels, keys, kPanel], with zeros where there is no query.
inline void by_panels(const float* from, int64_t queries, int64_t keys, float* to) {
  for (int64_t first = 0; first < queries; first += kPanel)
    for (int64_t key = 0; key < keys; key++, to += kPanel)
      for (int64_t at = 0; at < kPanel; at++) to[at] = first + at < queries ? from[(first + at) * keys + key] : 0.0f;
}

// Computes y = softmax(scale q k' + bias + mask) v of one head.
void attend(const HeadInput& head, const HeadSides& sides, const AddedScores& added, const HeadRows& y);

// Computes the gradients of q, k and v from dy.
// @param dbias gets the gradient of the added scores, by panels, added to its values; null where it isn't needed
void attend_grad(const HeadInput& head, const HeadRows& dy, const HeadSides& sides, const AddedScores& added, const HeadGradients& gradients,
                 float* dbias);

}  // namespace studio
