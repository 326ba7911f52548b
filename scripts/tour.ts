import type { Page } from 'playwright-core';
import type { SubscriptionRecord } from '../src/domain/subscription';
import type { ExtensionBrowser } from '../test/e2e/harness/browser';
import { addPortal, fillConnection, saveConnection, testConnection } from '../test/e2e/harness/options';
import { panelOn } from '../test/e2e/harness/panel';
import { DEMO_PARTNER_ID, type Service } from '../test/e2e/harness/service';
import { until } from '../test/e2e/harness/until';
import type { DemoPortal } from './demo-portal/server';
import { startPictures } from './tour-pictures';

export const FIRST_PARTNER = { partnerId: DEMO_PARTNER_ID, name: 'Fabrikam Cloud Services' };
export const SECOND_PARTNER = { partnerId: '5120846', name: 'Northwind Consulting' };

export interface Stage {
  readonly browser: ExtensionBrowser;
  readonly service: Service;
  readonly portal: DemoPortal;
}

/**
 * Does the main job by itself through the real user interface. After each step it asks the service what it then holds, and
 * prints that in one line; a screenshot of each goes to `folder`. After each change it prints the mails that partners got, and
 * what the first partner's own people now see of the subscription.
 * @throws {Error} at the first step that the service does not confirm
 */
