// Splits a kernel's work over threads. The C API of kernels doesn't lend TensorFlow's own pool, so there is one of ours with as many threads; they
// sleep while no kernel of ours runs. Chunks don't depend on which thread takes them, so that results are the same from run to run.
#pragma once
#include <cstdint>
#include <functional>

namespace studio {

constexpr int64_t up(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }

// How many there are.
int threads();

// Calls work(0) .. work(chunks - 1), on the calling thread too; returns when all have ended, and throws what one of
// them threw.
void parallel(int64_t chunks, const std::function<void(int64_t)>& work);

// Calls work(begin, end) for ranges of `chunk` (the last may be shorter) that cover [0, total).
inline void parallel_ranges(int64_t total, int64_t chunk, const std::function<void(int64_t, int64_t)>& work) {
  const int64_t chunks = (total + chunk - 1) / chunk;
  parallel(chunks, [&](int64_t index) {
    const int64_t begin = index * chunk;
    work(begin, begin + chunk < total ? begin + chunk : total);
  });
}

// The same for work(index), none of which begins before all of before(0) .. before(befores - 1) has ended: as one piece of work, because waking a
// thread takes as long as some of the first half does. Whoever is done waits for what is still in hand.
void parallel_after(int64_t befores, const std::function<void(int64_t)>& before, int64_t chunks, const std::function<void(int64_t)>& work);

// Floats that a chunk of an elementwise kernel takes: its streams together stay within a core's second cache.
constexpr int64_t kChunk = 1 << 14;

}  // namespace studio
