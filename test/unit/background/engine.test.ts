import { aChange } from '../../support/changes';
import { HOUR, MINUTE, SECOND, START } from '../../support/clock';
import { FOREIGN, WANTED } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { subscriptionId, TARGET, uuid } from '../../support/targets';
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Backend, BackendError } from '../../../src/backends/backend';
import { type Change, type ChangeLife, IN_FLIGHT_MS } from '../../../src/domain/change';
import type { Partner } from '../../../src/domain/partner';
import { StorageFull } from '../../../src/storage/database';
import { failed } from '../../support/fake-service';
import { type Browser, createBrowser, type DeathMoment } from './worker-life';

let browser: Browser;

beforeEach(() => {
  browser = createBrowser();
});

/** Where the backend has versions. */
const version = (etag: string) => (browser.service.can.replay === 'key' ? etag : null);
const holding = ({ partnerId }: Partner, etag: string) => ({ partnerOfRecord: { partnerId }, version: version(etag) });

/** A change of a subscription of its own, numbered. */
function change(number: number, overrides: Parameters<typeof aChange>[0] = {}): Change {
  const target = { ...TARGET, id: subscriptionId(`subscription-${number}`) };
  const { replay } = browser.service.can;
  return aChange({ id: uuid(number), target, replay, basedOn: version('"1"'), ...overrides });
}

async function lifeOf(number: number): Promise<ChangeLife | undefined> {
  return (await browser.history.readChange(uuid(number)))?.life;
}

async function stateOf(number: number): Promise<ChangeLife['state'] | undefined> {
  return (await lifeOf(number))?.state;
}

/** Waits until something is so. */
function until(holds: () => unknown): Promise<void> {
  return vi.waitFor(async () => expect(await holds()).toBe(true), { interval: 1 });
}

const ended = (number: number, state: ChangeLife['state']) => until(async () => (await stateOf(number)) === state);
const sent = (count: number) => until(() => browser.service.requests.length === count);

/** A gate that writes wait at until they are let through. */
function createGate() {
  const waiting = new Map<string, () => void>();
  return {
    waiting,
    wait: (id: string) => new Promise<void>((resolve) => waiting.set(id, resolve)),
    open(id: string) {
      waiting.get(id)?.();
      waiting.delete(id);
    },
  };
}

/** The service does at once what it is asked for, and each answer's end waits at the gate. */
function gateBehindHeads() {
  const gate = createGate();
  const { apply } = browser.service;
  browser.service.apply = async (asked, isSender, signal, onTaken) => {
    const answer = await apply(asked, isSender, signal);
    onTaken?.();
    await gate.wait(asked.id);
    return answer;
  };
  return gate;
}

describe('Asking', () => {
  test('writes the change before its request leaves, and how it ended after', async () => {
    const { engine } = browser.startWorker();
    let onTheWire: ChangeLife | undefined;
    browser.service.fateOf = async () => {
      onTheWire = await lifeOf(1);
      return 'answered';
    };
    expect(await engine.ask(change(1), null)).toMatchObject({ kind: 'inserted' });
    await engine.run();
    expect(onTheWire).toMatchObject({ state: 'sending', attempts: 1, lastSentAt: START });
    expect(await lifeOf(1)).toMatchObject({ state: 'done', outcome: holding(WANTED, '"2"') });
    expect(browser.service.effects).toEqual([uuid(1)]);
  });

  test('lets every step be known as it is written', async () => {
    const { engine, written } = browser.startWorker();
    await engine.ask(change(1), null);
    await engine.run();
    expect(written.map(({ life }) => life.state)).toEqual(['waiting', 'sending', 'done']);
  });

  test('twice with one id, also at once and after its end, is asking once', async () => {
    const { engine } = browser.startWorker();
    const both = await Promise.all([engine.ask(change(1), null), engine.ask(change(1), null)]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['alreadyThere', 'inserted']);
    await engine.run();
    expect(await engine.ask(change(1), null)).toMatchObject({
      kind: 'alreadyThere',
      change: { life: { state: 'done' } },
    });
    await engine.run();
    expect(browser.service.requests).toEqual([`apply ${uuid(1)}`]);
  });

  test('with an id that was used for something else is refused, and sends nothing', async () => {
    const { engine } = browser.startWorker();
    await engine.ask(change(1), null);
    await engine.run();
    expect(await engine.ask(change(1, { after: FOREIGN }), null)).toEqual({ kind: 'idUsedOtherwise' });
    await engine.run();
    expect(browser.service.effects).toEqual([uuid(1)]);
  });

  test('for a target whose change is open is refused, and accepted once that has ended', async () => {
    const { engine } = browser.startWorker();
    const gate = createGate();
    browser.service.fateOf = async ({ id }) => {
      await gate.wait(id);
      return 'answered';
    };
    await engine.ask(change(1), null);
    await until(() => gate.waiting.has(uuid(1)));
    const second = change(2, { target: change(1).target, basedOn: version('"2"'), before: WANTED, after: FOREIGN });
    expect(await engine.ask(second, null)).toMatchObject({ kind: 'changeOpen', open: { id: uuid(1) } });
    gate.open(uuid(1));
    await engine.run();
    expect(await engine.ask(second, null)).toMatchObject({ kind: 'inserted' });
    await until(() => gate.waiting.has(uuid(2)));
    gate.open(uuid(2));
    await engine.run();
    expect(browser.service.effects).toEqual([uuid(1), uuid(2)]);
  });

  test('when it cannot be written fails, sends nothing, and leaves no alarm behind', async () => {
    const insertChange = () => Promise.reject(new StorageFull('No room'));
    const { engine } = browser.startWorker({ history: { ...browser.history, insertChange } });
    await expect(engine.ask(change(1), null)).rejects.toBeInstanceOf(StorageFull);
    await engine.run();
    expect(browser.service.requests).toEqual([]);
    expect(browser.alarm.set).toBe(false);
  });
});

