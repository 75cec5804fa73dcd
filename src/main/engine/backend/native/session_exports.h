// Adds our functions for sessions (session_exports.cc) to those that tfjs-node's addon exports. Each source of the
// package is compiled with this file included first, so no line of the package is changed.
#pragma once
#include <node_api.h>

namespace studio {
// Returns `exports`, or null with an exception pending.
napi_value with_sessions(napi_env env, napi_value exports);
}  // namespace studio

#undef NAPI_MODULE
#define NAPI_MODULE(name, init)                            \
  NAPI_MODULE_INIT() {                                     \
    const napi_value made = init(env, exports);            \
    return made ? studio::with_sessions(env, made) : made; \
  }
