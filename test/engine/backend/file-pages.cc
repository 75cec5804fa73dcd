// Tests that trimming keeps pages in a file's segment that are not the file's: a page of this program's constants is
// replaced by memory with other bytes.
#include "file_pages.h"

#include <cstdint>

constexpr size_t kPages = 64, kPage = 4096;
alignas(kPage) extern const unsigned char constants[kPages * kPage] = {1, 2, 3};

// Returns how many parts of a page of the constants belong to this program's file.
size_t parts_of(const std::vector<studio::Mapping>& all, size_t page) {
  const auto address = reinterpret_cast<uintptr_t>(constants + page * kPage);
  const auto& file = *std::find_if(all.begin(), all.end(), [](const auto& each) { return each.end > reinterpret_cast<uintptr_t>(constants); });
  const uintptr_t offset = file.offset + (address - file.begin);
  return studio::own_pages(all, reinterpret_cast<uintptr_t>(&parts_of), address, address + kPage, offset).size();
}

int main() {
  unsigned char* page = const_cast<unsigned char*>(constants) + 16 * kPage;
  if (mmap(page, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page) return 2;
  std::memset(page, 7, kPage);
  mprotect(page, kPage, PROT_READ);
  studio::trim_file_pages();
  const volatile unsigned char* now = constants;
  const auto all = studio::mappings();
  std::printf("first %d last %d constant %d replaced %zu beside %zu\n", now[16 * kPage], now[17 * kPage - 1], now[1], parts_of(all, 16), parts_of(all, 20));
}
