/** The picture process, which makes thumbnails of files for a host that must not decode images itself. */
import { smallPicture, UnusableImage } from './engine/data/decode/decode';
import { imageBytes } from './services/pictures/image-bytes';
import type { PictureReply, PictureRequest } from './services/pictures/picture-process';

async function made({ id, file, size }: PictureRequest): Promise<PictureReply> {
  try {
    return { id, picture: await smallPicture(await imageBytes(file), size), error: null };
  } catch (error) {
    // A file that is no image, or can't be read, has no picture, which is no failure.
    if (error instanceof UnusableImage || (error as NodeJS.ErrnoException).code !== undefined)
      return { id, picture: null, error: null };
    return { id, picture: null, error: String(error) };
  }
}

process.on('message', (request: PictureRequest) => {
  void made(request).then((reply) => process.send?.(reply, undefined, undefined, () => undefined));
});
process.on('disconnect', () => process.exit());
