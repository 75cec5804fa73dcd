// Makes a view of an image: it resamples a box, mirrors it, and applies RandAugment's steps.
// data/augment/native-view.ts writes the plan of a view.
#include <cstring>

#include "../kernel.h"
#include "steps.h"

namespace studio {
namespace {

// The places of the plan's integers. The steps follow them.
enum Place { kStride, kLeft, kTop, kWidth, kHeight, kAcross, kDown, kFilter, kMirrored, kFill, kSteps = kFill + 3, kFirstStep };

// The kinds of steps. A step is its kind and its values: a table's 256 bytes, a blend's image and factor, or a matrix's
// six doubles.
enum class Step : int32_t { kTable, kAutoContrast, kEqualize, kBlend, kAffine };

int64_t words_of(Step step) {
  switch (step) {
    case Step::kTable:
      return 64;
    case Step::kAutoContrast:
    case Step::kEqualize:
      return 0;
    case Step::kBlend:
      return 3;
    case Step::kAffine:
      return 12;
  }
  return -1;
}

// Applies a step to the image. @param words the step's values
void apply(Image& image, Step step, const int32_t* words, const int32_t* plan) {
  double numbers[6];
  switch (step) {
    case Step::kTable:
      return look_up(image, reinterpret_cast<const uint8_t*>(words));
    case Step::kAutoContrast:
      return auto_contrast(image);
    case Step::kEqualize:
      return equalize(image);
    case Step::kBlend:
      std::memcpy(numbers, words + 1, sizeof(double));
      return blend(image, static_cast<Against>(words[0]), numbers[0]);
    case Step::kAffine:
      std::memcpy(numbers, words, sizeof numbers);
      return affine(image, numbers, static_cast<Filter>(plan[kFilter]), plan + kFill);
  }
}

void view(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Bytes source = call.bytes(0), given = call.bytes(1);
  if (call.failed()) return;
  const auto* plan = reinterpret_cast<const int32_t*>(given.data);
  const int64_t integers = given.size / 4;
  if (integers < kFirstStep) return call.fail("StudioView: its plan is too short");
  const int64_t stride = plan[kStride], left = plan[kLeft], top = plan[kTop], width = plan[kWidth], height = plan[kHeight];
  if (left < 0 || top < 0 || width <= 0 || height <= 0 || (left + width) * 3 > stride || (top + height) * stride > source.size)
    return call.fail("StudioView: the box is not in the image");
  if (plan[kAcross] <= 0 || plan[kDown] <= 0) return call.fail("StudioView: the view has no pixels");
  const auto filter = static_cast<Filter>(plan[kFilter]);
  Image image;
  image.width = plan[kAcross];
  image.height = plan[kDown];
  image.pixels.resize(image.size() + kSlack);
  const auto across = axis_of({width, image.width, filter, plan[kMirrored] != 0, true}), down = axis_of({height, image.height, filter, false, false});
  resample(source.data + top * stride + 3 * left, source.data + source.size, stride, width, height, *across, *down, image.pixels.data());
  int64_t at = kFirstStep;
  for (int32_t index = 0; index < plan[kSteps]; index++) {
    const auto step = at < integers ? static_cast<Step>(plan[at]) : Step{-1};
    const int64_t words = words_of(step);
    if (words < 0 || at + 1 + words > integers) return call.fail("StudioView: its plan has a step that is none");
    apply(image, step, plan + at + 1, plan);
    at += 1 + words;
  }
  uint8_t* target = call.packed_output(0, image.size());
  if (!call.failed()) std::memcpy(target, image.pixels.data(), image.size());
}

}  // namespace

void register_view() {
  register_op({"StudioView", {"pixels: uint8", "plan: int32"}, {"packed: int32"}, {}, unknown_shapes, nullptr, guarded<view>, nullptr});
}

}  // namespace studio
