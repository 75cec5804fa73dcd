/** Default actions of the commands, for screens without their own. */
import { onMounted } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { call, on } from '../api/client';
import { handleCommand, inBrowser, listenToKeys, runMenuCommand } from '../commands/dispatch';
import { useAppStore } from '../stores/app';
import { useFailures } from '../stores/failures';
import { useRuns } from '../stores/runs';
import { useShell } from './shell-store';

export function useShellCommands(): void {
  const { t } = useI18n();
  const router = useRouter();
  const app = useAppStore();
  const shell = useShell();
  const runs = useRuns();
  const failures = useFailures();
  const go = (name: string) => () => router.push({ name });
  const act = (name: 'runs.pause' | 'runs.stop' | 'runs.start') => async () => {
    const run = runs.current ?? runs.live[0]?.id;
    if (run) await call(name, { run }).catch(failures.report);
  };
  onMounted(() => {
    handleCommand('go.home', go('home'));
    handleCommand('go.datasets', go('datasets'));
    handleCommand('go.new_run', go('new-run'));
    handleCommand('go.runs', go('runs'));
    handleCommand('go.compare', go('compare'));
    handleCommand('go.searches', go('searches'));
    handleCommand('go.studies', go('studies'));
    handleCommand('go.settings', go('settings'));
    handleCommand('go.transfer', go('transfer'));
    handleCommand('go.zoo', go('zoo'));
    handleCommand('run.new', go('new-run'));
    handleCommand('dataset.import', () => router.push({ name: 'datasets', query: { import: '1' } }));
    handleCommand('run.pause', act('runs.pause'));
    handleCommand('run.stop', act('runs.stop'));
    handleCommand('run.resume', act('runs.start'));
    handleCommand('view.palette', () => (shell.palette = true));
    handleCommand('view.shortcuts', () => (shell.shortcuts = true));
    handleCommand('view.theme', () => app.change({ theme: app.dark ? 'light' : 'dark' }));
    // A window in a browser doesn't end the program.
    if (!inBrowser) handleCommand('app.quit', () => call('app.quit', { how: 'ask' }).catch(failures.report));
    handleCommand('view.reload', () => location.reload());
    listenToKeys();
    on('command', ({ id }) => runMenuCommand(id));
    on('quit', ({ runs: count }) => (shell.quitting = count));
    on('show', ({ run }) => void router.push({ name: 'run', params: { id: run } }));
    on('reloaded', ({ reason }) => failures.tell(t('shell.reloaded', { reason })));
    on('open', ({ path }) => void router.push({ name: 'datasets', query: { source: path } }));
  });
}
