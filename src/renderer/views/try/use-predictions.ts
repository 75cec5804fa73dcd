/** Pictures that were dropped on a run, and its predictions, repeated when other weights are chosen. */
import { onUnmounted, ref, shallowRef, triggerRef, type Ref, type ShallowRef } from 'vue';
import type { JobResult } from '../../../shared/contract/job-kinds';
import { errorData, type ErrorData } from '../../../shared/errors';
import { runJob } from '../../api/client';
import { batchesOf, MOST_IMAGES } from './image-batches';

export type Prediction = JobResult<'predict'>['predictions'][number];

export interface TriedImage {
  key: number;
  name: string;
  base64: string;
  /** Null until the run has answered. */
  prediction: Prediction | null;
}

export interface Weights {
  checkpoint: 'best' | 'last';
  weights: 'ema' | 'raw';
}

export interface Predictions {
  images: ShallowRef<TriedImage[]>;
  busy: Ref<boolean>;
  error: ShallowRef<ErrorData | null>;
  /** Number of files that were left out because one request takes no more. */
  leftOut: Ref<number>;
  add: (files: readonly File[]) => Promise<void>;
  /** Requests the predictions of all images again. */
  again: () => Promise<void>;
  cancel: () => void;
  clear: () => void;
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}

export function usePredictions(run: string, weights: () => Weights, unreadable: string): Predictions {
  const images = shallowRef<TriedImage[]>([]);
  const busy = ref(false);
  const error = shallowRef<ErrorData | null>(null);
  const leftOut = ref(0);
  let next = 0;
  let controller: AbortController | null = null;

  async function ask(asked: readonly TriedImage[]): Promise<void> {
    controller?.abort();
    const mine = (controller = new AbortController());
    [busy.value, error.value] = [true, null];
    try {
      for (const batch of batchesOf(asked)) {
        const sent = batch.map(({ name, base64 }) => ({ name, base64 }));
        const { predictions } = await runJob(
          'predict',
          { run, images: sent, ...weights() },
          { signal: mine.signal, subject: run },
        );
        if (mine.signal.aborted) return;
        for (const [index, image] of batch.entries()) image.prediction = predictions[index] ?? null;
        triggerRef(images);
      }
    } catch (thrown) {
      if (mine.signal.aborted) return;
      error.value = errorData(thrown);
    } finally {
      if (controller === mine) [controller, busy.value] = [null, false];
    }
  }

  async function add(files: readonly File[]): Promise<void> {
    const room = MOST_IMAGES - images.value.length;
    leftOut.value = Math.max(files.length - room, 0);
    const added = await Promise.all(
      files.slice(0, Math.max(room, 0)).map(async (file): Promise<TriedImage> => {
        const base64 = await base64Of(file).catch(() => null);
        // A dropped folder, or a file that vanished, is listed with its reason like any other.
        const prediction = base64 ? null : { path: file.name, top5: [], problem: unreadable, picture: null };
        return { key: ++next, name: file.name, base64: base64 ?? '', prediction };
      }),
    );
    images.value = [...added, ...images.value];
    const open = images.value.filter(({ prediction }) => prediction === null);
    if (open.length) await ask(open);
  }

  async function again(): Promise<void> {
    const readable = images.value.filter(({ base64 }) => base64);
    for (const image of readable) image.prediction = null;
    triggerRef(images);
    if (readable.length) await ask(readable);
  }

  const cancel = (): void => controller?.abort();

  function clear(): void {
    cancel();
    [images.value, leftOut.value, error.value, busy.value] = [[], 0, null, false];
  }

  onUnmounted(cancel);
  return { images, busy, error, leftOut, add, again, cancel, clear };
}
