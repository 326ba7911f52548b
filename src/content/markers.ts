const PANEL = Symbol.for('partnerOfRecord.panel');
const DETECTOR = Symbol.for('partnerOfRecord.detector');
const DETECT = Symbol.for('partnerOfRecord.detect');

/**
 * What our scripts leave for each other in the world they share on a page. The page sees none of it, and can't get in its
 * way: an element named like a global shadows it in every world, but no element is named like a symbol.
 */
interface World {
  [PANEL]?: AbortSignal;
  [DETECTOR]?: { readonly everyAddress: boolean; readonly controller: AbortController };
  [DETECT]?: (everyAddress: boolean) => void;
}
const world: World = globalThis as World;

/** Says that a panel script is on this page and watches the address itself, until `signal` is aborted. */
export function markPanel(signal: AbortSignal): void {
  world[PANEL] = signal;
}

/** Leaves the way to detect for the script that asks it to look at every address. */
export function leaveDetect(detect: (everyAddress: boolean) => void): void {
  world[DETECT] = detect;
}

/** Looks at every address from now on, by the detect script that was injected before. */
export function detectEverywhere(): void {
  world[DETECT]?.(true);
}

/** Whether a panel script is on this page and watches the address itself. */
export function panelIsHere(): boolean {
  return world[PANEL]?.aborted === false;
}

/**
 * Makes a detect script the one of this page. Null when one is at work that looks at all this one would; one that looks at less is
 * stopped and replaced.
 */
export function claimDetection(everyAddress: boolean): AbortController | null {
  const present = world[DETECTOR];
  if (present && !present.controller.signal.aborted) {
    if (present.everyAddress || !everyAddress) return null;
    present.controller.abort();
  }
  const controller = new AbortController();
  world[DETECTOR] = { everyAddress, controller };
  return controller;
}
