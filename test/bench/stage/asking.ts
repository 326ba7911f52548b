import type { Page } from 'playwright-core';
import type { MessageAnswer, MessageInput, SubscriptionsPage } from '../../../src/messaging/protocol';
import type { OurBrowser } from './extension';

/** The extension's API in its own pages. */
declare const chrome: { readonly runtime: { sendMessage<T>(message: object): Promise<T> } };

type Asked = MessageInput<'batch.ask'>['items'][number];

declare global {
  /** What a page is about to ask for. */
  var asked: MessageInput<'batch.ask'>;
}

/** Lists every subscription for a page of the extension. What is answered asks for that partner for all of them, as one batch. */
export async function prepareBatch({ backstage }: Pick<OurBrowser, 'backstage'>, page: Page, partnerId: string) {
  await backstage.call('partner.check', { partnerId });
  const connectionId: string = JSON.parse(await backstage.storedLocally()).settings.connections[0].id;
  const items = (await page.evaluate(listPages, connectionId)).map(({ subscriptionId, state }): Asked => {
    const { partnerOfRecord: held, version } = state;
    const before = held && { partnerId: held.partnerId, name: held.name };
    return { subscriptionId, name: subscriptionId, page: null, before, basedOn: version, after: partnerId };
  });
  // It lies in the page before the time is taken: what the bench's own way to it takes is nothing of what is measured.
  const input: MessageInput<'batch.ask'> = { id: crypto.randomUUID(), connectionId, kind: 'bulk', items };
  await page.evaluate((asked) => {
    globalThis.asked = asked;
  }, input);
  return async (): Promise<void> => {
    const { answer } = await page.evaluate(() =>
      chrome.runtime.sendMessage<{ answer: MessageAnswer<'batch.ask'> }>({
        name: 'batch.ask',
        input: globalThis.asked,
      }),
    );
    if (!answer.ok || answer.asked !== items.length)
      throw new Error(`The changes were not taken: ${JSON.stringify(answer).slice(0, 300)}`);
  };
}

/** Runs in a page of the extension. */
async function listPages(connectionId: string) {
  const listed: Extract<SubscriptionsPage, { ok: true }>['subscriptions'][number][] = [];
  let after: MessageInput<'subscriptions.list'>['after'] = null;
  do {
    const { answer }: { answer: SubscriptionsPage } = await chrome.runtime.sendMessage({
      name: 'subscriptions.list',
      input: { connectionId, after },
    });
    if (!answer.ok) throw new Error(`The list could not be read: ${answer.failure.reason}`);
    listed.push(...answer.subscriptions);
    after = answer.next === null ? null : { next: answer.next, place: answer.place };
  } while (after !== null);
  return listed;
}
