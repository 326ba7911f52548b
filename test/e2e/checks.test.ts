import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { deferred } from '../support/deferred';
import { quickest } from './harness/quickest';
import { until } from './harness/until';
import { FABRIKAM, HOSTILE, NORTHWIND, oneWorld } from './harness/spec';
import { POPUP_PAGE } from './harness/world';

const spec = oneWorld();

const idsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => String(first + index));

const isCheck = ({ path }: { readonly path: string }) => path.startsWith('/partners/');

/** Has the service answer so many checks and none of the others before the function answered is called. */
function answersFirst(count: number): () => void {
  const others = deferred();
  let checks = 0;
  spec.world.proxy.draw((request) => {
    if (!isCheck(request)) return undefined;
    checks += 1;
    return checks > count ? { kind: 'holdBefore', released: others.promise } : undefined;
  });
  return others.resolve;
}

/** Has a service that knows no partner answer each check after that time, and no more. */
function answersIn(ms: number): void {
  const body = JSON.stringify({ error: { code: 'PartnerNotFound', message: 'There is no such partner.' } });
  spec.world.proxy.draw((request) =>
    isCheck(request) ? { kind: 'answer', status: 404, body, released: pause(ms) } : undefined,
  );
}

/** How often each ID was asked for. */
function asked(): Map<string, number> {
  const times = new Map<string, number>();
  for (const { path } of spec.world.proxy.requests) {
    const [, id] = /^\/partners\/(\d+)$/.exec(path) ?? [];
    if (id !== undefined) times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}

/** Those of the IDs whose answers are kept, as the browser has them; what an earlier run left counts no more. */
async function kept(ids: readonly string[]): Promise<string[]> {
  const stored = Object.entries(await spec.world.backstage.storedForSession());
  const results = stored.flatMap(([key, value]) =>
    key.startsWith('checkResults') ? (value as { results: { partnerId: string }[] }).results : [],
  );
  return results.map(({ partnerId }) => partnerId).filter((id) => ids.includes(id));
}

async function paste(popup: Page, text: string): Promise<void> {
  await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(text);
  await popup.getByRole('button', { name: 'Check ID' }).click();
}

const summary = (popup: Page) => popup.getByRole('tabpanel', { name: 'Check ID' }).getByRole('status');

describe('Checks of many IDs', () => {
  it('outlive the popup and the worker, and none is asked for again whose answer had come', async () => {
    const { backstage } = spec.world;
    const ids = [FABRIKAM.partnerId, NORTHWIND.partnerId, ...idsFrom(3_000_001, 58)];
    const goOn = answersFirst(25);
    const popup = await spec.openPage(POPUP_PAGE);
    await paste(popup, ids.join('\n'));
    await popup.getByText('You may close this.').waitFor();
    await until('the first answers', async () => (await kept(ids)).length === 25);
    await popup.close();
    await backstage.killWorker();
    const before = await kept(ids);
    expect(before).toHaveLength(25);
    goOn();

    const again = await spec.openPage(POPUP_PAGE);
    await expect.poll(() => again.getByRole('textbox', { name: 'Partner IDs' }).inputValue()).toBe(ids.join('\n'));
    await summary(again).getByText('2 found, 58 unknown').waitFor();
    expect(await again.getByRole('listitem').count()).toBe(60);
    const times = asked();
    expect([...times.keys()].toSorted()).toEqual(ids.toSorted());
    expect(before.filter((id) => times.get(id) !== 1)).toEqual([]);
    // What was on the wire when the worker ended.
    expect([...times.values()].reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(60 + 5);
    const rows = (await backstage.history()).flatMap((row) => (row.type === 'check' ? [row.check.partnerId] : []));
    expect(rows.filter((id) => ids.includes(id)).toSorted()).toEqual(ids.toSorted());
  });

  it('goes on without any page, by the alarm, once the worker was ended', async () => {
    const { backstage } = spec.world;
    const ids = idsFrom(3_100_001, 30);
    const goOn = answersFirst(8);
    const popup = await spec.openPage(POPUP_PAGE);
    await paste(popup, ids.join(' '));
    await until('the first answers', async () => (await kept(ids)).length === 8);
    await popup.close();
    await backstage.killWorker();
    goOn();
    await until('all answers', async () => ids.every((id) => asked().has(id)) && (await kept(ids)).length === 30, {
      patienceMs: 50_000,
    });
  });

  it('hold while the service is too busy, and end when it says who may ask', async () => {
    const ids = idsFrom(3_200_001, 12);
    spec.world.proxy.plan(isCheck, { kind: 'answer', status: 429, headers: { 'retry-after': '2' } }, 5);
    const popup = await spec.openPage(POPUP_PAGE);
    await paste(popup, ids.join('\t'));
    await popup.getByText(/The service is busy. It goes on at/).waitFor();
    await summary(popup).getByText('12 unknown').waitFor();
    expect(spec.world.proxy.requests.filter(isCheck)).toHaveLength(12 + 5);
    // Nothing was asked for from the first refusal on, but what was on its way by then.
    const asked = spec.world.proxy.requests.filter(isCheck);
    const refused = asked.slice(0, 5).map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY);
    const next = asked.slice(5).map(({ forwardedAt }) => forwardedAt ?? 0);
    expect(Math.min(...next) - Math.max(...refused)).toBeGreaterThanOrEqual(1900);

    spec.world.proxy.plan(isCheck, { kind: 'answer', status: 401 }, Number.POSITIVE_INFINITY);
    await paste(popup, idsFrom(3_300_001, 12).join(','));
    await popup.getByRole('button', { name: 'Sign in' }).waitFor();
    await popup.getByRole('button', { name: 'Check the rest' }).waitFor();
    expect(spec.world.proxy.requests.filter(isCheck).length).toBeLessThanOrEqual(17 + 5);
  });

  it('understand what people paste, and take it along', async () => {
    const popup = await spec.openPage(POPUP_PAGE);
    await paste(
      popup,
      [
        'Partner ID\tName\tSince',
        `"${FABRIKAM.partnerId}"\tFabrikam\t2024`,
        `MPN: ${NORTHWIND.partnerId}\tNorthwind\t2023`,
        `${HOSTILE.partnerId}\t=1+1\t2022`,
        `４８５２０１３\tFabrikam again\t2021`,
        '4.852013E+06\tRounded\t2020',
        'a1b2c3d4-0000-4000-8000-00000000abcd\tUsage\t2019',
      ].join('\r\n'),
    );
    await summary(popup).getByText('3 found, 2 not IDs, 1 repeated').waitFor();
    const lines = await popup.getByRole('listitem').allInnerTexts();
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain('Excel shortened this number');
    expect(lines[1]).toContain('usage attribution ID');
    const saved = popup.waitForEvent('download');
    await popup.getByRole('button', { name: 'Export results' }).click();
    expect((await saved).suggestedFilename()).toMatch(/^partner-ids-.*\.csv$/);
  });

  it('are done in under two seconds for 200 IDs at a service that answers in 20 ms', async () => {
    answersIn(20);
    const { page } = spec.world.backstage;
    const popup = await spec.openPage(POPUP_PAGE);
    let count = 199;
    const timesAllowed = await quickest(1, async () => {
      // One more each time, so that its summary is not the one before.
      count += 1;
      const ids = idsFrom(3_400_001 + 1000 * (count - 200), count);
      await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(ids.join('\n'));
      const before = Date.now();
      await popup.getByRole('button', { name: 'Check ID' }).click();
      await summary(popup).getByText(`${count} unknown`).waitFor();
      const took = Date.now() - before;
      const bare = await page.evaluate(fetchAll, {
        urls: ids.map((id) => `${spec.world.proxy.url}/partners/${id}`),
        token: spec.world.service.token,
      });
      console.info(`${count} IDs: ${took} ms; bare requests, five at once: ${Math.round(bare)} ms`);
      return took / Math.max(2000, 3 * bare);
    });
    expect(timesAllowed).toBeLessThan(1);
  });
});

/** Runs in a page of the extension: the same requests, five at once, and nothing else. */
async function fetchAll({ urls, token }: { urls: string[]; token: string }): Promise<number> {
  const before = performance.now();
  const queue = urls.values();
  const lane = async () => {
    for (const url of queue) await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
  };
  await Promise.all(Array.from({ length: 5 }, lane));
  return performance.now() - before;
}
