// Prepares runs before they are started.
//
// Before the first run of a set of feeds and fetches, TensorFlow prunes the graph, fuses its ops and places them, which
// takes a good part of a second. A run whose feeds are all empty bool tensors does only that part: DirectSession::Run
// makes its executors first, then checks the feeds' types, and refuses ours. Each such run has a thread of its own, so
// steps of other signatures run meanwhile.
//
// Starting TensorFlow, tfjs and Node touches hundreds of megabytes of their files that no step reads again. Before the
// first run of a signature their clean pages are returned to the system. Pages that are needed again come back from the
// system's page cache.
#pragma once
#include <mutex>
#include <thread>
#include <vector>
#include "file_pages.h"
#include "tensorflow/c/c_api.h"

namespace studio {

// The inputs and the outputs of a run, as places in the graph.
struct Ends {
  std::vector<TF_Output> feeds, fetches;
};

class Preparations {
 public:
  ~Preparations() { wait(); }

  void start(TF_Session* session, Ends ends) {
    std::lock_guard<std::mutex> lock(mutex_);
    threads_.emplace_back([this, session, ends = std::move(ends)] {
      // Preparations run one after the other, because the training step needs the other cores.
      std::lock_guard<std::mutex> turn(turn_);
      prepare(session, ends);
      trim_file_pages();
    });
  }

  // Waits until no preparation runs. A session must outlive its preparations.
  void wait() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  static TF_Tensor* no_bools() {
    const int64_t length = 0;
    return TF_AllocateTensor(TF_BOOL, &length, 1, 0);
  }

  // Errors are ignored here, because the run itself fails in the same way and reports it.
  static void prepare(TF_Session* session, const Ends& ends) {
    std::vector<TF_Tensor*> values, results(ends.fetches.size(), nullptr);
    for (size_t at = 0; at < ends.feeds.size(); at++) values.push_back(no_bools());
    TF_Status* status = TF_NewStatus();
    TF_SessionRun(session, nullptr, ends.feeds.data(), values.data(), static_cast<int>(values.size()), ends.fetches.data(), results.data(),
                  static_cast<int>(results.size()), nullptr, 0, nullptr, status);
    TF_DeleteStatus(status);
    for (TF_Tensor* value : values) TF_DeleteTensor(value);
    for (TF_Tensor* result : results)
      if (result) TF_DeleteTensor(result);
  }

  std::mutex mutex_, turn_;
  std::vector<std::thread> threads_;
};

inline Preparations& preparations() {
  static Preparations instance;
  return instance;
}

}  // namespace studio