describe('Order', () => {
  test('four are on the wire at once across targets, and all get there', async () => {
    const { engine } = browser.startWorker();
    const gate = createGate();
    browser.service.fateOf = async ({ id }) => {
      await gate.wait(id);
      return 'answered';
    };
    for (let number = 1; number <= 10; number += 1) await engine.ask(change(number), null);
    await until(() => gate.waiting.size === 4);
    const open = setInterval(() => {
      for (const id of gate.waiting.keys()) gate.open(id);
    });
    await engine.run();
    clearInterval(open);
    expect(browser.service.wire.most).toBe(4);
    expect([...browser.service.effects].sort()).toEqual(
      Array.from({ length: 10 }, (_, index) => uuid(index + 1)).sort(),
    );
  });

  test('the next ones leave once the service has done four, while the answers of those are still read', async () => {
    const { engine } = browser.startWorker();
    const gate = gateBehindHeads();
    for (let number = 1; number <= 8; number += 1) await engine.ask(change(number), null);
    await until(() => gate.waiting.size === 8);
    expect(await stateOf(1)).not.toBe('done');
    for (const id of gate.waiting.keys()) gate.open(id);
    await ended(8, 'done');
    expect(browser.service.effects).toHaveLength(8);
  });

  test('of answers that begin and never end no more than eight are waited for, each shown as sent', async () => {
    const { engine } = browser.startWorker();
    const gate = gateBehindHeads();
    for (let number = 1; number <= 20; number += 1) await browser.history.insertChange(change(number), null);
    const run = engine.run();
    await until(() => gate.waiting.size >= 8);
    // Whatever might leave has had the time to.
    await engine.ask(change(21), null);
    expect(gate.waiting.size).toBe(8);
    browser.clock.moveTo(START + SECOND);
    // However long its answer takes, a change that has left is not shown as one that waits.
    for (const id of gate.waiting.keys())
      await until(async () => (await browser.history.readChange(id))?.life.state === 'sending');
    const open = setInterval(() => {
      for (const id of gate.waiting.keys()) gate.open(id);
    });
    await run;
    clearInterval(open);
    expect(browser.service.effects).toHaveLength(21);
  });

  test('an attempt that hangs holds up no other', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = ({ id }) => (id === uuid(1) ? new Promise(() => undefined) : Promise.resolve('answered'));
    await engine.ask(change(1), null);
    await sent(1);
    for (let number = 2; number <= 9; number += 1) await engine.ask(change(number), null);
    await ended(9, 'done');
    expect(browser.service.effects).toHaveLength(8);
    expect(await stateOf(1)).toBe('sending');
  });

  test('a second runner sends nothing, and takes no attempt of the first for dead', async () => {
    const gate = createGate();
    browser.service.fateOf = async ({ id }) => {
      await gate.wait(id);
      return 'answered';
    };
    const first = browser.startWorker();
    await first.engine.ask(change(1), null);
    await until(() => gate.waiting.has(uuid(1)));
    const second = browser.startWorker();
    const secondRun = second.engine.run();
    await second.engine.ask(change(2), null);
    expect(await stateOf(1)).toBe('sending');
    expect(browser.service.requests).toEqual([`apply ${uuid(1)}`]);
    gate.open(uuid(1));
    await until(() => gate.waiting.has(uuid(2)));
    gate.open(uuid(2));
    await secondRun;
    await ended(2, 'done');
    expect(browser.service.effects).toEqual([uuid(1), uuid(2)]);
  });
});

