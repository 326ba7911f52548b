import { rm } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MailServer, startMailServer } from '../server/support/mail-server';
import { ROWS_AT_ONCE } from '../../src/subscriptions/paged';
import { type FaultProxy, isWrite, type SeenRequest, startFaultProxy } from './harness/fault-proxy';
import { type ManyChanges, manyChanges, type OutcomeCounts } from './harness/many-changes';
import { folderOfMany, manyId } from './harness/many-subscriptions';
import { ADATUM, FABRIKAM, NORTHWIND } from './harness/partners';
import { until } from './harness/until';
import { startWorld, SUBSCRIPTIONS_PAGE, type World } from './harness/world';

/** Many changes at once in the browser, while requests fail, the worker is killed and the page is closed. */

const CHANGES = Number(process.env['CHANGES'] ?? 100);
/** The part of the subscriptions that what follows is about: one in so many. */
const ONE_IN = 100;
/** So many a connection has on the wire at once. */
const WIDTH = 4;
const OTHERS = 20;
const PATIENT = { patienceMs: 60_000 + CHANGES * 600 };
const PATIENT_PAGE = { timeout: PATIENT.patienceMs };
/** Longer than any machine takes for what has to be done before it ends. */
const WALL_SECONDS = 3600;
/** Many more than others have take longer; each part of it has its own limit. */
const LIMIT_MS = 300_000 + CHANGES * 2000;
/** Of 200 changes each at most, and one more that begins before the first is full. */
const MOST_LETTERS = 6;
/** The longest that a letter waits for more, and time to send it. */
const LETTER_PATIENCE = { patienceMs: 120_000 };
const MAIL_OF = { [FABRIKAM.partnerId]: 'alliances@fabrikam.example', [ADATUM.partnerId]: 'hello@adatum.example' };

let folder: string;
let mailServer: MailServer;
let world: World;
let other: FaultProxy;
let many: ManyChanges;
let ids: { readonly first: string; readonly second: string };

beforeAll(async () => {
  [folder, mailServer] = await Promise.all([folderOfMany(CHANGES + OTHERS, ADATUM.partnerId), startMailServer()]);
  const settings = { SMTP_URL: mailServer.url, MAIL_FROM: 'por@service.example' };
  world = await startWorld({}, { dataFolder: folder, settings });
  other = await startFaultProxy(world.service.url);
  many = manyChanges(world);
  await many.saveToken(other.url, 'Second', null);
  ids = { first: await many.connectionAt(world.proxy.url), second: await many.connectionAt(other.url) };
  for (const connectionId of Object.values(ids))
    for (const { partnerId } of [FABRIKAM, NORTHWIND])
      await world.backstage.call('partner.check', { partnerId, connectionId });
  // Both are of the same service: the list is that of the first.
  other.draw(({ path }) => (path.startsWith('/subscriptions?') ? { kind: 'resetBefore' } : undefined));
}, 300_000);
afterEach(() => world.proxy.reset());
afterAll(async () => {
  await other?.close();
  await world?.close();
  await mailServer?.close();
  await rm(folder, { recursive: true, force: true });
});

/** How a number is written, grouped or not. */
const figure = (n: number) => String(n).replace(/(?=...$)/, n < 1000 ? '' : ',?');
const subscriptionIn = ({ path }: SeenRequest) => path.split('/')[2] ?? '';
const numberOf = (id: string) => Number(id.slice(-12));
const isOneOfMany = (id: string) => id === manyId(numberOf(id));

async function openList(): Promise<Page> {
  const page = await world.browser.open(world.browser.extensionUrl(`${SUBSCRIPTIONS_PAGE}?filter=Many+Ltd`));
  await page.getByRole('table', { name: 'Subscriptions' }).waitFor();
  return page;
}

/** What changed each of them since they were imported, by the service's own log, newest first. */
async function effectsOf(from: number, count: number): Promise<(readonly string[])[]> {
  const numbers = Array.from({ length: count }, (_, n) => from + n);
  const all: (readonly string[])[] = [];
  for (let at = 0; at < numbers.length; at += 20) {
    const some = numbers.slice(at, at + 20).map((n) => world.service.effects(manyId(n)));
    all.push(
      ...(await Promise.all(some)).map((effects) =>
        effects.slice(0, -1).map(({ after }) => after?.partnerId ?? 'none'),
      ),
    );
  }
  return all;
}

/** Asks for that partner for those of the many; answers the batch's ID. */
async function ask(connectionId: string, from: number, count: number, partnerId: string): Promise<string> {
  const id = crypto.randomUUID();
  const wanted = new Map(Array.from({ length: count }, (_, n) => [manyId(from + n), partnerId]));
  const { answer } = await many.ask(id, connectionId, wanted);
  expect(answer).toMatchObject({ ok: true, asked: count });
  return id;
}

const progressOf = async (batchId: string) => (await many.progress()).get(batchId) ?? {};

