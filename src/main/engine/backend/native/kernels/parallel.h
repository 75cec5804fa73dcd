// Splits a kernel's work over threads. TensorFlow's C API for kernels gives no access to its own thread pool, so we
// have one with as many threads, which sleep while none of our kernels runs. Chunks don't depend on the thread that
// takes them, so results are the same from run to run.
#pragma once
#include <cstdint>
#include <functional>

namespace studio {

constexpr int64_t up(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }

// Returns the number of threads.
int threads();

// Calls work(0) .. work(chunks - 1), on the calling thread too. It returns when all have ended, and throws the first
// exception of any of them.
void parallel(int64_t chunks, const std::function<void(int64_t)>& work);

// Calls work(begin, end) for ranges of length `chunk` that cover [0, total). The last range may be shorter.
inline void parallel_ranges(int64_t total, int64_t chunk, const std::function<void(int64_t, int64_t)>& work) {
  const int64_t chunks = (total + chunk - 1) / chunk;
  parallel(chunks, [&](int64_t index) {
    const int64_t begin = index * chunk;
    work(begin, begin + chunk < total ? begin + chunk : total);
  });
}

// Calls all of before(0) .. before(befores - 1), and after them all of work(0) .. work(chunks - 1). Both are one job,
// because waking a thread takes as long as part of the first half. Threads that are done wait for the calls of `before`
// that still run.
void parallel_after(int64_t befores, const std::function<void(int64_t)>& before, int64_t chunks, const std::function<void(int64_t)>& work);

// Number of floats of a chunk of an elementwise kernel. All its arrays together fit in a core's second-level cache.
constexpr int64_t kChunk = 1 << 14;

}  // namespace studio
