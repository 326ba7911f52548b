import type { Page } from 'playwright-core';
import { until } from './until';
import type { Backstage } from './worker';

/** What the backstage page, one of the extension's own, can do. */
declare const chrome: {
  readonly runtime: { sendMessage(message: unknown): Promise<unknown> };
  readonly tabs: { query(query: object): Promise<{ readonly id: number; readonly url?: string }[]> };
  readonly scripting: {
    executeScript(injection: {
      readonly target: { readonly tabId: number; readonly allFrames: boolean };
      readonly func: (input: string) => Promise<unknown>;
      readonly args: readonly string[];
    }): Promise<readonly { readonly frameId: number; readonly result: unknown }[]>;
  };
};

/** The browser's number of the tab that shows that address, once it says so: it hears of a page's new address a moment later. */
export function tabAt(backstage: Backstage, address: string): Promise<number> {
  return until(`a tab that shows ${address}`, () =>
    backstage.page.evaluate(
      async (wanted) => (await chrome.tabs.query({})).find(({ url }) => url === wanted)?.id,
      address,
    ),
  );
}

/** What each frame of a tab was answered when the extension's content script world there sent these messages, by frame. */
export async function sendFrom(
  backstage: Backstage,
  page: Page,
  messages: readonly unknown[],
): Promise<{ top: unknown[]; inner: unknown[][] }> {
  const frames = await backstage.page.evaluate(
    ([tabId, json]) =>
      chrome.scripting.executeScript({
        target: { tabId, allFrames: true },
        args: [json],
        func: (sent) =>
          Promise.all(
            JSON.parse(sent).map((message: unknown) =>
              chrome.runtime.sendMessage(message).then(
                (answer) => answer ?? 'nobody answered',
                (error: unknown) => String(error),
              ),
            ),
          ),
      }),
    // As text: what is injected loses every null on its way.
    [await tabAt(backstage, page.url()), JSON.stringify(messages)] as const,
  );
  const results = frames.map(({ frameId, result }) => ({ frameId, answers: Array.isArray(result) ? result : [] }));
  return {
    top: results.find(({ frameId }) => frameId === 0)?.answers ?? [],
    inner: results.filter(({ frameId }) => frameId !== 0).map(({ answers }) => answers),
  };
}

/**
 * What a content script that a page has taken over can do with a tab: it leads the tab from subscription to subscription and
 * asks, as fast as it can, for the partner to be changed on each.
 */
export async function changeAllFrom(
  backstage: Backstage,
  page: Page,
  addresses: readonly { readonly subscriptionId: string; readonly address: string }[],
  partnerId: string,
): Promise<void> {
  await backstage.page.evaluate(
    ([tabId, json]) =>
      chrome.scripting.executeScript({
        target: { tabId, allFrames: false },
        args: [json],
        func: async (input) => {
          const { addresses, partnerId } = JSON.parse(input);
          for (const { subscriptionId, address } of addresses) {
            history.pushState(null, '', address);
            let etag = '"1"';
            // The browser tells of the new address a moment later.
            for (let tries = 0; tries < 50; tries += 1) {
              const read = Object(
                await chrome.runtime.sendMessage({ name: 'subscription.read', input: { subscriptionId, anew: true } }),
              );
              if (read.ok) {
                etag = read.answer.state?.version ?? etag;
                break;
              }
            }
            const input = { id: crypto.randomUUID(), subscriptionId, partnerId, seen: etag };
            await chrome.runtime.sendMessage({ name: 'change.assign', input });
          }
        },
      }),
    [await tabAt(backstage, page.url()), JSON.stringify({ addresses, partnerId })] as const,
  );
}