describe('What is stopped while a new worker looks around', () => {
  test('is not sent by what that worker had read of it before', async () => {
    await browser.history.insertChange(change(1), null);
    await browser.history.applyEvent(uuid(1), { type: 'sent', at: START });
    await browser.history.insertChange(change(2), null);
    const gate = createGate();
    const backendFor = async () => {
      await gate.wait('backend');
      return browser.service;
    };
    const { engine } = browser.startWorker({ backendFor });
    const run = engine.run();
    await until(() => gate.waiting.has('backend'));
    expect((await engine.note(uuid(2), { type: 'stopAsked', at: START }))?.life.state).toBe('cancelled');
    const letGo = setInterval(() => gate.open('backend'), 1);
    await run;
    clearInterval(letGo);
    expect(browser.service.requests.filter((request) => request.includes(uuid(2)))).toEqual([]);
    expect(await stateOf(2)).toBe('cancelled');
  });
});

describe('A look around while something is on the wire', () => {
  test('takes no attempt for dead', async () => {
    const { engine } = browser.startWorker();
    const gate = createGate();
    browser.service.fateOf = async ({ id }) => {
      await gate.wait(id);
      return 'answered';
    };
    await engine.ask(change(1), null);
    await until(() => gate.waiting.has(uuid(1)));
    const run = engine.run();
    // It has looked around once it has taken up another change, which came by no other way.
    await browser.history.insertChange(change(2), null);
    await engine.note(uuid(2), { type: 'tryNow', at: START });
    await until(() => gate.waiting.has(uuid(2)));
    expect(await lifeOf(1)).toMatchObject({ state: 'sending', attempts: 1, lastFailure: null });
    gate.open(uuid(1));
    gate.open(uuid(2));
    await run;
    expect(browser.service.requests).toHaveLength(2);
  });

  test('starts no second read beside the first', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => failed('noAnswer');
    await engine.ask(change(1), null);
    await engine.run();
    // Until something is answered, one goes at a time.
    browser.service.fateOf = async () => 'answered';
    await engine.ask(change(3), null);
    await engine.run();
    let release = (): void => undefined;
    browser.service.fateOfRead = () =>
      new Promise((resolve) => {
        release = () => resolve('answered');
      });
    await engine.note(uuid(1), { type: 'stopAsked', at: START });
    browser.clock.moveTo(START + IN_FLIGHT_MS);
    await sent(3);
    const run = engine.run();
    await engine.ask(change(2), null);
    await ended(2, 'done');
    release();
    await run;
    expect(browser.service.requests.filter((request) => request.startsWith('read'))).toHaveLength(1);
    expect(await stateOf(1)).toBe('cancelled');
  });
});

