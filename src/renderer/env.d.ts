/// <reference types="vite/client" />
import type { StudioBridge } from '../preload';

declare global {
  interface Window {
    /** Present in the desktop window only. */
    studio?: StudioBridge;
  }
}
