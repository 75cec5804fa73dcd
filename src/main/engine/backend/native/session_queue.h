// A session with a thread of its own, which makes the given runs in order. The caller can make the next run's inputs
// while a run is computed, so the device gets its next run as soon as it has finished one.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>
#include "session_preparations.h"
#include "tensorflow/c/c_api.h"

namespace studio {

// A run's inputs, and its results once it is done. The run owns these tensors.
struct Run {
  Ends ends;
  std::vector<TF_Tensor*> values, results;
  TF_Status* status = TF_NewStatus();
  bool done = false;
  // Milliseconds that the run took, and milliseconds that the session had no run before it.
  double took = 0, idle_before = 0;

  Run() = default;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  virtual ~Run() {
    for (TF_Tensor* value : values) TF_DeleteTensor(value);
    for (TF_Tensor* result : results)
      if (result) TF_DeleteTensor(result);
    TF_DeleteStatus(status);
  }
};

class SessionQueue {
 public:
  // Takes ownership of both.
  SessionQueue(TF_Session* session, TF_Graph* graph) : graph_(graph), session_(session), thread_([this] { work(); }) { Open::all().add(this); }
  SessionQueue(const SessionQueue&) = delete;
  SessionQueue& operator=(const SessionQueue&) = delete;
  ~SessionQueue() {
    Open::all().remove(this);
    stop();
    preparations().wait();
    TF_Status* status = TF_NewStatus();
    TF_CloseSession(session_, status);
    TF_DeleteSession(session_, status);
    TF_DeleteStatus(status);
    TF_DeleteGraph(graph_);
  }

  TF_Graph* graph() const { return graph_; }

  void prepare(Ends ends) { preparations().start(session_, std::move(ends)); }

  // Queues a run and returns its number at once. The inputs' memory must live until the run is done.
  int start(std::unique_ptr<Run> run) {
    std::lock_guard<std::mutex> lock(mutex_);
    const int id = next_id_++;
    waiting_.push_back(run.get());
    runs_.emplace(id, std::move(run));
    changed_.notify_all();
    return id;
  }

  // Blocks until the run is done, then returns it. Returns null where no such run exists, or where it was returned
  // before.
  std::unique_ptr<Run> finish(int id) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto found = runs_.find(id);
    if (found == runs_.end()) return nullptr;
    changed_.wait(lock, [&] { return found->second->done; });
    std::unique_ptr<Run> run = std::move(found->second);
    runs_.erase(found);
    return run;
  }

  // Waits for the run that has begun; later runs never begin. It deletes every run that nobody has finished.
  void stop() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    waiting_.clear();
    runs_.clear();
  }

 private:
  // Stops all open queues when the process exits. A run must end before TensorFlow's own globals are destroyed.
  class Open {
   public:
    static Open& all() {
      static Open instance;
      return instance;
    }
    ~Open() {
      for (SessionQueue* queue : queues_) queue->stop();
    }
    void add(SessionQueue* queue) {
      std::lock_guard<std::mutex> lock(mutex_);
      queues_.insert(queue);
    }
    void remove(SessionQueue* queue) {
      std::lock_guard<std::mutex> lock(mutex_);
      queues_.erase(queue);
    }

   private:
    std::mutex mutex_;
    std::set<SessionQueue*> queues_;
  };

  void work() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      Run* run = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      perform(*run);
      lock.lock();
      run->done = true;
      changed_.notify_all();
    }
  }

  void perform(Run& run) {
    const Ends& ends = run.ends;
    const double began = now();
    run.idle_before = began - ended_;
    // Runs with the same first fetch have the same signature.
    if (!ends.fetches.empty() && known_.insert(ends.fetches[0].oper).second) trim_file_pages();
    run.results.assign(ends.fetches.size(), nullptr);
    TF_SessionRun(session_, nullptr, ends.feeds.data(), run.values.data(), static_cast<int>(run.values.size()), ends.fetches.data(), run.results.data(),
                  static_cast<int>(run.results.size()), nullptr, 0, nullptr, run.status);
    ended_ = now();
    run.took = ended_ - began;
  }

  static double now() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

  TF_Graph* graph_;
  TF_Session* session_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Run*> waiting_;
  std::map<int, std::unique_ptr<Run>> runs_;
  int next_id_ = 0;
  bool stopped_ = false;
  std::set<const TF_Operation*> known_;
  // Time at which the last run ended, in milliseconds.
  double ended_ = now();
  // The thread is the last member because it uses all the others.
  std::thread thread_;
};

}  // namespace studio
