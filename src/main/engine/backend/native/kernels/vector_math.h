// exp and the normal distribution in forms that the compiler can vectorise, without branches, calls or tables.
// Polynomials are summed in pairs, and pairs of pairs (Estrin's scheme). Horner's chain of dependent products takes
// longer.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

namespace studio {

// Returns e^x for x <= 0 with a relative error below 2e-7. Below -87 the result stays e^-87 (1.6e-38). NaN stays NaN.
inline float exp_nonpositive(float x) {
  const float bounded = x < -87.0f ? -87.0f : x;
  const float whole = __builtin_rintf(bounded * 1.44269504f);
  // ln 2 is split in two parts, so that the remainder is exact.
  const float rest = __builtin_fmaf(whole, -1.42860677e-6f, __builtin_fmaf(whole, -0.693145752f, bounded));
  const float square = rest * rest;
  const float lower = __builtin_fmaf(square, __builtin_fmaf(rest, 1.0f / 6, 0.5f), 1.0f + rest);
  const float upper = __builtin_fmaf(square, __builtin_fmaf(rest, 1.0f / 5040, 1.0f / 720), __builtin_fmaf(rest, 1.0f / 120, 1.0f / 24));
  const float sum = __builtin_fmaf(square * square, upper, lower);
  const int32_t bits = (static_cast<int32_t>(whole) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return sum * power;
}

struct Normal {
  float density;
  float distribution;
};

// Returns the density and the distribution function of the standard normal with one exponential for both. For z = |x| /
// sqrt(2), erfc(z) e^(z^2) is nearly a polynomial in 1 / (1 + z / 2). erfcx.py in this folder fits it with a relative
// error below 6e-8, so the lower tail keeps its relative accuracy.
inline Normal normal(float x) {
  const float z = __builtin_fabsf(x) * 0.707106781f;
  const float power = exp_nonpositive(-0.5f * x * x);
  const float t = 1.0f / __builtin_fmaf(0.5f, z, 1.0f);
  const float t2 = t * t, t4 = t2 * t2;
  const float first = __builtin_fmaf(t2, __builtin_fmaf(t, 0.235118851f, 0.236699328f), __builtin_fmaf(t, 0.283077508f, 0.282053888f));
  const float second = __builtin_fmaf(t2, __builtin_fmaf(t, 0.48341313f, -0.740375578f), __builtin_fmaf(t, 0.477682173f, -0.127360865f));
  const float third = __builtin_fmaf(t, 0.0167851094f, -0.147093594f);
  const float scaled = __builtin_fmaf(t4, __builtin_fmaf(t4, third, second), first);
  const float tail = 0.5f * t * scaled * power;
  return {0.398942280f * power, x < 0 ? tail : 1.0f - tail};
}

}  // namespace studio
