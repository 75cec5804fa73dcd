// AdamW (Loshchilov and Hutter, ICLR 2019, by PyTorch's formula) of one parameter with clipping and the moving average of its value (timm's
// ModelEmaV2): each of value, m, v, average and gradient is read once and written once, past the caches, since nothing reads it soon.
#include <immintrin.h>

#include <cmath>

#include "kernel.h"
#include "parallel.h"

namespace studio {
namespace {

struct Options {
  float beta1, beta2, epsilon, weight_decay;
};

void* create(TF_OpKernelConstruction* construction) {
  return new Options{float_attr(construction, "beta1"), float_attr(construction, "beta2"), float_attr(construction, "epsilon"),
                     float_attr(construction, "weight_decay")};
}
void destroy(void* options) { delete static_cast<Options*>(options); }

struct Factors {
  float scale, kept, rate, root, beta1, beta2, epsilon, decay;
};

// Eight elements by stores that don't fetch the line first; what is left over one by one.
void update(const Factors& f, const float* gradient, const float* const from[4], float* const to[4], int64_t begin, int64_t end) {
  const auto all = [](float value) { return _mm256_set1_ps(value); };
  const __m256 scale = all(f.scale), kept = all(f.kept), rate = all(f.rate), root = all(f.root), beta1 = all(f.beta1), left1 = all(1 - f.beta1),
               beta2 = all(f.beta2), left2 = all(1 - f.beta2), epsilon = all(f.epsilon), decay = all(f.decay), rest = all(1 - f.decay);
  int64_t i = begin;
  // TensorFlow's buffers and our chunks begin at multiples of 32 bytes.
  for (; i + 8 <= end; i += 8) {
    const __m256 g = _mm256_mul_ps(_mm256_loadu_ps(gradient + i), scale);
    const __m256 m = _mm256_fmadd_ps(beta1, _mm256_loadu_ps(from[1] + i), _mm256_mul_ps(left1, g));
    const __m256 v = _mm256_fmadd_ps(beta2, _mm256_loadu_ps(from[2] + i), _mm256_mul_ps(left2, _mm256_mul_ps(g, g)));
    const __m256 direction = _mm256_div_ps(m, _mm256_fmadd_ps(_mm256_sqrt_ps(v), root, epsilon));
    const __m256 w = _mm256_fnmadd_ps(rate, direction, _mm256_mul_ps(kept, _mm256_loadu_ps(from[0] + i)));
    _mm256_stream_ps(to[1] + i, m);
    _mm256_stream_ps(to[2] + i, v);
    _mm256_stream_ps(to[0] + i, w);
    if (from[3]) _mm256_stream_ps(to[3] + i, _mm256_fmadd_ps(decay, _mm256_loadu_ps(from[3] + i), _mm256_mul_ps(rest, w)));
  }
  for (; i < end; i++) {
    const float g = gradient[i] * f.scale;
    const float m = to[1][i] = f.beta1 * from[1][i] + (1 - f.beta1) * g;
    const float v = to[2][i] = f.beta2 * from[2][i] + (1 - f.beta2) * g * g;
    const float w = to[0][i] = f.kept * from[0][i] - f.rate * m / (std::sqrt(v) * f.root + f.epsilon);
    if (from[3]) to[3][i] = f.decay * from[3][i] + (1 - f.decay) * w;
  }
  _mm_sfence();
}

void adamw(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Options options = *static_cast<Options*>(kernel);
  // value, m, v, and the average where there is one; then what stands in register_adamw.
  const int arrays = call.inputs() - 6;
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
    to[index] = call.output(index, array.shape).data;
  }
  if (call.failed()) return;
  const Factors factors{scale,
                        1.0f - lr * options.weight_decay,
                        lr / correction1,
                        1.0f / std::sqrt(correction2),
                        options.beta1,
                        options.beta2,
                        options.epsilon,
                        decay};
  parallel_ranges(gradient.size(), kChunk, [&](int64_t begin, int64_t end) { update(factors, gradient.data, from, to, begin, end); });
}

}  // namespace

void register_adamw() {
  register_op({"StudioAdamW",
               {"arrays: N * float", "gradient: float", "scale: float", "lr: float", "correction1: float", "correction2: float",
                "ema_decay: float"},
               {"updated: N * float"},
               {"N: int >= 3", "beta1: float", "beta2: float", "epsilon: float", "weight_decay: float"},
               unknown_shapes,
               create,
               adamw,
               destroy});
}

}  // namespace studio
