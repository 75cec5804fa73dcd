/** The GPUs as a host knows them. It asks the tool only on demand, and not more often than makes sense. */
import type { Gpu } from '../../../shared/contract/devices';
import { findNvidiaSmi, readGpus, type GpuReading } from './nvidia-smi';
import { usesCuda } from './usable';
import { visibleGpus } from './visible';

/** Age up to which figures are reused, in ms. */
const FRESH_MS = 1500;
/** The list of GPUs changes with the driver only. */
const LIST_MS = 60_000;

export class GpuMonitor {
  private reading: GpuReading | null = null;
  private readAt = -Infinity;
  private asking: Promise<GpuReading> | null = null;
  private cuda: { is: boolean; at: number } | null = null;

  /** @param read asks the driver, and `now` returns milliseconds: given in tests */
  constructor(
    private readonly read: () => Promise<GpuReading> = readGpus,
    private readonly now: () => number = () => performance.now(),
    private readonly isThere: () => boolean = () => findNvidiaSmi() !== null,
    private readonly engineUsesCuda: () => boolean = usesCuda,
  ) {}

  /** Returns memory and utilisation of now, or of a moment ago. */
  async figures(): Promise<Gpu[]> {
    if (!this.isThere()) return [];
    if (this.reading && this.now() - this.readAt < FRESH_MS) return this.reading.gpus;
    return (await this.ask()).gpus;
  }

  /**
   * Returns the GPUs that runs can be given; none where the engine is for the processor. Null while the first reading
   * is under way.
   */
  usable(environment: NodeJS.ProcessEnv = process.env): Gpu[] | null {
    if (!this.canCompute() || !this.isThere()) return [];
    if (this.now() - this.readAt > LIST_MS) void this.ask();
    return this.reading && visibleGpus(this.reading.gpus, environment['CUDA_VISIBLE_DEVICES']);
  }

  /** Says whether the engine can use a GPU. */
  canCompute(): boolean {
    const now = this.now();
    if (!this.cuda || now - this.cuda.at > LIST_MS) this.cuda = { is: this.engineUsesCuda(), at: now };
    return this.cuda.is;
  }

  /** Asks the tool, never twice at once. */
  private ask(): Promise<GpuReading> {
    this.asking ??= this.read()
      .then((reading) => {
        this.reading = reading;
        this.readAt = this.now();
        return reading;
      })
      .finally(() => (this.asking = null));
    return this.asking;
  }
}
