#include "kernel.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
#include <set>
#include <string>

namespace studio {

void register_op(const OpSpec& spec) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(spec.name);
  for (const char* attr : spec.attrs) TF_OpDefinitionBuilderAddAttr(op, attr);
  for (const char* input : spec.inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char* output : spec.outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, spec.shapes);
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder* kernel = TF_NewKernelBuilder(spec.name, "CPU", spec.create, spec.compute, spec.destroy);
    TF_RegisterKernelBuilder(spec.name, kernel, status);
  }
  if (TF_GetCode(status) != TF_OK) std::fprintf(stderr, "%s: %s\n", spec.name, TF_Message(status));
  TF_DeleteStatus(status);
}

namespace {

// Reads an attribute with `get`, which takes a status; where it fails, the kernel's construction fails.
template <class Get>
void attribute(TF_OpKernelConstruction* construction, const Get& get) {
  TF_Status* status = TF_NewStatus();
  get(status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
}

}  // namespace

float float_attr(TF_OpKernelConstruction* construction, const char* name) {
  float value = 0.0f;
  attribute(construction, [&](TF_Status* status) { TF_OpKernelConstruction_GetAttrFloat(construction, name, &value, status); });
  return value;
}

int64_t int_attr(TF_OpKernelConstruction* construction, const char* name) {
  int64_t value = 0;
  attribute(construction, [&](TF_Status* status) { TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status); });
  return value;
}

bool bool_attr(TF_OpKernelConstruction* construction, const char* name) {
  TF_Bool value = 0;
  attribute(construction, [&](TF_Status* status) { TF_OpKernelConstruction_GetAttrBool(construction, name, &value, status); });
  return value != 0;
}

void float_list_attr(TF_OpKernelConstruction* construction, const char* name, float* values, int count) {
  attribute(construction, [&](TF_Status* status) { TF_OpKernelConstruction_GetAttrFloatList(construction, name, values, count, status); });
}

void first_like_first(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, 0, shape, status);
  TF_DeleteShapeHandle(shape);
}

namespace {

std::string node_of(TF_OpKernelContext* context) {
  const TF_StringView name = TF_GetOpKernelName(context);
  return {name.data, name.len};
}

}  // namespace

void log_in_place(TF_OpKernelContext* context) {
  static const bool wanted = std::getenv("EFFICIENTTRAIN_KERNELS_LOG") != nullptr;
  if (!wanted) return;
  static std::mutex mutex;
  static std::set<std::string> known;
  const std::string node = node_of(context);
  std::lock_guard<std::mutex> lock(mutex);
  if (known.insert(node).second) std::fprintf(stderr, "studio kernels: %s is written in place\n", node.c_str());
}

void fail_by(TF_OpKernelContext* context, const std::exception& error) {
  const bool memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  const std::string why = memory ? "OOM when allocating the memory that an op of ours computes with, on the processor" : error.what();
  TF_Status* status = TF_NewStatus();
  TF_SetStatus(status, memory ? TF_RESOURCE_EXHAUSTED : TF_INTERNAL, (why + ": node " + node_of(context)).c_str());
  TF_OpKernelContext_Failure(context, status);
  TF_DeleteStatus(status);
}

void unknown_shapes(TF_ShapeInferenceContext* context, TF_Status* status) { TF_ShapeInferenceContextSetUnknownShape(context, status); }

}  // namespace studio
