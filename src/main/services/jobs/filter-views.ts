/** Shows one image of a dataset under each frequency filter, as an evaluation prepares it, and its spectrum. */
import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { filterViewsArgs } from '../../../shared/contract/previews';
import { filtered } from '../../../shared/curriculum/frequency-filter';
import { spectrumOf, spectrumPicture } from '../../../shared/curriculum/spectrum';
import { runConfigSchema } from '../../../shared/run-config';
import { luma } from '../../engine/data/image/rgb';
import { evaluationImage } from '../../engine/data/loader/make-sample';
import { databasePath } from '../../base/home';
import { findDataset } from '../../store/datasets';
import { openStore } from '../../store/open';
import type { JobImplementation } from '../core/job-protocol';
import { chosenSample, SHOWN, tableOf } from '../pictures/chosen-sample';
import { greyPicture, rgbPicture } from '../pictures/pictures';

type Args = z.output<typeof filterViewsArgs>;
type Result = JobResult<'filter_views'>;

const { crop_pct, interpolation } = runConfigSchema.shape.data.parse({});

/** Returns the value that is drawn as zero. A high-passed image has no mean, so its picture shows zero as grey. */
const zeroOf = (filter: Args['filters'][number]): number => (filter?.kind === 'high_pass' ? 0.5 : 0);

export const job: JobImplementation<Args, Result> = {
  run: async ({ size, filters, ...args }, { home }) => {
    const store = openStore(databasePath(home));
    const [row, root] = ((): [ReturnType<typeof chosenSample>, string] => {
      try {
        const dataset = findDataset(store, args.dataset);
        return [chosenSample(store, dataset, args), dataset.root];
      } finally {
        store.close();
      }
    })();
    const image = await evaluationImage(tableOf(root, row), 0, size, crop_pct, interpolation, null);
    const host = {
      data: Float32Array.from(image.data, (value) => value / 255),
      height: size,
      width: size,
      channels: 3,
    };
    const views: Result['views'] = [];
    for (const filter of filters) {
      const { data } = filtered(host, filter);
      const shown = (value: number): number => Math.round(255 * Math.min(Math.max(value + zeroOf(filter), 0), 1));
      const pixels = { data: Uint8Array.from(data, shown), width: size, height: size };
      views.push({ filter, picture: await rgbPicture(pixels, SHOWN) });
    }
    const spectrum = await greyPicture(spectrumPicture(spectrumOf(luma(image), size)), size, SHOWN);
    return { path: row.path, spectrum, views };
  },
};
