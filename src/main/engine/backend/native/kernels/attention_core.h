// Attention of one head and its gradient, softmax(scale q k' + bias + mask) v (Vaswani et al., 2017). Its scores never leave a core's caches: they are made for a panel of
// queries at a time, used, and made again for the gradient (as Dao et al., NeurIPS 2022, do on a GPU), so that nothing but q, k and v is kept.
#pragma once
#include <algorithm>
#include <limits>

#include "half.h"
#include "kernel.h"
#include "parallel.h"
#include "tile.h"
#include "vector_math.h"

namespace studio {

// Queries of a panel lie beside each other, so that softmax runs along whole vectors. Scores: keys by a panel of queries; everything else: rows by columns
// of a head.
#ifdef __AVX512F__
constexpr int64_t kPanel = 16;
constexpr int kKeys = 16, kTile = 16;
#else
constexpr int64_t kPanel = 24;
constexpr int kKeys = 4, kTile = kRows;
#endif
// Panels of the gradient whose scores are kept at a time: with keys and values they stay in a core's second cache.
constexpr int64_t kGroup = 72 / kPanel;

struct HeadSides {
  int64_t queries, keys, width;
  float scale;

  // A head's columns in whole vectors, the last of which may be zeros in part.
  int64_t wide() const { return up(width, kColumns) * kColumns; }
  int64_t panels() const { return up(queries, kPanel); }
  // Floats of a panel's scores, and of what is added to all of a head's.
  int64_t panel_size() const { return keys * kPanel; }
  int64_t added_size() const { return panels() * panel_size(); }
};

// Rows of `stride` numbers of a buffer, from number `first` on, which is in the first column of a head: one behind the other, or at `places`.
struct HeadRows {
  const Buffer* buffer = nullptr;
  int64_t first = 0, stride = 0;
  const int32_t* places = nullptr;

  bool half() const { return buffer->half; }
  int64_t at(int64_t index) const { return first + (places ? places[index] : index) * stride; }
  float* row(int64_t index) const { return buffer->data + at(index); }
  Half* half_row(int64_t index) const { return buffer->halves() + at(index); }
};

// What a head is made of, and what its gradients are.
struct HeadInput {
  HeadRows q, k, v;
};
struct HeadGradients {
  HeadRows q, k, v;
};

// What is added to the scores, by panels of queries: [panels, keys, kPanel]. Null: nothing.
struct AddedScores {
  const float *bias = nullptr, *mask = nullptr;
};

// [queries, keys] by panels of queries; zeros where there is no query.
inline void by_panels(const float* from, int64_t queries, int64_t keys, float* to) {
  for (int64_t first = 0; first < queries; first += kPanel)
    for (int64_t key = 0; key < keys; key++, to += kPanel)
      for (int64_t at = 0; at < kPanel; at++) to[at] = first + at < queries ? from[(first + at) * keys + key] : 0.0f;
}

// y = softmax(..) v of a head.
void attend(const HeadInput& head, const HeadSides& sides, const AddedScores& added, const HeadRows& y);

// Its gradients from dy. @param dbias the gradient at what is added to the scores, by panels, which is added to what is there; null: nobody wants it
void attend_grad(const HeadInput& head, const HeadRows& dy, const HeadSides& sides, const AddedScores& added, const HeadGradients& gradients,
                 float* dbias);

}  // namespace studio
