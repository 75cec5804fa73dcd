/** Shows one image of a dataset as each stage of a schedule sees it, and its spectrum. */
import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { stageViewsArgs } from '../../../shared/contract/previews';
import { lowFrequencyCrop } from '../../../shared/curriculum/low-frequency';
import { keptEnergy, spectrumOf, spectrumPicture } from '../../../shared/curriculum/spectrum';
import { parseConfig } from '../../../shared/run-config-resolve';
import { luma } from '../../engine/data/image/rgb';
import { trainImage } from '../../engine/data/loader/make-sample';
import { readBox } from '../../engine/data/loader/read-image';
import { augmentOptions } from '../../engine/train/setup';
import type { SampleTable } from '../../engine/types';
import { databasePath } from '../../base/home';
import { findDataset } from '../../store/datasets';
import { openStore } from '../../store/open';
import type { Sample } from '../../store/samples';
import type { JobImplementation } from '../core/job-protocol';
import { chosenSample, SHOWN, tableOf } from '../pictures/chosen-sample';
import { greyPicture, rgbPicture } from '../pictures/pictures';

type Args = z.output<typeof stageViewsArgs>;
type Result = JobResult<'stage_views'>;

async function views(table: SampleTable, { dataset, seed, size, mode, data, stages }: Args): Promise<Result['views']> {
  const whole = { stages: [{ bandwidth: size, magnitude: 0, share: 1 }] };
  const options = augmentOptions(parseConfig({ dataset, model: '', size, schedule: whole, data }));
  const drawn = new Map<number, Awaited<ReturnType<typeof augmented>>>();
  const augmented = async (magnitude: number) => {
    const image = await trainImage(table, { seed, epoch: 0, sample: 0 }, size, magnitude, options, null);
    const spectrum = spectrumOf(luma(image), size);
    const host = {
      data: Float32Array.from(image.data, (value) => value / 255),
      height: size,
      width: size,
      channels: 3,
    };
    return { host, spectrum, picture: await greyPicture(spectrumPicture(spectrum), size, SHOWN) };
  };
  const result: Result['views'] = [];
  for (const { bandwidth, magnitude } of stages) {
    const own = drawn.get(magnitude) ?? (await augmented(magnitude));
    drawn.set(magnitude, own);
    const side = Math.min(bandwidth, size);
    const cropped = lowFrequencyCrop(own.host, side, mode);
    const pixels = Uint8Array.from(cropped.data, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
    result.push({
      bandwidth,
      picture: await rgbPicture({ data: pixels, width: side, height: side }, SHOWN),
      spectrum: own.picture,
      energy: keptEnergy(own.spectrum, side),
    });
  }
  return result;
}

export const job: JobImplementation<Args, Result> = {
  run: async (args, { home }) => {
    const store = openStore(databasePath(home));
    let table: SampleTable;
    let row: Sample;
    try {
      const dataset = findDataset(store, args.dataset);
      row = chosenSample(store, dataset, args);
      table = tableOf(dataset.root, row);
    } finally {
      store.close();
    }
    const original = await rgbPicture(await readBox(table, 0, null, null), SHOWN);
    return { path: row.path, original, views: await views(table, args) };
  },
};
