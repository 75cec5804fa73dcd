import type { Attr } from '../types';
import { DTYPE } from './dtype';
import { ATTR_KINDS, type AddonAttr } from './node-backend';

/** Converts attributes to the form that the addon takes. */
export function toAddonAttrs(attrs: Record<string, Attr>): AddonAttr[] {
  return Object.entries(attrs).map(([name, attr]) => {
    const type = ATTR_KINDS.indexOf(attr.kind);
    if (attr.kind !== 'type') return { name, type, value: attr.value };
    return {
      name,
      type,
      value: Array.isArray(attr.value) ? attr.value.map((dtype) => DTYPE[dtype]) : DTYPE[attr.value],
    };
  });
}
