// AdamW (Loshchilov and Hutter, ICLR 2019, Algorithm 2, in PyTorch's form) of one parameter, with gradient clipping and
// the moving average of its value (timm's ModelEmaV2). The value, m, v, the average and the gradient are each read once
// and written once.
#include <cmath>

#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

struct Options {
  float beta1, beta2, epsilon, weight_decay;
  // Whether results overwrite the variables' own memory. passes/update-in-place.ts ensures that nobody reads the old
  // values afterwards.
  bool in_place;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{float_attr(construction, "beta1"), float_attr(construction, "beta2"), float_attr(construction, "epsilon"),
                     float_attr(construction, "weight_decay"), bool_attr(construction, "in_place")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

void adamw(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options options = *static_cast<Options*>(kernel);
  // Inputs are the value, m, v, an optional average, and then the inputs that register_adamw names.
  const int arrays = call.inputs() - 6;
  if (arrays > 4) return call.fail("StudioAdamW: it updates a value, m, v and an average, and no more");
  const Buffer gradient = call.input(arrays);
  const float scale = call.scalar(arrays + 1), lr = call.scalar(arrays + 2), correction1 = call.scalar(arrays + 3),
              correction2 = call.scalar(arrays + 4), decay = call.scalar(arrays + 5);
  const float* from[4] = {};
  float* to[4] = {};
  for (int index = 0; index < arrays; index++) {
    const Buffer array = call.input(index);
    if (call.failed()) return;
    if (array.size() != gradient.size()) return call.fail("StudioAdamW: its arrays differ in size");
    from[index] = array.data;
    to[index] = options.in_place ? call.same_output(index, index).data : call.output(index, array.shape).data;
  }
  if (call.failed()) return;
  const float kept = 1.0f - lr * options.weight_decay, rate = lr / correction1, root = 1.0f / std::sqrt(correction2);
  const float left1 = 1.0f - options.beta1, left2 = 1.0f - options.beta2;
  parallel_ranges(gradient.size(), kChunk, [&](int64_t begin, int64_t end) {
    const float *w = from[0], *m = from[1], *v = from[2], *average = from[3], *given = gradient.data;
    float *value = to[0], *first = to[1], *second = to[2], *mean = to[3];
    const auto updated = [&](int64_t i) {
      const float g = given[i] * scale;
      first[i] = options.beta1 * m[i] + left1 * g;
      second[i] = options.beta2 * v[i] + left2 * g * g;
      return value[i] = kept * w[i] - rate * first[i] / (std::sqrt(second[i]) * root + options.epsilon);
    };
    if (average) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; i++) mean[i] = decay * average[i] + (1.0f - decay) * updated(i);
    } else {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; i++) updated(i);
    }
  });
}

}  // namespace

void register_adamw() {
  register_op({"StudioAdamW",
               {"arrays: N * float", "gradient: float", "scale: float", "lr: float", "correction1: float", "correction2: float",
                "ema_decay: float"},
               {"updated: N * float"},
               {"N: int >= 3", "beta1: float", "beta2: float", "epsilon: float", "weight_decay: float", "in_place: bool = false"},
               unknown_shapes,
               create,
               guarded<adamw>,
               destroy});
}

}  // namespace studio