describe('Trying again', () => {
  test('happens at its time and not before', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => (browser.service.requests.length < 3 ? failed('busy') : 'answered');
    await engine.ask(change(1), null);
    await engine.run();
    expect(await lifeOf(1)).toMatchObject({ state: 'waiting', wait: { from: START, ms: SECOND } });
    browser.clock.moveTo(START + SECOND - 1);
    await engine.run();
    expect(browser.service.requests).toHaveLength(1);
    browser.clock.moveTo(START + SECOND);
    await until(async () => (await lifeOf(1))?.attempts === 2 && (await stateOf(1)) === 'waiting');
    browser.clock.moveTo(START + 3 * SECOND);
    await ended(1, 'done');
    expect(browser.service.requests).toHaveLength(3);
  });

  test('waits as long as the service asks', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () =>
      browser.service.requests.length < 2 ? failed('busy', 10 * MINUTE) : 'answered';
    await engine.ask(change(1), null);
    await engine.run();
    browser.clock.moveTo(START + 10 * MINUTE - 1);
    await engine.run();
    expect(browser.service.requests).toHaveLength(1);
    browser.clock.moveTo(START + 10 * MINUTE);
    await ended(1, 'done');
  });

  test('a timer that rings too early is set anew', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => (browser.service.requests.length < 2 ? failed('busy') : 'answered');
    await engine.ask(change(1), null);
    await engine.run();
    browser.clock.jumpTo(START + SECOND - 1);
    browser.clock.ringEarly();
    await until(() => browser.clock.pending() === 1);
    expect(browser.service.requests).toHaveLength(1);
    browser.clock.moveTo(START + SECOND);
    await ended(1, 'done');
  });

  test('an answer lost after the effect is asked for again under the same key, or the state read: one effect', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => (browser.service.requests.length < 2 ? 'answerLost' : 'answered');
    await engine.ask(change(1), null);
    await engine.run();
    browser.clock.moveTo(START + IN_FLIGHT_MS);
    await ended(1, 'done');
    const again = browser.service.can.replay === 'key' ? `apply ${uuid(1)}` : 'read subscription-1';
    expect(browser.service.requests).toEqual([`apply ${uuid(1)}`, again]);
    expect(browser.service.effects).toEqual([uuid(1)]);
  });

  test('an effect whose key was forgotten is met and not repeated', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => (browser.service.requests.length < 2 ? 'answerLost' : 'answered');
    await engine.ask(change(1), null);
    await engine.run();
    browser.service.forgetKeys();
    browser.clock.moveTo(START + IN_FLIGHT_MS);
    await ended(1, 'done');
    expect(browser.service.effects).toEqual([uuid(1)]);
  });

  test('signed out, nothing is sent until the person has signed in', async () => {
    const { engine } = browser.startWorker();
    let signedIn = false;
    browser.service.fateOf = async () => (signedIn ? 'answered' : failed('signInNeeded'));
    await engine.ask(change(1), null);
    await engine.ask(change(2), null);
    await engine.run();
    const before = browser.service.requests.length;
    browser.clock.moveTo(START + 72 * HOUR);
    await engine.run();
    expect(browser.service.requests).toHaveLength(before);
    expect(browser.alarm.set).toBe(true);
    signedIn = true;
    await engine.noteOpen(change(1).target.connectionId, { type: 'signedIn', at: browser.clock.now(), person: ADA });
    await engine.run();
    expect([await stateOf(1), await stateOf(2)]).toEqual(['done', 'done']);
  });

  test('ends after 24 hours by one read, and hourly reads while that fails', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => failed('noAnswer', 24 * HOUR);
    browser.service.fateOfRead = async () => failed('noAnswer');
    await engine.ask(change(1), null);
    await engine.run();
    browser.clock.moveTo(START + 24 * HOUR);
    await until(() => browser.service.requests.length === 2);
    await engine.run();
    browser.clock.moveTo(START + 25 * HOUR - 1);
    await engine.run();
    expect(browser.service.requests.slice(1)).toEqual(['read subscription-1']);
    browser.service.fateOfRead = async () => 'answered';
    browser.clock.moveTo(START + 25 * HOUR);
    await ended(1, 'refused');
    expect(browser.service.effects).toEqual([]);
  });
});

describe('Death', () => {
  /** Runs one change while the worker dies at that moment; answers whether it did. */
  async function dieAt(death: DeathMoment, fates: readonly ('answered' | 'answerLost')[]): Promise<boolean> {
    browser = createBrowser();
    const { service, clock, alarm } = browser;
    service.fateOf = async () => fates[service.requests.length - 1] ?? 'answered';
    const first = browser.startWorker({}, death);
    let answered = false;
    void first.engine.ask(change(1), null).then(() => {
      answered = true;
    });
    await timePasses(async () => first.isOver() || (await stateOf(1)) === 'done');
    if (!first.isOver()) await Promise.race([first.engine.run(), until(first.isOver)]);
    const died = first.isOver();

    const open = await browser.history.openChanges();
    // Whoever is not started again by an alarm would never take it up; the page that heard nothing asks again.
    expect({ open: open.length, alarm: open.length === 0 || alarm.set }).toEqual({ open: open.length, alarm: true });
    const second = browser.startWorker();
    const run = second.engine.run();
    if (!answered) await second.engine.ask(change(1), null);
    await run;
    await timePasses(async () => (await stateOf(1)) === 'done');
    await second.engine.run();
    expect(service.effects).toEqual([uuid(1)]);
    expect(alarm.set).toBe(false);
    return died;

    async function timePasses(holds: () => Promise<boolean>): Promise<void> {
      await until(async () => {
        if (await holds()) return true;
        clock.moveTo(clock.now() + SECOND);
        return false;
      });
    }
  }

  test.each([
    ['answers', ['answered']],
    ['loses its first answer', ['answerLost', 'answered']],
  ] as const)(
    'at every single step, before and after it: the change is done, with one effect, when the service %s',
    async (_what, fates) => {
      for (const when of ['before', 'after'] as const) {
        let step = 1;
        while (await dieAt({ step, when }, fates)) step += 1;
        expect(step).toBeGreaterThan(10);
      }
    },
  );

  test('a worker that dies while everything is on the wire leaves nothing behind', async () => {
    const { service } = browser;
    service.fateOf = () => new Promise(() => undefined);
    const first = browser.startWorker();
    for (let number = 1; number <= 6; number += 1) await first.engine.ask(change(number), null);
    await sent(4);
    first.die();
    service.fateOf = async () => 'answered';
    await browser.startWorker().engine.run();
    browser.clock.moveTo(START + IN_FLIGHT_MS);
    await until(async () => (await browser.history.openChanges()).length === 0);
    expect(service.effects).toHaveLength(6);
  });
});

