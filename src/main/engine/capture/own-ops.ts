import { kernelsUsable, multipliesHalf } from '../backend/kernels';
import type { Engine } from '../backend/locate';
import type { Binding } from '../backend/node-backend';
import type { OwnProducts } from './passes';

/** Says which of our ops the graphs of this process may contain. */
export function ownOps(engine: Engine, binding: Pick<Binding, 'isUsingGpuDevice'>): Required<OwnProducts> {
  const own = kernelsUsable(engine, binding);
  return { own, multipliesHalf: own && multipliesHalf(engine) };
}
