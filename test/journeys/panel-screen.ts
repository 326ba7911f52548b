import { setTimeout as pause } from 'node:timers/promises';
import { PRESS_AGAIN } from '../e2e/harness/panel';
import { until } from '../e2e/harness/until';
import type { PanelScreen, Screen } from './driver';

/** Longer than a press needs what it answers to have been seen. */
const LOOKED_MS = 700;
/** How often a press that came too early is made again: the browser may have looked at nothing for want of a processor. */
const MOST_PRESSES = 5;

/** The panel as a person uses it: a press that came too early is made again, and the form is opened to type into it. */
export function panelScreen(screen: Screen): PanelScreen {
  async function press(role: string, name: string): Promise<void> {
    for (let presses = 1; ; presses += 1) {
      await screen.press(role, name);
      if (!(await screen.text()).includes(PRESS_AGAIN) || presses === MOST_PRESSES) return;
      await pause(LOOKED_MS);
    }
  }

  async function unfold(): Promise<void> {
    await until(
      'the form, or “Change” that opens it',
      async () => {
        if (await screen.has('textbox', 'Partner ID')) return true;
        if (await screen.has('button', 'Open the panel')) await press('button', 'Open the panel');
        if (await screen.has('button', 'Change')) await press('button', 'Change');
        return false;
      },
      { state: screen.text },
    );
  }

  return {
    ...screen,
    pressOnce: screen.press,
    press,
    async type(label, text) {
      await unfold();
      await screen.type(label, text);
    },
  };
}