describe('The person', () => {
  test('stops a change between two attempts: the state is read, and nothing is sent again', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => failed('noAnswer');
    await engine.ask(change(1), null);
    await engine.run();
    await engine.note(uuid(1), { type: 'stopAsked', at: START + 1 });
    browser.clock.moveTo(START + IN_FLIGHT_MS);
    await ended(1, 'cancelled');
    browser.clock.moveTo(START + 48 * HOUR);
    await engine.run();
    expect(browser.service.requests).toEqual([`apply ${uuid(1)}`, 'read subscription-1']);
  });

  test('stops one that took effect all the same: it is done', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => 'answerLost';
    await engine.ask(change(1), null);
    await engine.run();
    await engine.note(uuid(1), { type: 'stopAsked', at: START });
    browser.clock.moveTo(START + IN_FLIGHT_MS);
    await ended(1, 'done');
  });

  test('stops one that stands in line behind four: it never leaves', async () => {
    const { engine } = browser.startWorker();
    const gate = createGate();
    browser.service.fateOf = async ({ id }) => {
      await gate.wait(id);
      return 'answered';
    };
    for (let number = 1; number <= 5; number += 1) await engine.ask(change(number), null);
    await until(() => gate.waiting.size === 4);
    await engine.note(uuid(5), { type: 'stopAsked', at: START });
    for (let number = 1; number <= 4; number += 1) gate.open(uuid(number));
    await engine.run();
    expect(await stateOf(5)).toBe('cancelled');
    expect(browser.service.effects).toHaveLength(4);
  });

  test('stops one in the very moment before it leaves: it does not', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asks = 0;
    const { engine } = browser.startWorker({
      backendFor: async () => {
        asks += 1;
        await held;
        return browser.service;
      },
    });
    await engine.ask(change(1), null);
    await until(() => asks === 1);
    await engine.note(uuid(1), { type: 'stopAsked', at: START });
    release();
    await engine.run();
    expect(await stateOf(1)).toBe('cancelled');
    expect(browser.service.requests).toEqual([]);
  });

  test('stops one on the wire: its answer still counts', async () => {
    const { engine } = browser.startWorker();
    const gate = createGate();
    browser.service.fateOf = async ({ id }) => {
      await gate.wait(id);
      return 'answered';
    };
    await engine.ask(change(1), null);
    await until(() => gate.waiting.has(uuid(1)));
    await engine.note(uuid(1), { type: 'stopAsked', at: START });
    gate.open(uuid(1));
    await engine.run();
    expect(await stateOf(1)).toBe('done');
  });

  test('meets a conflict, with the record that was found, which is handed on', async () => {
    const versions: (string | null)[] = [];
    const { engine } = browser.startWorker({ onState: async (_target, found) => void versions.push(found.version) });
    browser.service.write(subscriptionId('subscription-1'), FOREIGN);
    await engine.ask(change(1), null);
    await engine.run();
    expect(await lifeOf(1)).toMatchObject({ state: 'conflict', found: holding(FOREIGN, '"2"'), answer: null });
    expect(versions).toEqual([version('"2"')]);
    expect(browser.service.effects).toEqual([]);
  });

  test('what may be an earlier answer is handed on as that', async () => {
    const told: string[] = [];
    const { engine } = browser.startWorker({
      onState: async (_target, found) => void told.push(`state ${found.version}`),
      onReplayed: async ({ id }, found) => void told.push(`answer ${found.version} to ${id}`),
    });
    browser.service.fateOf = async () => 'answerLost';
    await engine.ask(change(1), null);
    await engine.run();
    expect(told).toEqual([]);
    browser.service.fateOf = async () => 'answered';
    browser.clock.moveTo(START + IN_FLIGHT_MS);
    await ended(1, 'done');
    // Without keys nothing is answered again: what was read is what holds it now.
    const isAgain = browser.service.can.replay === 'key';
    expect(told).toEqual([isAgain ? `answer "2" to ${uuid(1)}` : `state ${version('"2"')}`]);
  });

  test('overwrites a conflict by another change, which answers it', async () => {
    const { engine } = browser.startWorker();
    browser.service.write(subscriptionId('subscription-1'), FOREIGN);
    await engine.ask(change(1), null);
    await engine.run();
    await engine.ask(change(2, { target: change(1).target, basedOn: version('"2"'), before: FOREIGN }), uuid(1));
    await engine.run();
    expect(await lifeOf(1)).toMatchObject({ state: 'conflict', answer: { kind: 'resolvedBy', changeId: uuid(2) } });
    expect(await stateOf(2)).toBe('done');
  });

  test('tries again before the time has come', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => (browser.service.requests.length < 2 ? failed('busy', 5 * HOUR) : 'answered');
    await engine.ask(change(1), null);
    await engine.run();
    await engine.note(uuid(1), { type: 'tryNow', at: START });
    await engine.run();
    expect(await stateOf(1)).toBe('done');
  });

  test('hears nothing of what altered nothing', async () => {
    const { engine, written } = browser.startWorker();
    await engine.ask(change(1), null);
    await engine.run();
    const before = written.length;
    expect(await engine.note(uuid(1), { type: 'stopAsked', at: START })).toMatchObject({ life: { state: 'done' } });
    expect(written).toHaveLength(before);
  });

  test('tells nothing of a change that there is not', async () => {
    const { engine, written } = browser.startWorker();
    expect(await engine.note(uuid(9), { type: 'seen' })).toBeNull();
    expect(written).toEqual([]);
  });
});

