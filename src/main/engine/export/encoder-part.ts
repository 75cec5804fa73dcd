/** Separates a masked autoencoder from its decoder. */
import type { Model } from '../types';

/**
 * Recognises the names of a masked autoencoder's decoder, as its authors call them. No other network has any of these.
 */
const isDecoders = (name: string): boolean => name === 'mask_token' || name.startsWith('decoder_');

export const hasDecoder = ({ params }: Model): boolean => params.some(({ name }) => isDecoders(name));

/**
 * Returns the network without its decoder, which `encode` and `forward` do not use, and a network without one
 * unchanged. timm reads a file that holds a `mask_token` as one of DINOv2, so an encoder for timm may not have it.
 */
export function withoutDecoder(model: Model): Model {
  return hasDecoder(model) ? { ...model, params: model.params.filter(({ name }) => !isDecoders(name)) } : model;
}

/** Returns the values that belong to the model. */
export const valuesOf = ({ params }: Model, values: Record<string, Float32Array>): Record<string, Float32Array> =>
  Object.fromEntries(params.map(({ name }) => [name, values[name] as Float32Array]));
