/** The transfer screen's requests and the host's answers. */
import { computed, ref, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRoute, useRouter } from 'vue-router';
import type { DatasetInfo } from '../../../shared/contract/datasets';
import type { ModelInfo } from '../../../shared/contract/models';
import type { Transfer, TransferTask } from '../../../shared/contract/transfers';
import { errorData, type ErrorData } from '../../../shared/errors';
import { isUnlabelled } from '../../../shared/labels';
import { WEIGHTS_EXTENSIONS } from '../../../shared/weights-files';
import { call } from '../../api/client';
import { useJob } from '../../composables/use-job';
import { pick } from '../../composables/use-pick';
import { usePull } from '../../composables/use-pull';
import { useFailures } from '../../stores/failures';
import { useRuns } from '../../stores/runs';
import { sourcesOf } from './sources';

const FILE = 'file';
type How = TransferTask | 'knn';

/** Returns the newest answer to a question that may change meanwhile. */
function useLook(question: () => Parameters<typeof call<'transfers.look'>>[1] | null) {
  const looked = shallowRef<Transfer | null>(null);
  const error = shallowRef<ErrorData | null>(null);
  const busy = ref(false);
  let asked = 0;
  watch(
    () => JSON.stringify(question()),
    async () => {
      const args = question();
      const mine = ++asked;
      [looked.value, error.value] = [null, null];
      if (!args) return;
      busy.value = true;
      try {
        const answer = await call('transfers.look', args);
        if (mine === asked) looked.value = answer;
      } catch (thrown) {
        if (mine === asked) error.value = errorData(thrown);
      }
      if (mine === asked) busy.value = false;
    },
    { immediate: true },
  );
  return { looked, error, busy };
}

export function useTransfer() {
  const { t } = useI18n();
  const route = useRoute();
  const router = useRouter();
  const runs = useRuns();
  const failures = useFailures();
  const known = usePull<DatasetInfo[]>(() => call('datasets.list', {}));
  const listed = usePull<ModelInfo[]>(() => call('models.list', {}), { topics: [] });

  const asked = route.query['run'];
  /** A run's id, or the path of a file. */
  const source = ref<string | null>(typeof asked === 'string' ? asked : null);
  const isRun = computed(() => source.value !== null && runs.byId(source.value) !== null);
  const how = ref<How>('classify');
  const model = ref<string | undefined>();
  const chosen = ref<string | undefined>();
  const labelled = computed(() =>
    (known.data.value ?? []).filter((dataset) => !isUnlabelled(dataset) && dataset.classes.length > 1),
  );
  const dataset = computed({
    get: () => chosen.value ?? looked.value?.draft.dataset ?? undefined,
    set: (id) => (chosen.value = id),
  });

  const {
    looked,
    error: misfit,
    busy,
  } = useLook(() => {
    if (source.value === null || (!isRun.value && model.value === undefined)) return null;
    return {
      ...{
        source: isRun.value ? `run:${source.value}` : source.value,
        model: isRun.value ? null : (model.value ?? null),
      },
      ...{ task: how.value === 'knn' ? 'classify' : how.value, dataset: chosen.value ?? null },
    };
  });
  const knn = useJob('knn');
  // What was measured belongs to its source and its dataset.
  watch([source, dataset], () => {
    knn.cancel();
    [knn.result.value, knn.error.value] = [null, null];
  });

  const file = computed(() => (source.value !== null && !isRun.value ? source.value : null));
  const sources = computed(() => [
    ...sourcesOf(runs.present).map(({ id, name, model: of }) => ({ value: id, label: name, note: of })),
    ...(file.value === null ? [] : [{ value: file.value, label: file.value.split(/[\\/]/).at(-1) ?? file.value }]),
    { value: FILE, label: t('newRun.start_file') },
  ]);
  const models = computed(() =>
    (listed.data.value ?? []).filter(({ task }) => task === 'classify').map(({ id }) => ({ value: id, label: id })),
  );
  const datasets = computed(() =>
    labelled.value.map(({ id, name, classes }) => ({
      ...{ value: id, label: name, note: t('common.classes', { count: classes.length }) },
    })),
  );

  async function choose(value: string | undefined): Promise<void> {
    if (value === undefined) return;
    if (value !== FILE) return void (source.value = value);
    try {
      const path = await pick({ what: 'file', title: t('newRun.pick_weights'), extensions: [...WEIGHTS_EXTENSIONS] });
      source.value = path ?? source.value;
    } catch (thrown) {
      failures.report(thrown);
    }
  }

  async function design(): Promise<void> {
    if (!looked.value) return;
    try {
      const { id } = await call('drafts.create', { body: looked.value.draft });
      await router.push({ name: 'draft', params: { draft: id } });
    } catch (thrown) {
      failures.report(thrown);
    }
  }

  const canMeasure = computed(() => isRun.value && dataset.value !== undefined);
  const measure = async (): Promise<void> => {
    if (source.value !== null && dataset.value !== undefined)
      await knn.start({ run: source.value, dataset: dataset.value }, source.value);
  };
  const error = computed(() => (how.value === 'knn' ? knn.error.value : null) ?? misfit.value);
  const needsModel = computed(() => file.value !== null);

  return {
    ...{ source, sources, needsModel, model, models, dataset, datasets, how, looked, error, busy, knn },
    ...{ choose, design, canMeasure, measure },
  };
}
