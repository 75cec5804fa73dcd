// What memory the kernels hold for their work: a thread's own, that of ops one after the other, after a while in which
// nothing needed it, and where the system has none. A second of scratch.cc is a twentieth of one here.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <ratio>
#include <thread>
#include <vector>

#define seconds duration<int64_t, std::ratio<1, 20>>
#include "kernels/scratch.cc"
#undef seconds

namespace {

constexpr int64_t kMegabyte = int64_t{1} << 20;

// Bytes of blocks that are held, and the most that there can be.
int64_t held = 0;
int64_t limit = 1000 * kMegabyte;

void release(void* memory) {
  if (memory) held -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

int64_t megabytes() { return held / kMegabyte; }
int64_t floats_of(int64_t megabytes) { return megabytes * kMegabyte / 4; }
void wait() { std::this_thread::sleep_for(std::chrono::milliseconds(700)); }

template <class Act>
bool is_refused(Act act) {
  try {
    act();
    return false;
  } catch (const std::bad_alloc&) {
    return true;
  }
}

}  // namespace

void* operator new[](size_t size, std::align_val_t alignment) {
  void* memory = held + static_cast<int64_t>(size) > limit ? nullptr : std::aligned_alloc(static_cast<size_t>(alignment), size);
  if (!memory) throw std::bad_alloc();
  held += static_cast<int64_t>(malloc_usable_size(memory));
  return memory;
}
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { release(memory); }

int main() {
  using studio::OpScratch;
  using studio::scratch;
  const bool aligned = reinterpret_cast<uintptr_t>(scratch(floats_of(32))) % 64 == 0;
  std::printf("aligned %d thread %ld", aligned, static_cast<long>(megabytes()));
  scratch(floats_of(4));
  std::printf(" %ld", static_cast<long>(megabytes()));
  for (int use = 0; use < 2; use++) {
    wait();
    scratch(floats_of(4));
  }
  const int64_t own = megabytes();
  std::printf(" %ld\n", static_cast<long>(own));

  { OpScratch one(floats_of(16)); }
  { OpScratch next(floats_of(16)); }
  std::printf("ops %ld", static_cast<long>(megabytes() - own));
  {
    OpScratch one(floats_of(16));
    OpScratch beside(floats_of(16));
    std::printf(" %ld", static_cast<long>(megabytes() - own));
  }
  wait();
  for (int use = 0; use < 3; use++) OpScratch small(16);
  std::printf(" %ld\n", static_cast<long>(megabytes() - own));

  limit = held + kMegabyte;
  const bool thread_refused = is_refused([] { scratch(floats_of(64)); });
  const bool op_refused = is_refused([] { OpScratch large(floats_of(64)); });
  limit = 1000 * kMegabyte;
  float* again = scratch(floats_of(8));
  again[floats_of(8) - 1] = 1;
  std::printf("refused %d %d then %ld\n", thread_refused, op_refused, static_cast<long>(megabytes()));
}
