import { beforeAll, describe, expect, it } from 'vitest';
import type { SubscriptionRecord } from '../../src/domain/subscription';
import { ADATUM, FABRIKAM, oneWorld } from './harness/spec';
import { until } from './harness/until';
import { POPUP_PAGE } from './harness/world';

/** The extension API of the page that an evaluated function runs in. */
declare const chrome: {
  readonly alarms: { create(name: string, when: object): Promise<void> };
};

const spec = oneWorld();

/** Runs in a page of the extension: how many passes have ended, by the times that are kept. */
function lastPassEndedAt(): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('watches').objectStore('watches').getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        opening.result.close();
        const [watching] = reading.result as { pass: object | null; last: { endedAt: number } | null }[];
        resolve(watching?.pass === null ? (watching.last?.endedAt ?? null) : null);
      };
    };
  });
}

const endedAt = () => spec.world.backstage.page.evaluate(lastPassEndedAt);

/** Lets the alarm come of which the next pass begins, and waits for the pass to end. */
async function nextPass(): Promise<void> {
  const before = await endedAt();
  await spec.world.backstage.page.evaluate(() =>
    chrome.alarms.create('watch', { when: Date.now(), periodInMinutes: 60 }),
  );
  await until('the end of a pass', async () => {
    const now = await endedAt();
    return now !== null && now !== before;
  });
}

async function foundOf(subscriptionId: string) {
  return (await spec.world.backstage.history())
    .flatMap((row) => (row.type === 'foreign' ? [row.foreign] : []))
    .filter(({ target }) => target.kind === 'subscription' && target.id === subscriptionId);
}

describe('A change made at the service behind the extension’s back', () => {
  let changed: SubscriptionRecord;
  let removed: SubscriptionRecord;
  beforeAll(async () => {
    changed = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
    removed = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
    await spec.world.backstage.call('watch.save', { watch: 'hour', watched: 'all' });
    await until('the end of the first pass', async () => (await endedAt()) !== null);
  });

  it('is announced with who did it by the next look, and Restore puts back what was there', async () => {
    const { backstage, service } = spec.world;
    const record = changed;
    expect(await foundOf(record.subscriptionId)).toEqual([]);
    await service.setPartner(record.subscriptionId, ADATUM.partnerId);
    const by = (await service.read(record.subscriptionId)).partnerOfRecord?.assignedBy ?? '';
    await nextPass();
    expect(await foundOf(record.subscriptionId)).toMatchObject([
      { before: { partnerId: FABRIKAM.partnerId }, after: { partnerId: ADATUM.partnerId }, by },
    ]);
    await expect.poll(() => backstage.badge()).toBe('1');

    const popup = await spec.openPage(POPUP_PAGE);
    const needs = popup.getByRole('region', { name: 'Needs you' });
    await needs.getByRole('heading', { name: record.displayName }).waitFor();
    await needs.getByText(`Changed elsewhere from ${FABRIKAM.name}`).getByText(by).waitFor();
    await needs.getByRole('button', { name: 'Restore' }).click();
    await expect
      .poll(async () => (await service.read(record.subscriptionId)).partnerOfRecord?.partnerId)
      .toBe(FABRIKAM.partnerId);
    await backstage.waitForChange(record.subscriptionId, 'done');
    await expect.poll(() => backstage.badge()).toBe('');
    await nextPass();
    expect(await foundOf(record.subscriptionId)).toHaveLength(1);
  });

  it('is found after a worker that was ended before the alarm, and a removal names who removed', async () => {
    const { backstage, service } = spec.world;
    const record = removed;
    await service.setPartner(record.subscriptionId, null);
    await backstage.killWorker();
    await nextPass();
    const [found] = await foundOf(record.subscriptionId);
    expect(found).toMatchObject({ before: { partnerId: FABRIKAM.partnerId }, after: null, seen: false });
    expect(found?.by).toMatch(/\S/);
    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByRole('tab', { name: 'History' }).click();
    const list = popup.getByRole('list', { name: 'History' });
    await list.getByText(`no partner of record by ${found?.by}.`).waitFor();
    await expect.poll(() => backstage.badge()).toBe('');
    await list.getByRole('button', { name: 'Restore' }).first().waitFor();
  });
});
