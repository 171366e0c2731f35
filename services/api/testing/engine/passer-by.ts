import type { CrashPoint, EngineHooks } from '../../src/engine/crash-points.ts';

/** Something that a test does once, when the engine first comes to a point. */
export interface PasserBy extends EngineHooks {
  once(point: CrashPoint, act: () => void | Promise<void>): void;
  forget(): void;
}

export function createPasserBy(): PasserBy {
  let waiting: { readonly point: CrashPoint; readonly act: () => void | Promise<void> } | undefined;
  return {
    once: (point, act) => {
      waiting = { point, act };
    },
    forget: () => {
      waiting = undefined;
    },
    at: async (reached) => {
      if (waiting?.point !== reached) return;
      const { act } = waiting;
      waiting = undefined;
      await act();
    },
  };
}
