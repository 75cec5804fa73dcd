import './api/without-eval';
// This takes the token out of the address before the router reads it.
import './api/client';
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '@fontsource-variable/noto-sans-sc';
import './styles/tokens.css';
import './styles/base.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { i18n } from './i18n';
import { router } from './router';
import App from './shell/App.vue';
import { useAppStore } from './stores/app';
import { useFailures } from './stores/failures';
import { useTasks } from './stores/tasks';

const app = createApp(App);
app.use(createPinia()).use(i18n).use(router);
const failures = useFailures();
app.config.errorHandler = (error) => failures.report(error);
window.addEventListener('unhandledrejection', ({ reason }) => failures.report(reason));
useTasks().load().catch(failures.report);
void useAppStore()
  .load()
  .finally(() => app.mount('#app'));
