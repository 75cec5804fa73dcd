/** Reads a schedule from a small JSON file that the user chooses, and writes one as a download. */
import { scheduleFileSchema, type ScheduleFile } from '../../../shared/contract/drafts';
import { AppError } from '../../../shared/errors';

const LARGEST_BYTES = 1_000_000;

const refused = (name: string, why: string): AppError =>
  new AppError({
    code: 'invalid_config',
    what: `${name} is not a schedule.`,
    why,
    next: 'Choose a file that was exported here, format "efficienttrain-schedule".',
  });

/** Reads a schedule. @throws AppError invalid_config */
export async function readSchedule(file: File): Promise<ScheduleFile> {
  if (file.size > LARGEST_BYTES) throw refused(file.name, 'It is larger than any schedule.');
  let content: unknown;
  try {
    content = JSON.parse(await file.text());
  } catch (error) {
    throw refused(file.name, (error as Error).message);
  }
  const parsed = scheduleFileSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
  throw refused(file.name, `${issues.join('. ')}.`);
}

export function downloadSchedule(schedule: ScheduleFile): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(schedule, null, 2)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${schedule.title.replace(/[^\p{L}\p{N}+_-]+/gu, '-')}.schedule.json`;
  link.click();
  URL.revokeObjectURL(url);
}
