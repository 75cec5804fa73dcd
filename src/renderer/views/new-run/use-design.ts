/** A draft while it is edited: its configuration, its plan and its problems, recomputed after every change. */
import { inject, provide, type ComputedRef, type InjectionKey, type ShallowRef } from 'vue';
import type { DatasetInfo } from '../../../shared/contract/datasets';
import type { DraftBody } from '../../../shared/contract/drafts';
import type { ModelInfo } from '../../../shared/contract/models';
import type { Rate } from '../../../shared/schedule-editor/estimate';
import { designEdits, type DesignEdits } from './design-edits';
import { useDraftHistory, type DraftHistory } from './use-draft-history';
import { useLaidOut, type LaidOut } from './use-laid-out';
import { useResolved, type Resolved } from './use-resolved';

export interface DesignInput {
  body: DraftBody;
  models: readonly ModelInfo[];
  datasets: ComputedRef<readonly DatasetInfo[]>;
  rates: ShallowRef<readonly Rate[]>;
}

export interface Design extends DraftHistory, Resolved, LaidOut, DesignEdits {
  models: readonly ModelInfo[];
  datasets: ComputedRef<readonly DatasetInfo[]>;
}

const KEY: InjectionKey<Design> = Symbol('design');

export function createDesign({ body: first, models, datasets, rates }: DesignInput): Design {
  const history = useDraftHistory(first);
  const resolved = useResolved(history.body, models, datasets);
  const laidOut = useLaidOut(resolved, rates);
  return { models, datasets, ...history, ...resolved, ...laidOut, ...designEdits(history, resolved, models) };
}

export const provideDesign = (design: Design): void => provide(KEY, design);

export function useDesign(): Design {
  const design = inject(KEY);
  if (!design) throw new Error('used outside the design of a run');
  return design;
}