describe('A connection that is left', () => {
  test('ends the request on the wire, and its late answer alters nothing', async () => {
    const { engine } = browser.startWorker();
    let aborted = false;
    browser.service.fateOf = (_change, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason);
        });
      });
    await engine.ask(change(1), null);
    await engine.ask(change(2), null);
    await sent(2);
    await engine.noteOpen(change(1).target.connectionId, { type: 'abandoned', at: START + 1 });
    await engine.run();
    expect([aborted, browser.errors]).toEqual([true, []]);
    for (const number of [1, 2]) {
      // It was on the wire, so nobody can say that it was not made.
      expect(await lifeOf(number)).toMatchObject({ state: 'unknown', failure: { reason: 'connectionChanged' } });
    }
    expect(browser.alarm.set).toBe(false);
  });

  test('and cannot be found is waited for: nothing is sent, nothing ends, and it goes on when it is back', async () => {
    let found = false;
    const backendFor = async () => (found ? browser.service : null);
    const { engine } = browser.startWorker({ backendFor });
    await engine.ask(change(1), null);
    await engine.run();
    expect(await lifeOf(1)).toMatchObject({ state: 'waiting', for: 'connection' });
    expect([browser.service.requests, browser.alarm.set]).toEqual([[], true]);
    found = true;
    await engine.run();
    expect(await stateOf(1)).toBe('done');
  });

  test('and cannot be found keeps a change whose answer was lost, in a worker that starts later too', async () => {
    const first = browser.startWorker();
    browser.service.fateOf = async () => 'answerLost';
    await first.engine.ask(change(1), null);
    await first.engine.run();
    first.die();
    browser.clock.moveTo(START + MINUTE);
    const away = browser.startWorker({ backendFor: async () => null });
    await away.engine.run();
    expect(await lifeOf(1)).toMatchObject({ state: 'waiting', for: 'connection', effectPossible: true });
    away.die();
    browser.service.fateOf = async () => 'answered';
    await browser.startWorker().engine.run();
    expect(await stateOf(1)).toBe('done');
    expect(browser.service.effects).toEqual([uuid(1)]);
  });

  test('and cannot be found does not keep a stop from being noted', async () => {
    const { engine } = browser.startWorker({ backendFor: async () => null });
    await engine.ask(change(1), null);
    await engine.run();
    await engine.note(uuid(1), { type: 'stopAsked', at: START });
    expect(await stateOf(1)).toBe('cancelled');
  });

  test('leaves changes of other connections alone', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => failed('busy');
    await engine.ask(change(1), null);
    await engine.run();
    await engine.noteOpen(uuid(77), { type: 'abandoned', at: START });
    expect(await stateOf(1)).toBe('waiting');
  });
});

