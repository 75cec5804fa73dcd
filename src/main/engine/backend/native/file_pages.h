// Returns clean pages of loaded files to the system. Only pages that still belong to a file are returned. Memory that a
// program's code was copied into, as Node does under --use-largepages, would come back as zeros.
#pragma once
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace studio {

// One line of /proc/self/maps.
struct Mapping {
  uintptr_t begin, end, offset;
  unsigned long inode;
  unsigned device_major, device_minor;
  bool writable, shared;

  bool same_file(const Mapping& other) const {
    return inode == other.inode && device_major == other.device_major && device_minor == other.device_minor;
  }
};

// Returns the process's mappings, or nothing where /proc/self/maps can't be read.
inline std::vector<Mapping> mappings() {
  std::vector<Mapping> found;
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  if (!maps) return found;
  char line[512];
  bool begins = true;
  while (std::fgets(line, sizeof line, maps)) {
    // A line longer than the buffer arrives in several parts; only its first part is parsed.
    const bool read = begins;
    begins = std::strchr(line, '\n') != nullptr;
    Mapping each{};
    char rights[5] = {};
    if (!read || std::sscanf(line, "%lx-%lx %4s %lx %x:%x %lu", &each.begin, &each.end, rights, &each.offset, &each.device_major, &each.device_minor, &each.inode) != 7)
      continue;
    each.writable = rights[1] == 'w';
    each.shared = rights[3] == 's';
    found.push_back(each);
  }
  std::fclose(maps);
  return found;
}

// Returns those parts of [begin, end) that are pages of a loaded file. The range should hold the file's bytes from
// `offset` on.
// @param header an address within the file's first mapping
inline std::vector<std::pair<uintptr_t, uintptr_t>> own_pages(const std::vector<Mapping>& all, uintptr_t header, uintptr_t begin, uintptr_t end, uintptr_t offset) {
  std::vector<std::pair<uintptr_t, uintptr_t>> parts;
  const auto file = std::find_if(all.begin(), all.end(), [&](const Mapping& each) { return each.begin <= header && header < each.end; });
  if (file == all.end() || file->inode == 0) return parts;
  for (const Mapping& each : all) {
    const uintptr_t from = std::max(begin, each.begin), to = std::min(end, each.end);
    if (from >= to || each.writable || each.shared || !each.same_file(*file)) continue;
    // The mapping must hold the bytes that belong at this address, not other bytes of the same file.
    if (each.offset + (from - each.begin) == offset + (from - begin)) parts.push_back({from, to});
  }
  return parts;
}

// Returns the pages of every loaded file's read-only segments, which nobody can have written to.
inline void trim_file_pages() {
  const std::vector<Mapping> all = mappings();
  const auto trim = [](dl_phdr_info* info, size_t, void* given) -> int {
    const auto& known = *static_cast<const std::vector<Mapping>*>(given);
    for (int at = 0; at < info->dlpi_phnum; at++) {
      const auto& segment = info->dlpi_phdr[at];
      if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W)) continue;
      const uintptr_t page = getpagesize(), start = info->dlpi_addr + segment.p_vaddr, begin = (start + page - 1) / page * page;
      const uintptr_t end = (start + segment.p_filesz) / page * page;
      if (end <= begin) continue;
      for (const auto& [from, to] : own_pages(known, reinterpret_cast<uintptr_t>(info->dlpi_phdr), begin, end, segment.p_offset + (begin - start)))
        madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
    }
    return 0;
  };
  dl_iterate_phdr(trim, const_cast<std::vector<Mapping>*>(&all));
}

}  // namespace studio
