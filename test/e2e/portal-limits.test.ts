import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SubscriptionRecord } from '../../src/domain/subscription';
import { panelOn } from './harness/panel';
import { changeAllFrom, sendFrom } from './harness/sender';
import { FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { until } from './harness/until';
import { azurePage, POPUP_PAGE } from './harness/world';

const spec = oneWorld();
const SUBSCRIPTIONS = 18;

let records: SubscriptionRecord[];
beforeAll(async () => {
  const all = await spec.world.service.subscriptions();
  records = all.filter(({ caller }) => caller.canChangePartner).slice(0, SUBSCRIPTIONS);
  expect(records).toHaveLength(SUBSCRIPTIONS);
});

/** The subscriptions that the service was asked about, one for each time. */
function readsSeen(): string[] {
  return spec.world.proxy.requests.flatMap(({ method, path }) => {
    const id = /\/subscriptions\/([^/?]+)$/.exec(path)?.[1];
    return method === 'GET' && id !== undefined ? [id] : [];
  });
}

async function onHome(): Promise<Page> {
  return spec.open('https://portal.azure.com/#home');
}

describe('A page that leads the panel through subscriptions', () => {
  it('by 200 changes of its own hash in 7 s has eight of them read, and then one every two seconds', async () => {
    const page = await onHome();
    const addresses = Array.from({ length: 200 }, (_, index) =>
      azurePage(records[index % SUBSCRIPTIONS]?.subscriptionId ?? ''),
    );
    const seconds = await page.evaluate(async (all) => {
      const start = performance.now();
      for (const address of all) {
        location.href = address;
        await new Promise((later) => setTimeout(later, 35));
      }
      return (performance.now() - start) / 1000;
    }, addresses);
    const panel = panelOn(page);
    await panel.waitFor('region', 'Partner of record');
    const reads = readsSeen();
    expect(reads.length).toBeGreaterThanOrEqual(1);
    expect(reads.length).toBeLessThanOrEqual(8 + seconds / 2 + 1);
  });

  it('also from the last records that were read gives none away, until a person presses for it', async () => {
    const page = await onHome();
    const { backstage } = spec.world;
    for (const { subscriptionId } of records) await backstage.call('subscription.read', { subscriptionId, anew: true });
    spec.world.proxy.reset();
    const panel = panelOn(page);
    const name = records.at(-1)?.displayName ?? '';
    const isWithheld = async () => (await panel.find('button', 'Show partner')) !== null;
    await until(
      'a record that is withheld',
      async () => {
        // Over all of them and back to the last, faster than the pace gives out.
        await page.evaluate(
          async (all) => {
            for (const address of all) {
              location.href = address;
              await new Promise((later) => setTimeout(later, 100));
            }
          },
          records.map(({ subscriptionId }) => azurePage(subscriptionId)),
        );
        await until(
          'a panel that has its answer',
          async () => (await isWithheld()) || (await panel.text()).includes(name),
        );
        return isWithheld();
      },
      { patienceMs: 60_000 },
    );
    const before = readsSeen().length;
    expect(await panel.text()).not.toContain(name);
    expect(readsSeen()).toHaveLength(before);
    await panel.click('button', 'Show partner');
    await panel.waitForText(name);
    await panel.waitFor('textbox', 'Partner ID');
  });
});

describe('A content script that a page has taken over', () => {
  it('with two tabs changes not 18 of 18, and what it changed is in the history, in the badge and in the popup', async () => {
    const { world } = spec;
    const { backstage, service } = world;
    const effects = async () =>
      (
        await Promise.all(records.map(async ({ subscriptionId }) => (await service.effects(subscriptionId)).length))
      ).reduce((sum, count) => sum + count, 0);
    const rows = async () => (await backstage.history()).filter(({ type }) => type === 'change').length;
    const [effectsBefore, rowsBefore] = [await effects(), await rows()];
    const addresses = records.map(({ subscriptionId }) => ({ subscriptionId, address: azurePage(subscriptionId) }));
    const start = Date.now();
    for (const [index, { partnerId }] of [NORTHWIND, FABRIKAM].entries()) {
      await backstage.call('partner.check', { partnerId });
      const page = await onHome();
      // Its own address, so that the tab is found by it.
      await page.evaluate((tab) => history.replaceState(null, '', `#home/${tab}`), index);
      await changeAllFrom(backstage, page, addresses, partnerId);
    }
    // What passes between the two tabs gives them more, too.
    const minutes = 1 + Math.floor((Date.now() - start) / 60_000);
    await until('the end of every change', async () => (await backstage.history('openTarget')).length === 0);
    const made = (await effects()) - effectsBefore;
    expect(made).toBeGreaterThan(10);
    expect(made).toBeLessThanOrEqual(20 * minutes);
    expect((await rows()) - rowsBefore).toBeGreaterThanOrEqual(made);
    await expect.poll(() => backstage.badge()).not.toBe('');
    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByText('More than 10 changes were made from portal pages').waitFor();
    await popup.getByRole('button', { name: 'I have seen it' }).click();
    await until('a badge without its mark', async () => !(await backstage.badge()).includes('!'));
  });

  it('with 1,500 checks makes twenty, also when the worker is killed in between, and pushes no change out', async () => {
    const { world } = spec;
    const { backstage, proxy } = world;
    const [record] = records;
    const page = await spec.open(azurePage(record?.subscriptionId ?? ''));
    await panelOn(page).waitFor('region', 'Partner of record');
    const changes = async () => (await backstage.history()).filter(({ type }) => type === 'change').map(({ id }) => id);
    const checks = async () => (await backstage.history()).filter(({ type }) => type === 'check').length;
    const [before, checksBefore] = [await changes(), await checks()];
    proxy.reset();
    const start = Date.now();
    for (let sent = 0; sent < 1500; sent += 500) {
      const messages = Array.from({ length: 500 }, (_, index) => ({
        name: 'partner.check',
        input: { partnerId: String(1_000_000 + sent + index) },
      }));
      await sendFrom(backstage, page, messages);
      await backstage.killWorker();
    }
    const most = 20 * (1 + Math.floor((Date.now() - start) / 60_000));
    const asked = proxy.requests.filter(({ path }) => path.includes('/partners/')).length;
    expect(asked).toBeGreaterThanOrEqual(20);
    expect(asked).toBeLessThanOrEqual(most);
    expect((await checks()) - checksBefore).toBeLessThanOrEqual(most);
    expect(await changes()).toEqual(before);
  });
});
