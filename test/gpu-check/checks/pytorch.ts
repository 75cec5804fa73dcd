import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { median } from '../../bench/support/samples';
import { Side } from '../../bench/support/side';
import { subjects, type Check } from '../check';
import type { Steps } from '../step-process';

const PEER = join(import.meta.dirname, '../../bench/step/peer.py');

/** Finds a Python that has PyTorch already. Nothing is installed, because there may be no network. */
function python(): string | null {
  const asked = process.env['PYTHON_WITH_TORCH'];
  const made = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'efficienttrain-studio/peer-torch-2.13.0/bin/python',
  );
  return asked ?? (existsSync(made) ? made : null);
}

/** Measures images a second beside PyTorch, compiled and in autocast. */
export const check: Check = {
  id: 'pytorch',
  run: async ({ quick, gpus, start, environment }) => {
    if (!gpus.length)
      return { state: 'skipped', text: 'On the processor, `npm run bench -- step` compares with PyTorch.' };
    const interpreter = python();
    if (interpreter === null)
      return {
        state: 'skipped',
        text: 'There is no PyTorch: PYTHON_WITH_TORCH may name a Python that has it, with timm.',
      };
    const has = spawnSync(interpreter, ['-c', 'import torch, timm; assert torch.cuda.is_available()'], {
      encoding: 'utf8',
    });
    if (has.status !== 0)
      return {
        state: 'skipped',
        text: `PyTorch in ${interpreter} can't use the GPU: ${has.stderr.trim().split('\n').at(-1)}`,
      };
    const figures: Record<string, { ours: number; pytorch: number }> = {};
    for (const subject of subjects(quick)) {
      const { model, size, batch } = subject;
      const peerCase = {
        model,
        bandwidth: size,
        size,
        batch,
        threads: 4,
        channels_last: model.startsWith('resnet'),
        compile: true,
        autocast: true,
      };
      const peer = Side.start(
        'PyTorch',
        interpreter,
        [PEER, JSON.stringify({ ...peerCase, device: 'cuda' })],
        environment('gpu'),
      );
      const ours = await start('gpu', { ...subject, autocast: true });
      const rate = async (side: Side): Promise<number> => {
        await side.ask({ steps: 5 });
        const { ms } = await side.ask<Pick<Steps, 'ms'>>({ steps: 30 });
        return (1000 * batch) / median(ms);
      };
      try {
        figures[model] = { pytorch: await rate(peer), ours: await rate(ours) };
      } finally {
        await Promise.all([peer.close(), ours.close()]);
      }
    }
    const told = Object.entries(figures).map(
      ([model, { ours, pytorch }]) =>
        `${model} ${ours.toFixed(0)} and ${pytorch.toFixed(0)} (${(ours / pytorch).toFixed(2)})`,
    );
    return {
      state: 'good',
      text: `Images a second, ours and PyTorch's (compiled, autocast): ${told.join(', ')}.`,
      figures,
    };
  },
};
