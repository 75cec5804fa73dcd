// Memory that kernels compute with. It is kept between uses, because fresh pages cost about as much as the work on
// them. It is freed when it hasn't been needed for some seconds, so a stage with smaller images doesn't hold the memory
// of a larger one.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>

namespace studio {

// A number of cache lines; `data` is aligned to a line.
class Block {
 public:
  // Allocates `lines` lines in place of the block's memory. @throws std::bad_alloc
  void make(int64_t lines);
  void drop();
  int64_t lines() const { return lines_; }
  float* data() const { return memory_ ? memory_[0].values : nullptr; }

 private:
  struct alignas(64) Line {
    float values[16];
  };
  std::unique_ptr<Line[]> memory_;
  int64_t lines_ = 0;
};

// Returns memory of this thread for one piece of work. The next call may return the same memory. @throws std::bad_alloc
float* scratch(int64_t floats);

// Memory of an op for the lifetime of this object; all the op's pieces share it. Ops that run one after the other get
// the same memory, on whatever threads they run.
class OpScratch {
 public:
  using Clock = std::chrono::steady_clock;
  // @param floats the least number of floats @throws std::bad_alloc
  explicit OpScratch(int64_t floats);
  OpScratch(const OpScratch&) = delete;
  OpScratch& operator=(const OpScratch&) = delete;
  ~OpScratch();
  float* data() const { return lent_.block.data(); }

  struct Lent {
    Block block;
    // Time at which an op last needed more than half of the block.
    Clock::time_point needed;
  };

 private:
  Lent lent_;
};

}  // namespace studio
