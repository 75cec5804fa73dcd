// Memory that kernels compute with. It is kept between uses, because fresh pages cost about as much as the work on
// them, and given back when nothing has needed it for some seconds: a stage of smaller images doesn't hold what a
// larger one did.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>

namespace studio {

// Lines of a cache, so that what is handed out begins at one.
class Block {
 public:
  // @throws std::bad_alloc
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

// Memory of this thread for one piece of work; the next call may give the same. @throws std::bad_alloc
float* scratch(int64_t floats);

// Memory of an op for as long as this lives, which its pieces share. Ops that run one after the other take the same, on
// whatever threads they run.
class OpScratch {
 public:
  using Clock = std::chrono::steady_clock;
  // @throws std::bad_alloc
  explicit OpScratch(int64_t floats);
  OpScratch(const OpScratch&) = delete;
  OpScratch& operator=(const OpScratch&) = delete;
  ~OpScratch();
  float* data() const { return lent_.block.data(); }

  struct Lent {
    Block block;
    // When an op last needed more than half of it.
    Clock::time_point needed;
  };

 private:
  Lent lent_;
};

}  // namespace studio
