import { databasePath } from '../../base/home';
import { diagnose } from '../../services/doctor/doctor';
import type { Command } from '../command';

export const command: Command = {
  name: 'doctor',
  summary: 'Check the engine, devices, decoders, data folder and database, and report what is wrong.',
  positionals: '',
  options: {},
  examples: ['efficienttrain doctor'],
  loadsEngine: () => true,
  run: async ({ home }) => {
    const checks = await diagnose(home, databasePath(home));
    const ok = checks.every((check) => check.ok);
    const width = Math.max(...checks.map(({ id }) => id.length));
    const lines = checks.flatMap((check) => [
      `${check.ok ? '✓' : '✗'} ${check.id.padEnd(width)}  ${check.value}`,
      ...(check.ok
        ? []
        : [
            `  ${' '.repeat(width)}  why:  ${check.cause ?? ''}`,
            `  ${' '.repeat(width)}  next: ${check.remedy ?? ''}`,
          ]),
    ]);
    return { json: { ok, checks }, text: lines.join('\n'), exitCode: ok ? 0 : 1 };
  },
};