describe('Whose a change is', () => {
  test('a change of one person never leaves with the token of another', async () => {
    const { engine } = browser.startWorker();
    browser.service.person = BEN;
    await engine.ask(change(1), null);
    await engine.run();
    expect(await lifeOf(1)).toMatchObject({ state: 'waiting', for: 'person' });
    expect(browser.service.requests).toEqual([]);
    browser.service.person = ADA;
    await engine.noteOpen(change(1).target.connectionId, { type: 'signedIn', at: START, person: ADA });
    await engine.run();
    expect([await stateOf(1), browser.service.senders.get(uuid(1))]).toEqual(['done', [ADA]]);
  });

  test('the person changes while it waits for its next attempt: the second attempt stays here', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => 'answerLost';
    await engine.ask(change(1), null);
    await engine.run();
    browser.service.person = BEN;
    browser.clock.moveTo(START + MINUTE);
    await engine.run();
    // It had taken effect: the state told so, and nobody was asked.
    expect([await stateOf(1), browser.service.senders.get(uuid(1))]).toEqual(['done', [ADA]]);
  });

  test('the person changes while the engine looks at the row: the row as it is then decides', async () => {
    const { engine } = browser.startWorker();
    browser.service.person = BEN;
    await engine.ask(change(1), null);
    await engine.run();
    await engine.note(uuid(1), { type: 'adopted', at: START, person: BEN });
    await engine.run();
    expect([await stateOf(1), browser.service.senders.get(uuid(1))]).toEqual(['done', [BEN]]);
    expect((await browser.history.readChange(uuid(1)))?.person).toEqual(ADA);
  });

  test('a row written while the owner of its token was being asked for belongs to that owner', async () => {
    const token = { kind: 'token', issuer: 'https://partners.example/v1', fingerprint: 'f1' } as const;
    const { engine } = browser.startWorker({
      knownOwner: async (_id, asked) => (asked.fingerprint === 'f1' ? ADA : null),
    });
    await engine.ask(change(1, { person: token }), null);
    await engine.ask(change(2, { person: { ...token, fingerprint: 'f2' } }), null);
    await engine.run();
    expect([await stateOf(1), (await browser.history.readChange(uuid(1)))?.person]).toEqual(['done', ADA]);
    expect(await lifeOf(2)).toMatchObject({ state: 'waiting', for: 'person' });
  });
});

describe('What comes before a request leaves', () => {
  /** A backend that waits for a token before anything leaves, until it is let through. */
  function waitingForToken() {
    const gate = createGate();
    const backend: Backend = {
      ...browser.service,
      apply: async (change, isSender, signal) => {
        await gate.wait(change.id);
        return browser.service.apply(change, isSender, signal);
      },
    };
    return { gate, engine: browser.startWorker({ backendFor: async () => backend }).engine };
  }

  test('may take long: what may take effect is waited for from when it left', async () => {
    const { gate, engine } = waitingForToken();
    browser.service.fateOf = async () => failed('noAnswer');
    await engine.ask(change(1), null);
    await until(() => gate.waiting.has(uuid(1)));
    browser.clock.moveTo(START + MINUTE);
    gate.open(uuid(1));
    await until(async () => (await stateOf(1)) === 'waiting');
    await engine.note(uuid(1), { type: 'stopAsked', at: START + MINUTE });
    expect(await lifeOf(1)).toMatchObject({ lastSentAt: START + MINUTE, wait: { ms: IN_FLIGHT_MS } });
  });

  test('and who stops it meanwhile has stopped it: it does not leave', async () => {
    const { gate, engine } = waitingForToken();
    await engine.ask(change(1), null);
    await until(() => gate.waiting.has(uuid(1)));
    await engine.note(uuid(1), { type: 'stopAsked', at: START });
    gate.open(uuid(1));
    await until(async () => (await lifeOf(1))?.state === 'waiting');
    browser.clock.moveTo(START + MINUTE);
    await ended(1, 'cancelled');
    expect(browser.service.effects).toEqual([]);
    expect(browser.service.requests.filter((request) => request.startsWith('apply'))).toEqual([]);
  });
});

describe('Staying awake', () => {
  test('the alarm is there while anything is open, and gone once all has ended', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async () => {
      expect(browser.alarm.set).toBe(true);
      return browser.service.requests.length < 2 ? failed('busy') : 'answered';
    };
    await engine.ask(change(1), null);
    await engine.run();
    expect(browser.alarm.set).toBe(true);
    browser.clock.moveTo(START + SECOND);
    await ended(1, 'done');
    await engine.run();
    expect(browser.alarm.set).toBe(false);
  });

  test('each request keeps the worker awake until it has ended, and no longer', async () => {
    const signals: AbortSignal[] = [];
    const wakefulness = {
      workOpen: async () => undefined,
      allEnded: async () => undefined,
      onTheWire: (signal: AbortSignal) => void signals.push(signal),
    };
    const { engine } = browser.startWorker({ wakefulness });
    browser.service.fateOf = async () => {
      expect(signals.at(-1)?.aborted).toBe(false);
      return 'answered';
    };
    await engine.ask(change(1), null);
    await engine.run();
    expect(new Set(signals.map(({ aborted }) => aborted))).toEqual(new Set([true]));
  });

  test('what is asked at the very end of a run is not overlooked, and its alarm not cleared', async () => {
    let looks = 0;
    let asking: Promise<unknown> | null = null;
    const { history, alarm, service } = browser;
    const worker = browser.startWorker({
      history: {
        ...history,
        async openChanges() {
          const open = await history.openChanges();
          looks += 1;
          // The last look of the first run: the next change is asked for right behind it.
          if (looks === 1 || asking !== null || open.length > 0) return open;
          asking = worker.engine.ask(change(2), null);
          await until(async () => (await history.readChange(uuid(2))) !== null);
          return open;
        },
      },
    });
    service.fateOf = async ({ id }) => {
      expect([id, alarm.set]).toEqual([id, true]);
      return 'answered';
    };
    await worker.engine.ask(change(1), null);
    await worker.engine.run();
    await ended(2, 'done');
    expect(service.effects).toEqual([uuid(1), uuid(2)]);
  });

  test('a hundred asked for at random moments all get there', async () => {
    const { engine } = browser.startWorker();
    browser.service.fateOf = async ({ id }) => {
      for (let turn = Number(id.slice(-1)); turn > 0; turn -= 1) await Promise.resolve();
      return 'answered';
    };
    const numbers = Array.from({ length: 100 }, (_, index) => index + 1);
    await Promise.all(
      numbers.map(async (number) => {
        for (let turn = (number * 7919) % 97; turn > 0; turn -= 1) await new Promise(setImmediate);
        await engine.ask(change(number), null);
      }),
    );
    await engine.run();
    await until(async () => (await browser.history.openChanges()).length === 0);
    expect(browser.service.effects).toHaveLength(100);
    expect(new Set(browser.service.effects).size).toBe(100);
  });
});

