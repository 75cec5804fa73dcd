// The functions of SessionQueue that JavaScript calls; src/main/engine/backend/session-binding.ts has their types.
// Everything here runs on JavaScript's thread, except the queue's own thread.
#include "session_exports.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "session_options.h"
#include "session_queue.h"

namespace studio {
namespace {

// TensorFlow's kernels need memory that begins at a multiple of this many bytes.
constexpr uintptr_t kAlignment = 64;
// tfjs-node cuts an error's message to this many characters.
constexpr size_t kMessage = 499;

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw std::runtime_error(info && info->error_message ? info->error_message : "Node-API call failed");
}

std::string text(napi_env env, napi_value value) {
  size_t length = 0;
  check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string result(length + 1, '\0');
  check(env, napi_get_value_string_utf8(env, value, &result[0], result.size(), &length));
  result.resize(length);
  return result;
}

int64_t integer(napi_env env, napi_value value) {
  int64_t result = 0;
  check(env, napi_get_value_int64(env, value, &result));
  return result;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  check(env, napi_get_named_property(env, object, name, &value));
  return value;
}

template <class Each>
void for_each(napi_env env, napi_value array, const Each& each) {
  uint32_t length = 0;
  check(env, napi_get_array_length(env, array, &length));
  for (uint32_t at = 0; at < length; at++) {
    napi_value value = nullptr;
    check(env, napi_get_element(env, array, at, &value));
    each(value);
  }
}

struct Values {
  napi_typedarray_type type;
  void* data;
  size_t bytes;
};

Values values_of(napi_env env, napi_value array) {
  Values values{};
  size_t length = 0;
  check(env, napi_get_typedarray_info(env, array, &values.type, &length, &values.data, nullptr, nullptr));
  const bool one_byte = values.type == napi_uint8_array || values.type == napi_int8_array || values.type == napi_uint8_clamped_array;
  values.bytes = length * (one_byte ? 1 : 4);
  return values;
}

// A run that reads some inputs from JavaScript's own memory. References keep those arrays from being collected until
// the run is finished.
struct PinningRun : Run {
  std::vector<napi_ref> pinned;
};

// A session as JavaScript holds it. `queue` is null once the session is closed.
struct Session {
  std::unique_ptr<SessionQueue> queue;
  // References of all runs that are not finished, so that closing the session can delete them.
  std::set<napi_ref> pinned;

