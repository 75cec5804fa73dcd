/** A reader of a scan. It inspects batches of files one after the other, and ends with the process that scans. */
import sharp from 'sharp';
import { inspectBatch, READY, type Batch, type FromReader } from './engine/data/scan/batch';
import { nativeImages } from './engine/data/loader/native-images';

// There is a reader for each core.
sharp.concurrency(1);
sharp.cache(false);

let engine: ReturnType<typeof nativeImages> | undefined;
let before = Promise.resolve();

const send = (message: FromReader): void => {
  process.send?.(message, undefined, undefined, () => undefined);
};

process.on('message', (batch: Batch) => {
  before = before.then(async () => {
    try {
      send(await inspectBatch(batch, () => (engine === undefined ? (engine = nativeImages()) : engine)));
    } catch (error) {
      send({ id: batch.id, error: String((error as Error).stack ?? error) });
    }
  });
});
process.on('disconnect', () => process.exit());
send(READY);
