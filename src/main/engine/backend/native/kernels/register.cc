// Registers the kernels in TensorFlow when this library is loaded, if the processor can run them. TensorFlow loads the
// library for AVX2; where the processor has AVX-512, that library loads another one, which registers its kernels
// instead.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace studio {

void register_adamw();
void register_attention();
void register_batch_norm();
void register_column_sum();
void register_conv();
void register_conv_weight_grad();
void register_depthwise();
void register_depthwise_grad();
void register_gelu();
void register_global_norm();
void register_layer_norm();
void register_linear();
void register_linear_grad();
void register_low_frequency_crop();
void register_prepare();
void register_scale_channels_grad();
void register_star_relu();
void register_view();
void register_window_attention();
void register_winograd();

namespace {

#ifndef __AVX512F__
bool load_beside(const char* name) {
  Dl_info own;
  if (!dladdr(reinterpret_cast<void*>(&load_beside), &own) || !own.dli_fname) return false;
  const std::string path = own.dli_fname;
  return dlopen((path.substr(0, path.rfind('/') + 1) + name).c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr;
}

// Loads the build of this library for more of the processor's features, and says whether it did. EFFICIENTTRAIN_KERNELS
// names a lesser build, for comparisons.
bool load_wider() {
  const char* asked = std::getenv("EFFICIENTTRAIN_KERNELS");
  const auto asks = [&](const char* name) { return asked && std::strcmp(asked, name) == 0; };
  if (asks("avx2") || !__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl"))
    return false;
  if (!asks("avx512") && __builtin_cpu_supports("avx512bf16") && load_beside("libstudio_kernels_avx512_bf16.so")) return true;
  return load_beside("libstudio_kernels_avx512.so");
}
#endif

// src/main/engine/backend/kernels.ts checks the same features in /proc/cpuinfo, so that no graph names an op that is
// not registered.
[[gnu::constructor]] void register_all() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
#ifndef __AVX512F__
  if (load_wider()) return;
#endif
  register_adamw();
  register_attention();
  register_batch_norm();
  register_column_sum();
  register_conv();
  register_conv_weight_grad();
  register_depthwise();
  register_depthwise_grad();
  register_gelu();
  register_global_norm();
  register_layer_norm();
  register_linear();
  register_linear_grad();
  register_low_frequency_crop();
  register_prepare();
  register_scale_channels_grad();
  register_star_relu();
  register_view();
  register_window_attention();
  register_winograd();
}

}  // namespace
}  // namespace studio
