import type { Page } from 'playwright-core';
import type { SubscriptionsPage } from '../../../src/messaging/protocol';
import { LIMIT_MS } from '../../within';

/** A change that is asked for, as somebody who saw the record does. */
export interface Ask {
  readonly subscriptionId: string;
  /** The mark of the record that was seen. */
  readonly seen: string;
  readonly partnerId: string;
}

/** The extension's API in its own pages. */
declare const chrome: { readonly runtime: { sendMessage<T>(message: object): Promise<T> } };

/** Every subscription that the worker lists for a page of the extension, as it is now. */
export function listAll(page: Page): Promise<Pick<Ask, 'subscriptionId' | 'seen'>[]> {
  return page.evaluate(listPages);
}

async function listPages(): Promise<Pick<Ask, 'subscriptionId' | 'seen'>[]> {
  const listed: Pick<Ask, 'subscriptionId' | 'seen'>[] = [];
  let next: string | null = null;
  do {
    const { answer }: { answer: SubscriptionsPage } = await chrome.runtime.sendMessage({
      name: 'subscriptions.list',
      input: { next, filter: '' },
    });
    if (!answer.ok) throw new Error(`The list could not be read: ${answer.failure.reason}`);
    for (const { subscriptionId, state } of answer.subscriptions) {
      listed.push({ subscriptionId, seen: state.version ?? '' });
    }
    next = answer.next;
  } while (next !== null);
  return listed;
}

/**
 * Asks for all these changes from the extension's own page, and resolves once the worker has taken every one. This is the way that there
 * is for many: a message each, sent without waiting for the one before.
 */
export async function askForAll(page: Page, asks: readonly Ask[]): Promise<void> {
  await page.evaluate(sendAsks, { asks, key: 'asked' });
  // What may take longer than a call of the browser may is looked for.
  const refused = await page.waitForFunction(
    () => Reflect.get(globalThis, 'asked') as string[] | undefined,
    undefined,
    {
      timeout: ASKED_WITHIN_MS,
    },
  );
  const [first] = (await refused.jsonValue()) ?? [];
  if (first !== undefined) throw new Error(`A change was not taken: ${first}`);
}

/** Above what today's way takes on a busy machine. */
const ASKED_WITHIN_MS = 10 * LIMIT_MS;

function sendAsks({ asks, key }: { readonly asks: readonly Ask[]; readonly key: string }): void {
  Reflect.deleteProperty(globalThis, key);
  Promise.all(
    asks.map((ask) =>
      chrome.runtime.sendMessage<{ ok: boolean; answer: { ok: boolean } }>({
        name: 'change.assign',
        input: { id: crypto.randomUUID(), ...ask },
      }),
    ),
  ).then(
    (crossings) => {
      const refused = crossings.filter((crossing) => crossing?.answer?.ok !== true);
      Reflect.set(
        globalThis,
        key,
        refused.map((crossing) => JSON.stringify(crossing).slice(0, 300)),
      );
    },
    (error) => Reflect.set(globalThis, key, [String(error)]),
  );
}