const ended = (batchId: string, counts: OutcomeCounts) =>
  until(
    `the end of a batch with ${JSON.stringify(counts)}`,
    async () => JSON.stringify(await progressOf(batchId)) === JSON.stringify(counts),
    { ...PATIENT, state: async () => JSON.stringify(await progressOf(batchId)) },
  );

/** What one item of the list of outcomes says: of which of the many, and what came of it. */
interface Told {
  readonly n: number;
  readonly text: string;
}

/** All items of a batch's list of outcomes that came to that, read page by page. */
async function outcomesIn(report: Locator, outcome: string, count: number): Promise<Told[]> {
  await report.getByRole('combobox', { name: 'Result' }).selectOption({ label: outcome });
  const items = report.getByRole('list', { name: 'Outcome' }).getByRole('listitem');
  const told: Told[] = [];
  while (told.length < count) {
    if (told.length > 0) await report.getByRole('button', { name: 'Next' }).click();
    const here = Math.min(count - told.length, ROWS_AT_ONCE);
    const span = new RegExp(`${figure(told.length + 1)} to ${figure(told.length + here)} of ${figure(count)}`);
    if (count > ROWS_AT_ONCE) await report.getByText(span).waitFor();
    await expect.poll(() => items.count()).toBe(here);
    told.push(...(await items.allTextContents()).map((text) => ({ n: numberIn(text), text })));
  }
  return told;
}

const numberIn = (text: string) => Number(/3a000000-0000-4000-8000-(\d{12})/.exec(text)?.[1] ?? Number.NaN);

/** What came to a partner: for each letter of that direction, the subscriptions that it tells of. */
function lettersTo(partnerId: string, direction: 'gained' | 'lost'): (readonly string[])[] {
  const says = direction === 'gained' ? 'You are now' : 'You are no longer';
  return mailServer.received
    .filter(({ recipients, mail }) => recipients.includes(MAIL_OF[partnerId] ?? '') && mail.text?.includes(says))
    .map(({ mail }) => [...(mail.text ?? '').matchAll(/^ *Subscription ID: (.+)$/gm)].map(([, id = '']) => id));
}

describe('Many changes in bulk', () => {
  it(
    'each succeed once though 1 % of answers are 503 and 1 % refusals, the worker is killed three times and the page closed; each refusal is named, Undo puts all back, and of each kind come six letters at most',
    async () => {
      const { proxy, backstage } = world;
      const refused = (n: number) => n % ONE_IN === 7;
      const failing = (n: number) => n % ONE_IN === 13;
      const lost = (n: number) => n % ONE_IN === 31;
      const sentenceOf = (n: number) => `The books of customer ${n} are closed.`;
      const tries = new Map<string, number>();
      proxy.draw((request) => {
        if (!isWrite(request)) return undefined;
        const id = subscriptionIn(request);
        const n = numberOf(id);
        const tried = (tries.get(id) ?? 0) + 1;
        tries.set(id, tried);
        const error = (code: string, message: string) => JSON.stringify({ error: { code, message } });
        if (refused(n)) {
          return n % (2 * ONE_IN) === 7
            ? { kind: 'answer', status: 403, body: error('Closed', sentenceOf(n)) }
            : { kind: 'answer', status: 404, body: error('SubscriptionNotFound', 'No.') };
        }
        if (tried > 1) return undefined;
        if (failing(n)) return { kind: 'answer', status: 503, headers: { 'retry-after': '1' } };
        return lost(n) ? { kind: 'resetAfter' } : undefined;
      });

      const page = await openList();
      await page
        .getByText(new RegExp(`${figure(CHANGES + OTHERS)} of `))
        .first()
        .waitFor(PATIENT_PAGE);
      await page.getByRole('checkbox', { name: 'Select all' }).check();
      await page.getByRole('textbox', { name: 'Partner ID' }).fill(FABRIKAM.partnerId);
      await page.getByRole('button', { name: 'Check ID' }).click();
      const save = page.getByRole('button', { name: new RegExp(`Save partner for ${figure(CHANGES + OTHERS)}$`) });
      await save.click(PATIENT_PAGE);
      await page.getByText('You may close this page').waitFor(PATIENT_PAGE);

      const all = CHANGES + OTHERS;
      const done = () => proxy.writes().filter(({ serviceStatus }) => serviceStatus === 200).length;
      const reach = (part: number) => until(`${part} of it`, async () => done() >= all * part, PATIENT);
      await reach(0.15);
      await backstage.killWorker();
      await backstage.askWorker();
      await reach(0.3);
      await page.close();
      await reach(0.45);
      await backstage.killWorker();
      await backstage.askWorker();
      await reach(0.7);
      await backstage.killWorker();
      await backstage.askWorker();

      const again = await openList();
      const report = again.getByRole('article').first();
      const refusals = Array.from({ length: all }, (_, n) => n).filter(refused);
      const changed = Array.from({ length: all }, (_, n) => n).filter((n) => !refused(n));
      await report.getByText('All changes have ended').waitFor(PATIENT_PAGE);
      const counts = `${figure(all - refusals.length)} done, ${refusals.length} failed`;
      expect(await report.getByRole('status').first().textContent()).toMatch(
        new RegExp(`All changes have ended: ${counts}\\.`),
      );
      await report.getByRole('button', { name: 'List its changes' }).click();
      const named = await outcomesIn(report, 'Refused', refusals.length);
      expect(named.map(({ n }) => n).toSorted((one, other) => one - other)).toEqual(refusals);
      for (const { n, text } of named) {
        expect(text).toContain(`Many ${n}`);
        expect(text).toContain(n % (2 * ONE_IN) === 7 ? sentenceOf(n) : 'is not in your organisation’s list');
      }
      const succeeded = await outcomesIn(report, 'Done', all - refusals.length);
      expect(new Set(succeeded.map(({ n }) => n))).toEqual(new Set(changed));
      const effects = await effectsOf(0, all);
      expect(effects.map((one) => one.join())).toEqual(effects.map((_, n) => (refused(n) ? '' : FABRIKAM.partnerId)));
      // Else it would have shown nothing of these.
      for (const isMet of [refused, failing, lost])
        expect([...tries.keys()].some((id) => isMet(numberOf(id)))).toBe(true);

      await report.getByRole('button', { name: 'Undo these' }).click();
      await again.getByRole('article').nth(1).waitFor(PATIENT_PAGE);
      const undoing = again.getByRole('article').first();
      await undoing
        .getByText(new RegExp(`All changes have ended: ${figure(changed.length)} done, 0 failed\\.`))
        .waitFor(PATIENT_PAGE);
      const undone = await effectsOf(0, all);
      expect(undone.map((one) => one.join())).toEqual(
        undone.map((_, n) => (refused(n) ? '' : `${ADATUM.partnerId},${FABRIKAM.partnerId}`)),
      );
      const held = (await world.service.subscriptions()).filter(({ subscriptionId }) => isOneOfMany(subscriptionId));
      expect(held.map(({ partnerOfRecord }) => partnerOfRecord?.partnerId)).toEqual(held.map(() => ADATUM.partnerId));
      expect(held).toHaveLength(all);
      await again.close();

      const letters = [FABRIKAM, ADATUM].flatMap(({ partnerId }) => [
        () => lettersTo(partnerId, 'gained'),
        () => lettersTo(partnerId, 'lost'),
      ]);
      for (const ofOneKind of letters) {
        await until('every letter', async () => ofOneKind().flat().length >= changed.length, LETTER_PATIENCE);
        expect(ofOneKind().flat().toSorted()).toEqual(changed.map(manyId));
        expect(ofOneKind().length).toBeLessThanOrEqual(MOST_LETTERS);
      }
      console.log(
        `${all} changes and their Undo: ${letters.map((ofOneKind) => ofOneKind().length).join(', ')} letters`,
      );
    },
    LIMIT_MS,
  );
});

