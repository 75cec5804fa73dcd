import type { Model, ParamSpec } from '../../types';
import type { Head } from './head';

export interface Encoder extends Pick<
  Model,
  'id' | 'options' | 'numFeatures' | 'dropPaths' | 'layers' | 'intermediates' | 'encode'
> {
  /** Parameters of the encoder alone. */
  params: readonly ParamSpec[];
  macs(size: number): number;
  head: Head;
}

/**
 * Makes a model of an encoder and its head. @throws (encode) if an intermediate is asked for that the model does not
 * have
 */
export function assemble({ head, ...encoder }: Encoder): Model {
  const encode: Model['encode'] = (context, x, options) => {
    const unknown = (options.intermediates ?? []).filter((name) => !encoder.intermediates.includes(name));
    if (unknown.length)
      throw new Error(
        `${encoder.id} has no ${unknown.join(', ')}: its intermediates are ${encoder.intermediates.join(', ')}`,
      );
    return encoder.encode(context, x, options);
  };
  return {
    ...encoder,
    params: [...encoder.params, ...head.params],
    macs: (size) => encoder.macs(size) + head.macs,
    encode,
    dropoutWidth: head.dropoutWidth,
    head: head.apply,
    forward: (context, x, options) => head.apply(context, encode(context, x, options).features, options),
  };
}