  void close(napi_env env) {
    queue.reset();
    for (napi_ref ref : pinned) napi_delete_reference(env, ref);
    pinned.clear();
  }
  SessionQueue& open() const {
    if (!queue) throw std::runtime_error("the session is closed");
    return *queue;
  }
};

Session& session_of(napi_env env, napi_value value) {
  void* session = nullptr;
  check(env, napi_get_value_external(env, value, &session));
  return *static_cast<Session*>(session);
}

// Returns the graph's output for a name `node:index`. @throws std::runtime_error where there is no such node
TF_Output end_of(TF_Graph* graph, const std::string& ref) {
  const size_t colon = ref.rfind(':');
  const std::string node = ref.substr(0, colon);
  TF_Operation* operation = TF_GraphOperationByName(graph, node.c_str());
  if (!operation) throw std::runtime_error("there is no node " + node + " in the graph");
  return {operation, colon == std::string::npos ? 0 : std::atoi(ref.c_str() + colon + 1)};
}

// Makes a tensor of an array's values. Aligned bytes are used in place: no variable has bytes, so no op keeps them
// after the run. All other values are copied.
TF_Tensor* tensor_of(napi_env env, napi_value input, std::vector<napi_ref>& pinned) {
  const napi_value array = property(env, input, "values");
  const Values values = values_of(env, array);
  const auto dtype = static_cast<TF_DataType>(integer(env, property(env, input, "dtype")));
  std::vector<int64_t> shape;
  size_t bytes = TF_DataTypeSize(dtype);
  for_each(env, property(env, input, "shape"), [&](napi_value length) {
    shape.push_back(integer(env, length));
    bytes *= static_cast<size_t>(shape.back());
  });
  if (bytes != values.bytes) throw std::runtime_error("an input has another number of bytes than its shape and type say");
  const int rank = static_cast<int>(shape.size());
  if (dtype == TF_UINT8 && bytes > 0 && reinterpret_cast<uintptr_t>(values.data) % kAlignment == 0) {
    napi_ref ref = nullptr;
    check(env, napi_create_reference(env, array, 1, &ref));
    pinned.push_back(ref);
    return TF_NewTensor(dtype, shape.data(), rank, values.data, bytes, [](void*, size_t, void*) {}, nullptr);
  }
  TF_Tensor* tensor = TF_AllocateTensor(dtype, shape.data(), rank, bytes);
  if (!tensor || (bytes > 0 && !TF_TensorData(tensor))) throw std::runtime_error("OOM when allocating a run's input");
  if (bytes > 0) std::memcpy(TF_TensorData(tensor), values.data, bytes);
  return tensor;
}

napi_value array_of(napi_env env, const TF_Tensor* tensor) {
  napi_typedarray_type type = napi_float32_array;
  size_t width = 4;
  switch (TF_TensorType(tensor)) {
    case TF_FLOAT:
      break;
    case TF_INT32:
      type = napi_int32_array;
      break;
    case TF_UINT8:
    case TF_BOOL:
      type = napi_uint8_array;
      width = 1;
      break;
    default:
      throw std::runtime_error("a result has a type that JavaScript has no array for");
  }
  const size_t bytes = TF_TensorByteSize(tensor);
  void* data = nullptr;
  napi_value buffer = nullptr, array = nullptr;
  check(env, napi_create_arraybuffer(env, bytes, &data, &buffer));
  if (bytes > 0) std::memcpy(data, TF_TensorData(tensor), bytes);
  check(env, napi_create_typedarray(env, type, bytes / width, buffer, 0, &array));
  return array;
}

napi_value nothing(napi_env env) {
  napi_value value = nullptr;
  check(env, napi_get_undefined(env, &value));
  return value;
}

// openSession(folder) -> session. It loads the folder's SavedModel.
napi_value open_session(napi_env env, napi_value* given) {
  const std::string folder = text(env, given[0]);
  const char* tags[] = {"serve"};
  TF_SessionOptions* options = studio_NewSessionOptions();
  TF_Graph* graph = TF_NewGraph();
  TF_Status* status = TF_NewStatus();
  TF_Session* opened = TF_LoadSessionFromSavedModel(options, nullptr, folder.c_str(), tags, 1, graph, nullptr, status);
  TF_DeleteSessionOptions(options);
  const std::string why = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  if (!opened) {
    TF_DeleteGraph(graph);
    throw std::runtime_error("Failed to load SavedModel: " + why);
  }
  auto session = std::make_unique<Session>();
  session->queue = std::make_unique<SessionQueue>(opened, graph);
  const auto collected = [](napi_env env, void* data, void*) {
    static_cast<Session*>(data)->close(env);
    delete static_cast<Session*>(data);
  };
  napi_value external = nullptr;
  check(env, napi_create_external(env, session.get(), collected, nullptr, &external));
  session.release();
  return external;
}

// closeSession(session) waits for the run that has begun, then frees the session.
napi_value close_session(napi_env env, napi_value* given) {
  session_of(env, given[0]).close(env);
  return nothing(env);
}

// prepareRun(session, inputs, outputs) prepares such runs in another thread and returns at once.
napi_value prepare_run(napi_env env, napi_value* given) {
  SessionQueue& queue = session_of(env, given[0]).open();
  Ends ends;
  for_each(env, given[1], [&](napi_value ref) { ends.feeds.push_back(end_of(queue.graph(), text(env, ref))); });
  for_each(env, given[2], [&](napi_value ref) { ends.fetches.push_back(end_of(queue.graph(), text(env, ref))); });
  queue.prepare(std::move(ends));
  return nothing(env);
}

// startRun(session, inputs, outputs) -> run. It returns at once.
napi_value start_run(napi_env env, napi_value* given) {
  Session& session = session_of(env, given[0]);
  SessionQueue& queue = session.open();
  auto run = std::make_unique<PinningRun>();
  try {
    for_each(env, given[1], [&](napi_value input) {
      run->ends.feeds.push_back(end_of(queue.graph(), text(env, property(env, input, "ref"))));
      run->values.push_back(tensor_of(env, input, run->pinned));
    });
    for_each(env, given[2], [&](napi_value ref) { run->ends.fetches.push_back(end_of(queue.graph(), text(env, ref))); });
  } catch (...) {
    for (napi_ref ref : run->pinned) napi_delete_reference(env, ref);
    throw;
  }
  session.pinned.insert(run->pinned.begin(), run->pinned.end());
  napi_value id = nullptr;
  check(env, napi_create_int32(env, queue.start(std::move(run)), &id));
  return id;
}

void set_number(napi_env env, napi_value object, const char* name, double number) {
  napi_value value = nullptr;
  check(env, napi_create_double(env, number, &value));
  check(env, napi_set_named_property(env, object, name, value));
}

// finishRun(session, run) -> { values, milliseconds, idleBefore }. It blocks until the run has ended.
napi_value finish_run(napi_env env, napi_value* given) {
  Session& session = session_of(env, given[0]);
  const std::unique_ptr<Run> run = session.open().finish(static_cast<int>(integer(env, given[1])));
  if (!run) throw std::runtime_error("there is no such run, or it has been finished already");
  for (napi_ref ref : static_cast<const PinningRun&>(*run).pinned) {
    session.pinned.erase(ref);
    napi_delete_reference(env, ref);
  }
  if (TF_GetCode(run->status) != TF_OK)
    throw std::runtime_error((std::string("Session fail to run with error: ") + TF_Message(run->status)).substr(0, kMessage));
  napi_value arrays = nullptr;
  check(env, napi_create_array_with_length(env, run->results.size(), &arrays));
  for (size_t at = 0; at < run->results.size(); at++) check(env, napi_set_element(env, arrays, static_cast<uint32_t>(at), array_of(env, run->results[at])));
  napi_value finished = nullptr;
  check(env, napi_create_object(env, &finished));
  check(env, napi_set_named_property(env, finished, "values", arrays));
  set_number(env, finished, "milliseconds", run->took);
  set_number(env, finished, "idleBefore", run->idle_before);
  return finished;
}

// bytesPastAlignment(array) -> the number of bytes from a multiple of kAlignment to the array's memory.
napi_value bytes_past_alignment(napi_env env, napi_value* given) {
  napi_value result = nullptr;
  check(env, napi_create_uint32(env, static_cast<uint32_t>(reinterpret_cast<uintptr_t>(values_of(env, given[0]).data) % kAlignment), &result));
  return result;
}

// Wraps a function for Node: it checks the number of arguments, and turns what is thrown into JavaScript's Error.
template <napi_value (*kCall)(napi_env, napi_value*), size_t kArguments>
napi_value exported(napi_env env, napi_callback_info info) {
  napi_value given[kArguments];
  size_t count = kArguments;
  try {
    check(env, napi_get_cb_info(env, info, &count, given, nullptr, nullptr));
    if (count < kArguments) throw std::runtime_error("an argument is missing");
    return kCall(env, given);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

}  // namespace

napi_value with_sessions(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {"openSession", nullptr, exported<open_session, 1>, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"closeSession", nullptr, exported<close_session, 1>, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"prepareRun", nullptr, exported<prepare_run, 3>, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"startRun", nullptr, exported<start_run, 3>, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"finishRun", nullptr, exported<finish_run, 2>, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"bytesPastAlignment", nullptr, exported<bytes_past_alignment, 1>, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  return napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions) == napi_ok ? exports : nullptr;
}

}  // namespace studio
