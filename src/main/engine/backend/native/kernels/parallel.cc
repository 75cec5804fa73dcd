#include "parallel.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

namespace studio {
namespace {

// How often an idle thread looks for work, yielding in between, before it sleeps. This takes about a tenth of a
// millisecond.
constexpr int kRounds = 300;

struct Job {
  const std::function<void(int64_t)>* work;
  int64_t chunks;
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> done{0};
  // The first exception, written under the pool's lock; the caller throws it again.
  std::exception_ptr failure;
};

// The thread pool. TensorFlow may run several kernels at the same time: their jobs are queued, and each caller works on
// its own job.
class Pool {
 public:
  static Pool& instance() {
    // The pool is never destroyed, because its threads outlive static destructors.
    static Pool* pool = new Pool();
    return *pool;
  }

  int threads() const { return threads_; }

  void run(int64_t chunks, const std::function<void(int64_t)>& work) {
    if (chunks <= 1 || threads_ <= 1) {
      for (int64_t index = 0; index < chunks; index++) work(index);
      return;
    }
    auto job = std::make_shared<Job>();
    job->work = &work;
    job->chunks = chunks;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(job);
      jobs_count_.fetch_add(1);
    }
    wake_.notify_all();
    take(*job);
    std::unique_lock<std::mutex> lock(mutex_);
    for (auto at = jobs_.begin(); at != jobs_.end(); ++at) {
      if (*at != job) continue;
      jobs_.erase(at);
      jobs_count_.fetch_sub(1);
      break;
    }
    ended_.wait(lock, [&] { return job->done.load() == job->chunks; });
    if (job->failure) std::rethrow_exception(job->failure);
  }

 private:
  Pool() {
    const char* wanted = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int asked = wanted ? std::atoi(wanted) : 0;
    threads_ = asked > 0 ? asked : static_cast<int>(std::thread::hardware_concurrency());
    for (int index = 1; index < threads_; index++) std::thread([this] { serve(); }).detach();
  }

  void take(Job& job) {
    for (;;) {
      const int64_t index = job.next.fetch_add(1);
      if (index >= job.chunks) return;
      try {
        (*job.work)(index);
      } catch (...) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (!job.failure) job.failure = std::current_exception();
      }
      if (job.done.fetch_add(1) + 1 < job.chunks) continue;
      // With the lock, the caller either hasn't checked yet or is already asleep, so it can't miss this.
      std::lock_guard<std::mutex> lock(mutex_);
      ended_.notify_all();
    }
  }

  void serve() {
    for (;;) {
      std::shared_ptr<Job> job;
      // The next kernel often follows at once, and waking a thread takes longer than some kernels.
      for (int round = 0; round < kRounds && jobs_count_.load(std::memory_order_relaxed) == 0; round++) std::this_thread::yield();
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return (job = open()) != nullptr; });
      }
      take(*job);
    }
  }

  // Returns a job with chunks that nobody has taken, or null.
  std::shared_ptr<Job> open() {
    for (const auto& job : jobs_)
      if (job->next.load() < job->chunks) return job;
    return nullptr;
  }

  int threads_ = 1;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable ended_;
  std::deque<std::shared_ptr<Job>> jobs_;
  // The number of jobs, which can be read without the lock.
  std::atomic<int> jobs_count_{0};
};

}  // namespace

int threads() { return Pool::instance().threads(); }

void parallel(int64_t chunks, const std::function<void(int64_t)>& work) { Pool::instance().run(chunks, work); }

void parallel_after(int64_t befores, const std::function<void(int64_t)>& before, int64_t chunks, const std::function<void(int64_t)>& work) {
  std::atomic<int64_t> done{0};
  // Failed calls are counted too, because others wait for them.
  struct Counted {
    std::atomic<int64_t>& done;
    ~Counted() { done.fetch_add(1, std::memory_order_release); }
  };
  parallel(befores + chunks, [&](int64_t index) {
    if (index < befores) {
      const Counted counted{done};
      return before(index);
    }
    for (int round = 0; done.load(std::memory_order_acquire) < befores; round++)
      if (round < 1000) __builtin_ia32_pause();
      else std::this_thread::yield();
    work(index - befores);
  });
}

}  // namespace studio
