/** Texts of the doctor's findings: the host prints them in English, the window translates them by their keys. */
export const DOCTOR_WORDS = {
  found_tfjs: "tfjs's CPU backend: many times slower",
  found_in_package: 'in the package',
  found_built: 'built at install from the TensorFlow wheel',
  found_built_for_cuda: 'built at install from the TensorFlow wheel for CUDA',
  found_prebuilt: 'downloaded with the tfjs-node-gpu package',
  found_a_gpu: 'a GPU',
  found_cpu: 'CPU, {gib} GiB of memory',
  found_gpu_unused: '{gpus}: not used, this build of TensorFlow is for the CPU',
  found_gpu_off: '{gpus}: not used ({by})',
  found_gpu_refused: '{gpus}: not used by TensorFlow',
  found_driver: 'driver {version}',
  found_no_gpu: 'no GPU',
  found_check_gpu: 'Check this GPU: npm run gpu-check',
  found_on: 'on',
  found_off: 'off ({by})',
  found_xla_off: 'off: it is slower for these models on a CPU',
  found_threads: '{model}, {count} threads',
  found_features_unknown: 'instruction sets unknown',
  found_features_none: 'neither AVX2 nor AVX-512',
  found_bmp: 'BMP by our own',
  found_crops: 'JPEG crops by {library}',
  found_free: '{gb} GB free',
  found_no_database: 'not there yet; it will be version {version}',
  found_database: 'version {version}, whole',
  found_newer: 'version {version}',
};

type Found<Key> = Key extends `found_${infer Word}` ? Word : never;

export type DoctorWord = Found<keyof typeof DOCTOR_WORDS>;

export const DOCTOR_WORD_IDS = Object.keys(DOCTOR_WORDS).map((key) => key.slice('found_'.length) as DoctorWord);

/** A name, path or number that is the same in every language, or words with their values. */
export type Fact = string | { word: DoctorWord; values: Record<string, string | number> };

export const inWords = (word: DoctorWord, values: Record<string, string | number> = {}): Fact => ({ word, values });

const english = (fact: Fact): string =>
  typeof fact === 'string'
    ? fact
    : DOCTOR_WORDS[`found_${fact.word}`].replace(/\{(\w+)\}/g, (_, name: string) => String(fact.values[name] ?? ''));

export const inEnglish = (facts: readonly Fact[]): string => facts.map(english).join('; ');