describe('A storage that fails', () => {
  test.each(['claimed', 'applied'] as const)(
    'in the middle (%s) leaves a row that the next run takes up',
    async (type) => {
      let failures = 1;
      const { history } = browser;
      const { engine } = browser.startWorker({
        history: {
          ...history,
          applyEvents: (happened) => {
            const isMet = happened.some(({ events }) => events.some((event) => event.type === type));
            if (!isMet || failures === 0) return history.applyEvents(happened);
            failures -= 1;
            return Promise.reject(new StorageFull('No room'));
          },
        },
      });
      await engine.ask(change(1), null);
      await until(() => browser.errors.length === 1);
      expect(await stateOf(1)).toBe(type === 'claimed' ? 'waiting' : 'sending');
      expect(browser.alarm.set).toBe(true);
      await engine.run();
      browser.clock.moveTo(START + IN_FLIGHT_MS);
      await ended(1, 'done');
      expect(browser.service.effects).toEqual([uuid(1)]);
    },
  );

  test('when it looks for open changes is told of, and the next alarm succeeds', async () => {
    let failures = 1;
    const { history, errors } = browser;
    const { engine } = browser.startWorker({
      history: {
        ...history,
        openChanges: () => {
          if (failures === 0) return history.openChanges();
          failures -= 1;
          return Promise.reject(new Error('Blocked'));
        },
      },
    });
    await history.insertChange(change(1), null);
    await engine.run();
    expect(errors).toHaveLength(1);
    expect(await stateOf(1)).toBe('waiting');
    expect(browser.alarm.set).toBe(true);
    await engine.run();
    expect(await stateOf(1)).toBe('done');
  });
});

test('a failure that is not the backend’s leaves the change on the wire for the next run, and is told of', async () => {
  const { engine } = browser.startWorker();
  browser.service.fateOf = async () => {
    if (browser.service.requests.length === 1) throw new TypeError('A fault of ours');
    return 'answered';
  };
  await engine.ask(change(1), null);
  await until(() => browser.errors.length === 1);
  expect(await stateOf(1)).toBe('sending');
  await engine.run();
  browser.clock.moveTo(START + IN_FLIGHT_MS);
  await ended(1, 'done');
});

test('a time-out that reached the engine bare is the backend’s, told as that and tried again', async () => {
  const { engine } = browser.startWorker();
  const tooSlow = async () => {
    throw new DOMException('Too slow', 'TimeoutError');
  };
  browser.service.fateOf = tooSlow;
  browser.service.fateOfRead = tooSlow;
  await engine.ask(change(1), null);
  await engine.run();
  expect(await lifeOf(1)).toMatchObject({
    state: 'waiting',
    lastFailure: { reason: 'timedOut' },
    effectPossible: true,
  });
  expect(browser.errors).toEqual([]);
  await engine.note(uuid(1), { type: 'stopAsked', at: START });
  browser.clock.moveTo(START + IN_FLIGHT_MS);
  await until(async () => JSON.stringify(await lifeOf(1)).includes('"failedReads":1'));
  expect(await lifeOf(1)).toMatchObject({ lastFailure: { reason: 'timedOut' } });
});

test('a 412 that names no record is a refusal like another', async () => {
  const { engine } = browser.startWorker();
  browser.service.fateOf = async () => new BackendError({ reason: 'refused', status: 412 });
  await engine.ask(change(1), null);
  await engine.run();
  expect(await stateOf(1)).toBe('refused');
});

test('the databases of these tests are each their own', () => {
  expect(indexedDB).toBeInstanceOf(IDBFactory);
});
