#include "scratch.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace studio {
namespace {

using Clock = OpScratch::Clock;

// How long unused memory is kept.
constexpr std::chrono::seconds kKept{10};

int64_t lines_for(int64_t floats) { return (floats + 15) / 16; }

// The memory of a thread. It shrinks once less than half of it was needed for some time.
class Kept {
 public:
  float* at_least(int64_t lines) {
    const auto now = Clock::now();
    most_ = std::max(most_, lines);
    if (now - since_ > kKept) {
      if (2 * most_ < block_.lines()) block_.make(most_);
      most_ = lines;
      since_ = now;
    }
    if (block_.lines() < lines) block_.make(lines);
    return block_.data();
  }

 private:
  Block block_;
  int64_t most_ = 0;
  Clock::time_point since_ = Clock::now();
};

// The memory that no op uses at the moment.
class Free {
 public:
  static Free& instance() {
    // This is never destroyed, because ops may end after static destructors.
    static Free* free = new Free();
    return *free;
  }

  // Takes the smallest block that suffices, or else the largest, which the caller enlarges. The result is empty where
  // there is none.
  OpScratch::Lent take(int64_t lines) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (blocks_.empty()) return {};
    const auto fits = [&](const OpScratch::Lent& lent) { return lent.block.lines() >= lines; };
    const auto best = std::min_element(blocks_.begin(), blocks_.end(), [&](const auto& one, const auto& other) {
      if (fits(one) != fits(other)) return fits(one);
      return fits(one) ? one.block.lines() < other.block.lines() : one.block.lines() > other.block.lines();
    });
    OpScratch::Lent taken = std::move(*best);
    blocks_.erase(best);
    return taken;
  }

  void put(OpScratch::Lent lent) {
    const auto now = Clock::now();
    std::lock_guard<std::mutex> lock(mutex_);
    blocks_.push_back(std::move(lent));
    blocks_.erase(std::remove_if(blocks_.begin(), blocks_.end(), [&](const auto& each) { return now - each.needed > kKept; }), blocks_.end());
  }

 private:
  std::mutex mutex_;
  std::vector<OpScratch::Lent> blocks_;
};

}  // namespace

void Block::make(int64_t lines) {
  drop();
  memory_.reset(new Line[lines]);
  lines_ = lines;
}

void Block::drop() {
  memory_.reset();
  lines_ = 0;
}

float* scratch(int64_t floats) {
  thread_local Kept memory;
  return memory.at_least(lines_for(floats));
}

OpScratch::OpScratch(int64_t floats) : lent_(Free::instance().take(lines_for(floats))) {
  const int64_t lines = lines_for(floats);
  if (lent_.block.lines() < lines) lent_.block.make(lines);
  if (2 * lines > lent_.block.lines()) lent_.needed = Clock::now();
}

OpScratch::~OpScratch() {
  if (lent_.block.data()) Free::instance().put(std::move(lent_));
}

}  // namespace studio