describe('Many changes of one connection', () => {
  const requestsSince = (before: number) => world.proxy.writes().slice(before);
  // A worker that is killed sooner leaves answers that nobody saw, and the next one begins with a probe.
  const everyAnswerNoted = () =>
    until('the worker to note every answer', async () => {
      const { heldLanes, attemptsNoted } = world.backstage;
      return (await heldLanes()) > 0 && (await attemptsNoted()) === requestsSince(0).length;
    });

  it('into a wall of 429 send one lane’s width before the time is up, also after the worker was killed, and another connection goes on', async () => {
    const { proxy, backstage } = world;
    const isWall = { now: true };
    proxy.draw((request) =>
      isWall.now && isWrite(request)
        ? { kind: 'answer', status: 429, headers: { 'retry-after': String(WALL_SECONDS) } }
        : undefined,
    );
    const held = await ask(ids.first, 0, CHANGES, NORTHWIND.partnerId);
    await everyAnswerNoted();
    await backstage.killWorker();
    await backstage.askWorker();
    const free = await ask(ids.second, CHANGES, OTHERS, NORTHWIND.partnerId);
    await ended(free, { done: OTHERS });
    expect(requestsSince(0).length).toBeLessThanOrEqual(WIDTH);
    isWall.now = false;
    await backstage.killWorker();
    await backstage.ageHolds(WALL_SECONDS * 1000);
    await backstage.ringAlarm();
    await ended(held, { done: CHANGES });
  });

  it('into a 401 send one lane’s width until somebody has signed in, also after the worker was killed', async () => {
    const { proxy, backstage } = world;
    const isOut = { now: true };
    proxy.draw((request) => (isOut.now && isWrite(request) ? { kind: 'answer', status: 401 } : undefined));
    const held = await ask(ids.first, 0, CHANGES, FABRIKAM.partnerId);
    await everyAnswerNoted();
    await backstage.killWorker();
    await backstage.askWorker();
    await backstage.ringAlarm();
    const free = await ask(ids.second, CHANGES, OTHERS, FABRIKAM.partnerId);
    await ended(free, { done: OTHERS });
    expect(requestsSince(0).length).toBeLessThanOrEqual(WIDTH);
    isOut.now = false;
    await many.saveToken(proxy.url, 'First', ids.first);
    await ended(held, { done: CHANGES });
  });
});
