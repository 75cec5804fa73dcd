/** Names GPUs and counts equal ones: 2 × NVIDIA H100. */
export const gpuNames = (names: readonly string[]): string[] =>
  [...new Set(names)].map((name) => {
    const count = names.filter((other) => other === name).length;
    return count > 1 ? `${count} × ${name}` : name;
  });
