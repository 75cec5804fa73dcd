// Puts the kernels into TensorFlow's registry when this library is loaded, where the processor can run them.
namespace studio {

void register_adamw();
void register_attention();
void register_batch_norm();
void register_column_sum();
void register_conv_weight_grad();
void register_gelu();
void register_global_norm();
void register_layer_norm();
void register_linear();
void register_linear_grad();
void register_low_frequency_crop();
void register_prepare();
void register_view();
void register_winograd();

namespace {

// src/main/engine/backend/kernels.ts asks the same of /proc/cpuinfo, so that no graph names an op that is not here.
[[gnu::constructor]] void register_all() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
  register_adamw();
  register_attention();
  register_batch_norm();
  register_column_sum();
  register_conv_weight_grad();
  register_gelu();
  register_global_norm();
  register_layer_norm();
  register_linear();
  register_linear_grad();
  register_low_frequency_crop();
  register_prepare();
  register_view();
  register_winograd();
}

}  // namespace
}  // namespace studio