export async function tour({ browser, service, portal }: Stage, folder: string): Promise<void> {
  const pictures = await startPictures(folder);
  const { subscriptionId, displayName } = await freeSubscription(service);
  const effectsBefore = (await service.effects(subscriptionId)).length;
  const mailsBefore = (await service.mails()).length;
  let mailsTold = 0;

  /** The step counts only when the service, asked directly, holds what it should. */
  async function confirm(step: string, page: Page, partnerId: string | null, changes: number): Promise<void> {
    const number = await pictures.take(step, page);
    const { partnerOfRecord: held } = await service.read(subscriptionId);
    const counted = (await service.effects(subscriptionId)).length - effectsBefore;
    const holds = held === null ? 'no partner of record' : `${held.name} (${held.partnerId})`;
    console.log(`${number}  ${step.padEnd(33)} the service holds: ${holds}; changes so far: ${counted}`);
    if ((held?.partnerId ?? null) !== partnerId || counted !== changes) {
      throw new Error(`“${step}”: the service should hold ${partnerId ?? 'no partner'} after ${changes} changes.`);
    }
  }

  /** Prints the mails that the last change brought; there must come exactly as many as the partners it concerns. */
  async function tellMails(count: number): Promise<void> {
    const expected = mailsBefore + mailsTold + count;
    await until('the mails to be sent', async () => (await service.mails()).length >= expected);
    const mails = (await service.mails()).slice(mailsBefore + mailsTold);
    for (const { to, subject } of mails) console.log(`    mail to ${to}: ${subject}`);
    if (mails.length !== count) throw new Error(`There should be ${count} mails, and there are ${mails.length}.`);
    mailsTold += count;
  }

  /** Prints what the first partner sees of the subscription; it must see it just while it is the partner of record. */
  async function tellPartnersView(sees: boolean): Promise<void> {
    const row = (await service.seenByPartner()).find((seen) => seen.subscriptionId === subscriptionId);
    const view =
      row === undefined ? 'nothing of it' : `it, since ${row.associatedAt}, with ${row.usage.length} sums of usage`;
    console.log(`    ${FIRST_PARTNER.name} sees ${view}`);
    if ((row !== undefined) !== sees)
      throw new Error(`The partner should see ${sees ? 'the subscription' : 'nothing'}.`);
  }

  console.log(`The subscription is ${displayName}, ${subscriptionId}.`);

  const options = await browser.welcomePage();
  await fillConnection(options, service.url, service.token);
  await confirm('Options filled in', options, null, 0);
  await testConnection(options);
  await confirm('Connection tested', options, null, 0);
  await saveConnection(options);
  await addPortal(options, portal.pattern);
  await confirm('Connection and portal saved', options, null, 0);
  await options.close();

  const page = await browser.open(portal.pageOf(subscriptionId));
  const panel = panelOn(page);
  await panel.waitForText('No partner of record');
  await confirm('Panel appears', page, null, 0);

  await panel.type('Partner ID', FIRST_PARTNER.partnerId);
  await panel.click('button', 'Check ID');
  await panel.waitFor('button', 'Save partner');
  await panel.waitForText(FIRST_PARTNER.name);
  await confirm('ID checked, nothing sent yet', page, null, 0);
  await tellPartnersView(false);

  await panel.click('button', 'Save partner');
  await panel.waitForText('Partner information has been changed.');
  await confirm('Partner assigned', page, FIRST_PARTNER.partnerId, 1);
  await tellMails(1);
  await tellPartnersView(true);

  await panel.type('Partner ID', SECOND_PARTNER.partnerId);
  await panel.click('button', 'Check ID');
  await panel.waitForText(SECOND_PARTNER.name);
  await panel.click('button', 'Save partner');
  await until('the change to arrive', async () => (await service.effects(subscriptionId)).length === effectsBefore + 2);
  await panel.waitForText('Partner information has been changed.');
  await confirm('Partner changed', page, SECOND_PARTNER.partnerId, 2);
  await tellMails(2);
  await tellPartnersView(false);

  await panel.click('button', 'Remove partner');
  await panel.waitFor('alertdialog', 'Remove partner of record?');
  await confirm('Removing asks first', page, SECOND_PARTNER.partnerId, 2);
  await panel.click('button', 'No');
  await panel.waitGone('alertdialog', 'Remove partner of record?');
  await confirm('No: nothing happens', page, SECOND_PARTNER.partnerId, 2);

  await panel.click('button', 'Remove partner');
  await panel.click('button', 'Yes');
  await panel.waitForText('Partner information has been removed.');
  await confirm('Yes: partner removed', page, null, 3);
  await tellMails(1);
  await tellPartnersView(false);

  const popup = await browser.open(browser.extensionUrl('src/popup/index.html'));
  await popup.setViewportSize({ width: 420, height: 600 });
  await popup.getByRole('tab', { name: 'History' }).click();
  await popup.getByRole('searchbox', { name: 'Search history' }).fill(subscriptionId);
  const items = popup.getByRole('list', { name: 'History' }).getByRole('listitem');
  await until('three changes in the history', async () => (await items.count()) === 3);
  await confirm('History lists all of it', popup, null, 3);
  await popup.close();

  const list = await browser.open(browser.extensionUrl('src/subscriptions/index.html?show=without'));
  await list.getByText(subscriptionId).first().waitFor();
  await confirm('All subscriptions listed', list, null, 3);

  const batches = list.getByRole('article');
  /** The newest stands first. */
  const batchEnded = async (count: number) => {
    await batches.nth(count - 1).waitFor();
    await batches.first().getByText('All changes have ended').waitFor();
  };
  const undo = () => batches.first().getByRole('button', { name: 'Undo these' }).click();

  await list.getByRole('checkbox', { name: 'Select all' }).check();
  await list.getByRole('textbox', { name: 'Partner ID' }).fill(FIRST_PARTNER.partnerId);
  await list.getByRole('button', { name: 'Check ID' }).click();
  const save = list.getByRole('button', { name: /^Save partner for / });
  await save.waitFor();
  await confirm('Many previewed, nothing sent yet', list, null, 3);
  await save.click();
  await batchEnded(1);
  await confirm('Many changed together', list, FIRST_PARTNER.partnerId, 4);
  await undo();
  await batchEnded(2);
  await confirm('Many put back together', list, null, 5);

  await list.getByRole('button', { name: 'Import CSV' }).click();
  const csv = Buffer.from(`subscriptionId,partnerId\n${subscriptionId},${SECOND_PARTNER.partnerId}\n`);
  const file = { name: 'partners.csv', mimeType: 'text/csv', buffer: csv };
  await list.locator('dialog input[type=file]').setInputFiles(file);
  const make = list.getByRole('button', { name: 'Make 1 change' });
  await make.waitFor();
  await confirm('Import read, nothing sent yet', list, null, 5);
  await make.click();
  await batchEnded(3);
  await confirm('Import carried out', list, SECOND_PARTNER.partnerId, 6);
  await undo();
  await batchEnded(4);
  await confirm('Import put back', list, null, 7);
  await list.close();
  console.log(`Every step was confirmed by the service. ${pictures.count()} screenshots are in ${folder}.`);
}

/** One that the demo's main caller may change and that has no partner yet. */
export async function freeSubscription(service: Service): Promise<SubscriptionRecord> {
  const free = (await service.subscriptions()).find(
    (record) => record.service === 'azure' && record.caller.canChangePartner && record.partnerOfRecord === null,
  );
  if (free === undefined)
    throw new Error('Every subscription of the demo has a partner. Delete the folder .data and start again.');
  return free;
}
