/** Words the zoo's figures, each with the way it is known. */
import { useI18n } from 'vue-i18n';
import type { SizeRule } from '../../../shared/curriculum/size-rule';
import type { Gain } from '../../../shared/published/gains';
import type { PublishedRow } from '../../../shared/published/row';
import { bytes, percent, significant, times } from '../../format/numbers';
import { ago } from '../../format/time';
import type { At, ZooRow } from './zoo-rows';

export function useZooText() {
  const { t, te } = useI18n();

  const familyName = (id: string): string => (te(`zoo.family_${id}`) ? t(`zoo.family_${id}`) : id);

  function sizes({ kind, step, min }: SizeRule): string {
    if (kind === 'any') return t('zoo.sizes_any', { min });
    return min > step ? t('zoo.sizes_from', { step, min }) : t('zoo.sizes_step', { step });
  }

  function refused({ nearest }: ZooRow, { size }: At): string {
    const [one, other] = nearest.toSorted((a, b) => a - b);
    return t('zoo.refused', { size, nearest: other === undefined ? String(one) : t('zoo.or', { one, other }) });
  }

  function memory({ memory: { how, bytes: amount } }: ZooRow): string {
    if (how === 'measured') return bytes(amount);
    return how === 'least' ? t('zoo.at_least', { bytes: bytes(amount) }) : t('zoo.about', { value: bytes(amount) });
  }

  const memoryHow = ({ memory: { how } }: ZooRow, at: At): string => t(`zoo.memory_${how}`, { ...at });

  function speed({ speed: known }: ZooRow): string {
    if (!known) return '';
    const value = significant(known.value, 3);
    return known.how === 'scaled' ? t('zoo.about', { value }) : value;
  }

  function speedHow({ speed: known }: ZooRow, { batch }: At): string | undefined {
    if (!known) return undefined;
    if (known.how === 'scaled') return t('zoo.speed_scaled', { from: known.from });
    if (known.how === 'run') return t('zoo.speed_run', { name: known.run.name, batch });
    const { measured, beside_training } = known.measurement;
    const said = t('zoo.speed_measured', { when: ago(measured), batch });
    return beside_training ? `${said}. ${t('zoo.speed_beside')}` : said;
  }

  const methodOf = ({ method, epochs }: PublishedRow): string =>
    epochs === null ? method : t('zoo.gain_epochs', { method, epochs });

  function gainSaving({ curriculum: { speedup, speedup_compute } }: Gain): string {
    if (speedup_compute !== null) return t('zoo.gain_compute', { times: times(speedup_compute) });
    return speedup === null ? '' : t('zoo.gain_time', { times: times(speedup) });
  }

  const gainHow = ({ plain, curriculum }: Gain): string => {
    const { data, size } = curriculum;
    const how = t('zoo.gain_how', { plain: methodOf(plain), curriculum: methodOf(curriculum), data, size });
    return `${how}. ${curriculum.paper}`;
  };

  const gain = ({ plain, curriculum }: Gain): string =>
    t('zoo.gain', {
      ...{ model: curriculum.model, plain: percent(plain.top1, 1) },
      curriculum: percent(curriculum.top1, 1),
    });

  return { familyName, sizes, refused, memory, memoryHow, speed, speedHow, methodOf, gain, gainHow, gainSaving };
}
