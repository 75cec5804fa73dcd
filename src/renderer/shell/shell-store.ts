import { defineStore } from 'pinia';
import { ref } from 'vue';

/** What lies over the screens. */
export const useShell = defineStore('shell', () => ({
  palette: ref(false),
  shortcuts: ref(false),
  /** Runs that train while the program was asked to quit; 0: it was not. */
  quitting: ref(0),
}));
