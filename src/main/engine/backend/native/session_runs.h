// Runs of the sessions that tfjs-node opens, included before its sources as session_options.h is.
//
// Preparing: before the first run of a set of feeds and fetches TensorFlow cuts the graph to size, fuses and places it, for a good part of a second. A run whose
// feeds are all empty bool tensors does that part only, in a thread of its own, and returns scalars at once. (DirectSession::Run makes its
// executors first, looks at the feeds' types then, and refuses ours.) Steps of other signatures go on meanwhile.
//
// Trimming: starting TensorFlow, tfjs and Node touches hundreds of megabytes of their files that no step reads again. Before the first run of
// a signature their clean pages are given back; what is needed comes back from the system's page cache.
#pragma once
#include <mutex>
#include <set>
#include <thread>
#include <vector>
#include "file_pages.h"
#include "tensorflow/c/c_api.h"

namespace studio {

struct Run {
  TF_Session* session;
  std::vector<TF_Output> feeds, fetches;
};

class Preparations {
 public:
  ~Preparations() { wait(); }

  void start(Run run) {
    std::lock_guard<std::mutex> lock(mutex_);
    threads_.emplace_back([this, run = std::move(run)] {
      // One after the other: the step wants the other core.
      std::lock_guard<std::mutex> turn(turn_);
      prepare(run);
      trim_file_pages();
    });
  }

  // Until none is going on: a session must outlive them.
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

  // What goes wrong here goes wrong again in the run itself, and is told there.
  static void prepare(const Run& run) {
    std::vector<TF_Tensor*> values, results(run.fetches.size(), nullptr);
    for (size_t at = 0; at < run.feeds.size(); at++) values.push_back(no_bools());
    TF_Status* status = TF_NewStatus();
    TF_SessionRun(run.session, nullptr, run.feeds.data(), values.data(), static_cast<int>(values.size()), run.fetches.data(), results.data(),
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

inline bool asks_to_prepare(TF_Tensor* const* values, int count) {
  for (int at = 0; at < count; at++)
    if (TF_TensorType(values[at]) != TF_BOOL || TF_NumDims(values[at]) != 1 || TF_Dim(values[at], 0) != 0) return false;
  return count > 0;
}

// Whether runs that fetch this first have been before.
inline bool is_new(const TF_Operation* fetched) {
  static std::mutex mutex;
  static std::set<const TF_Operation*> known;
  std::lock_guard<std::mutex> lock(mutex);
  return known.insert(fetched).second;
}

}  // namespace studio

inline void studio_SessionRun(TF_Session* session, const TF_Buffer* options, const TF_Output* feeds, TF_Tensor* const* values, int feed_count,
                              const TF_Output* fetches, TF_Tensor** results, int fetch_count, const TF_Operation* const* targets,
                              int target_count, TF_Buffer* metadata, TF_Status* status) {
  if (studio::asks_to_prepare(values, feed_count)) {
    studio::preparations().start({session, {feeds, feeds + feed_count}, {fetches, fetches + fetch_count}});
    for (int at = 0; at < fetch_count; at++) {
      results[at] = TF_AllocateTensor(TF_FLOAT, nullptr, 0, sizeof(float));
      *static_cast<float*>(TF_TensorData(results[at])) = 0;
    }
    TF_SetStatus(status, TF_OK, "");
    return;
  }
  if (fetch_count > 0 && studio::is_new(fetches[0].oper)) studio::trim_file_pages();
  TF_SessionRun(session, options, feeds, values, feed_count, fetches, results, fetch_count, targets, target_count, metadata, status);
}

inline void studio_DeleteSession(TF_Session* session, TF_Status* status) {
  studio::preparations().wait();
  TF_DeleteSession(session, status);
}

#define TF_SessionRun studio_SessionRun
#define TF_DeleteSession studio_DeleteSession
