import { type ConfirmAbout, type ConfirmWindow, windowFor } from '../domain/confirm-window';
import type { ConfirmOpenAnswer } from '../messaging/protocol';
import { browser } from '../platform/browser';
import type { Log } from '../platform/log';
import { readConfirmWindow, writeConfirmWindow } from '../storage/confirm-window';

/** The extension's own window in which a change is confirmed. There is one, and no page reaches it. */
export interface ConfirmWindows {
  /** Brings the window about that before the person. */
  show(about: ConfirmAbout, typed: string): Promise<Extract<ConfirmOpenAnswer, 'opened' | 'busy'>>;
  /** Notes whether something is under way in a window, as that says. */
  noteUnderWay(id: string, underWay: boolean): Promise<void>;
  /** The browser closed a window, ours or another. */
  closed(windowId: number): Promise<void>;
}

const LOCK = 'confirm-window';
const SIZE = { width: 420, height: 640 };

export function createConfirmWindows(log: Log): ConfirmWindows {
  /** One after the other: two asks at once must not open two. */
  function alone<T>(act: (present: ConfirmWindow | null) => Promise<T>): Promise<T> {
    return navigator.locks.request(LOCK, async () => act(await readConfirmWindow()));
  }

  /** False when the window is gone and nobody heard it close. */
  async function focus({ windowId }: ConfirmWindow): Promise<boolean> {
    if (windowId === null) return false;
    try {
      await browser.windows.update(windowId, { focused: true });
      return true;
    } catch (cause) {
      log.info('The window to confirm in is gone', { why: String(cause) });
      return false;
    }
  }

  async function open(about: ConfirmAbout, typed: string): Promise<void> {
    const subject = { ...about, id: crypto.randomUUID(), typed };
    // Kept before the window opens: its page finds what it is about, and a worker that ends in between leaves no window without it.
    await writeConfirmWindow({ subject, windowId: null, underWay: false });
    const url = browser.runtime.getURL(`src/confirm/index.html#${subject.id}`);
    const { id: windowId = null } = await browser.windows.create({ type: 'popup', url, ...SIZE });
    await writeConfirmWindow({ subject, windowId, underWay: false });
  }

  return {
    show: (about, typed) =>
      alone(async (present) => {
        const found = present !== null && windowFor(present, about);
        if (present !== null && found !== 'open' && (await focus(present))) {
          return found === 'busy' ? 'busy' : 'opened';
        }
        // The earlier window, if it is still open, closes by itself: there is another one now.
        await open(about, typed);
        return 'opened';
      }),
    noteUnderWay: (id, underWay) =>
      alone(async (present) => {
        if (present?.subject.id === id) await writeConfirmWindow({ ...present, underWay });
      }),
    closed: (windowId) =>
      alone(async (present) => {
        if (present?.windowId === windowId) await writeConfirmWindow(null);
      }),
  };
}
