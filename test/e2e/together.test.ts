import { describe, expect, it } from 'vitest';
import { isRead } from './harness/fault-proxy';
import { ADATUM, check, FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { POPUP_PAGE } from './harness/world';

const spec = oneWorld();

describe('Two tabs of one subscription', () => {
  it('show a change, its undoing and a removal made in the other', async () => {
    const record = await spec.world.newSubscription();
    const { panel: one } = await spec.openPanel(record);
    const { panel: other } = await spec.openPanel(record);
    await check(one, FABRIKAM);
    await one.click('button', 'Save partner');
    await other.waitForText(FABRIKAM.name);
    await other.waitFor('button', 'Remove partner');

    await one.click('button', 'Undo');
    await other.waitForText('No partner of record');
    expect((await spec.world.service.read(record.subscriptionId)).partnerOfRecord).toBeNull();

    await check(other, NORTHWIND);
    await other.click('button', 'Save partner');
    await one.waitForText(NORTHWIND.name);
  });
});

describe('Undo', () => {
  it('after a change brings the partner before it back, after a removal too', async () => {
    const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
    const { panel } = await spec.openPanel(record);
    const partner = async () =>
      (await spec.world.service.read(record.subscriptionId)).partnerOfRecord?.partnerId ?? null;
    await check(panel, NORTHWIND);
    await panel.click('button', 'Save partner');
    await panel.click('button', 'Undo');
    await expect.poll(partner).toBe(FABRIKAM.partnerId);
    await panel.waitForText(/^Undone:/m);

    await panel.click('button', 'Remove partner');
    await panel.click('button', 'Yes');
    await panel.waitForText('Partner information has been removed.');
    await panel.click('button', 'Undo');
    await expect.poll(partner).toBe(FABRIKAM.partnerId);
  });
});

describe('A change that meets another', () => {
  /** Saves Fabrikam on a panel that does not know that the partner has become Northwind meanwhile. */
  async function meetAnother() {
    const { world } = spec;
    const record = await world.newSubscription();
    const opened = await spec.openPanel(record);
    await check(opened.panel, FABRIKAM);
    // Nobody reads of the other partner before Save meets it.
    const reads = world.proxy.hold('before', isRead);
    await world.service.setPartner(record.subscriptionId, NORTHWIND.partnerId);
    await opened.panel.click('button', 'Save partner');
    await opened.panel.waitForText(NORTHWIND.name);
    await opened.panel.waitFor('button', 'Overwrite');
    reads.release();
    const conflict = await world.backstage.waitForChange(record.subscriptionId, 'conflict');
    await expect.poll(() => world.backstage.badgeCount()).toBe(1);
    return { ...opened, record, conflict };
  }
  const partner = async (subscriptionId: string) =>
    (await spec.world.service.read(subscriptionId)).partnerOfRecord?.partnerId ?? null;

  it('is left as found by Keep', async () => {
    const { panel, record } = await meetAnother();
    await panel.click('button', 'Keep');
    await panel.waitGone('button', 'Overwrite');
    await panel.waitForText(NORTHWIND.name);
    await expect.poll(() => spec.world.backstage.badgeCount()).toBe(0);
    expect(await partner(record.subscriptionId)).toBe(NORTHWIND.partnerId);
  });

  it('is made again over what was found by Overwrite, under a key of its own', async () => {
    const { panel, record, conflict } = await meetAnother();
    await panel.click('button', 'Overwrite');
    await panel.waitForText('Partner information has been changed.');
    expect(await partner(record.subscriptionId)).toBe(FABRIKAM.partnerId);
    const [done, met] = await spec.world.backstage.changesOf(record.subscriptionId);
    expect(done?.life.state).toBe('done');
    expect(done?.id).not.toBe(conflict.id);
    expect(met?.life).toMatchObject({ state: 'conflict', answer: { kind: 'resolvedBy', changeId: done?.id } });
    await expect.poll(() => spec.world.backstage.badgeCount()).toBe(0);
  });

  it('can be answered in the popup, and the panel shows it', async () => {
    const { panel, record } = await meetAnother();
    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByRole('tab', { name: 'History' }).click();
    await popup.getByRole('searchbox', { name: 'Search history' }).fill(record.subscriptionId);
    await popup.getByRole('list', { name: 'History' }).getByRole('button', { name: 'Keep' }).click();
    await panel.waitGone('button', 'Overwrite');
    expect(await partner(record.subscriptionId)).toBe(NORTHWIND.partnerId);
  });

  it('is what the popup opens on: overwritten there, by the keyboard too, it leaves the badge', async () => {
    const { world } = spec;
    // So many changes from portals as this file makes would need the person, too.
    await world.backstage.forgetPortalUses();
    const { page, record } = await meetAnother();
    await page.close();
    const popup = await spec.openPage(POPUP_PAGE);
    const needs = popup.getByRole('region', { name: 'Needs you' });
    await needs.getByRole('heading', { name: record.displayName }).waitFor();
    await needs.getByText(`Meanwhile somebody else set the partner to ${NORTHWIND.name}`).waitFor();
    await needs.getByText(`You asked for: ${FABRIKAM.name}`).waitFor();
    await needs.getByRole('button', { name: 'Overwrite' }).focus();
    await popup.keyboard.press('Enter');
    await needs.waitFor({ state: 'detached' });
    await world.backstage.waitForChange(record.subscriptionId, 'done');
    await expect.poll(() => world.backstage.badge()).toBe('');
    expect(await partner(record.subscriptionId)).toBe(FABRIKAM.partnerId);
    // The keyboard is where it was, not at the page's beginning.
    await expect.poll(() => popup.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  });

  it('was made elsewhere and is found on reading: the history tells it', async () => {
    const { world } = spec;
    const record = await world.newSubscription();
    const { page } = await spec.openPanel(record);
    await page.close();
    await world.service.setPartner(record.subscriptionId, ADATUM.partnerId);
    const changed = await world.service.read(record.subscriptionId);
    await spec.openPanel(changed);
    const foreign = async () =>
      (await world.backstage.history())
        .flatMap((row) => (row.type === 'foreign' ? [row.foreign] : []))
        .filter(({ target }) => target.kind === 'subscription' && target.id === record.subscriptionId);
    await expect.poll(foreign).toMatchObject([{ after: { partnerId: ADATUM.partnerId } }]);
  });
});
