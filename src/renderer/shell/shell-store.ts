import { defineStore } from 'pinia';
import { ref } from 'vue';

/** State of what is shown over the screens. */
export const useShell = defineStore('shell', () => ({
  palette: ref(false),
  shortcuts: ref(false),
  /** Number of runs that trained when the program was asked to quit; 0: it was not. */
  quitting: ref(0),
}));
