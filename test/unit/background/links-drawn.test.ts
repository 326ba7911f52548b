import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { createAzurePal } from '../../../src/backends/azure-pal';
import type { BackendPorts } from '../../../src/backends/backend';
import { personOfAccount } from '../../../src/domain/azure-account';
import { isOpen } from '../../../src/domain/change';
import type { Partner } from '../../../src/domain/partner';
import { testDirectory } from '../../azure/directory';
import type { Fault, FaultPlace } from '../../azure/faults';
import { aChange } from '../../support/changes';
import { MINUTE, SECOND } from '../../support/clock';
import { drawing } from '../../support/drawing';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { uuid } from '../../support/targets';
import { accountAt, signInAt, startAzure } from '../backends/azure-world';
import { createBrowser, type DeathMoment } from './worker-life';

/** As many as a run of all tests has time for; 500 have been through. */
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);
const CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

type Draw = (below: number) => number;

function pick<T>(draw: Draw, all: readonly T[]): T {
  const one = all[draw(all.length)];
  if (one === undefined) throw new Error('Nothing to draw from');
  return one;
}

function drawFault(draw: Draw): Fault {
  const when = pick(draw, ['before', 'after'] as const);
  const status = pick(draw, [408, 500, 502, 503, 504] as const);
  return pick<Fault>(draw, [
    { kind: 'throttled', retryAfter: pick(draw, [null, '7', '600']) },
    { kind: 'serverError', status, when, ...(draw(2) === 0 && { retryAfter: '9' }) },
    { kind: 'answerLost', when },
    { kind: 'expired' },
    { kind: 'claims', claims: CLAIMS, value: CLAIMS },
    { kind: 'forbidden' },
    { kind: 'cspRefusal' },
    { kind: 'alreadyLinked' },
    { kind: 'notFound' },
    { kind: 'nothingLeft' },
    { kind: 'webPage', status: pick(draw, [200, 403, 503]) },
    { kind: 'answer', status: 200, body: pick(draw, ['', '{"a":', {}]) },
    { kind: 'changedElsewhere', to: pick(draw, [null, OLD.partnerId, WANTED.partnerId, FOREIGN.partnerId]) },
  ]);
}

function placeOf(draw: Draw, { kind }: Fault): FaultPlace {
  // Of a read it would be a lie of Azure's, which nobody could tell from the truth.
  const on = kind === 'notFound' ? (['write'] as const) : pick(draw, [['read'], ['write'], ['read', 'write']] as const);
  return { on, times: 1 + draw(2) };
}

test.each(SEEDS)('the history says of a link what Azure has done, whatever goes wrong (seed %i)', async (seed) => {
  const draw = drawing(seed);
  const azure = await startAzure({ directory: testDirectory(1) });
  const { server, directory } = azure;
  const browser = createBrowser();
  const { clock, history } = browser;
  const onTheWay = new Set<unknown>();
  const ports: BackendPorts = {
    ...azure.ports,
    async fetch(address, init) {
      const request = azure.ports.fetch(address, init);
      onTheWay.add(request);
      return request.finally(() => onTheWay.delete(request));
    },
  };
  const backend = createAzurePal(azure.connection, ports);
  const of = signInAt(directory);
  const person = personOfAccount(accountAt(directory, 0), azure.endpoints);
  const [before, after] = pick<readonly [Partner | null, Partner | null]>(draw, [
    [null, WANTED],
    [OLD, WANTED],
    [OLD, null],
  ]);
  server.setStyle({
    numbers: pick(draw, ['number', 'text']),
    names: draw(2) === 0,
    errors: pick(draw, ['nested', 'flat']),
  });
  if (before !== null) server.setLink(of, before.partnerId);
  const elsewhere: (string | null)[] = [];
  for (let left = draw(5); left > 0; left -= 1) {
    const fault = drawFault(draw);
    // A removal is answered with nothing to tell it by.
    if (fault.kind === 'answer' && fault.body === '' && after === null) continue;
    if (fault.kind === 'changedElsewhere') {
      // A link that somebody else removed behind a lost answer looks as if it had never been made: 404 tells no version.
      if (fault.to === (before?.partnerId ?? null)) continue;
      elsewhere.push(fault.to);
    }
    server.startFault(fault, placeOf(draw, fault));
  }
  const dies: DeathMoment | undefined =
    draw(3) === 0 ? { step: 1 + draw(30), when: pick(draw, ['before', 'after']) } : undefined;
  const stopsAt = draw(6) === 0 ? draw(40) : null;

  const id = uuid(1);
  const change = aChange({
    id,
    target: { kind: 'signIn', connectionId: azure.connection.id, ...of },
    kind: after === null ? 'remove' : before === null ? 'assign' : 'change',
    before,
    after,
    basedOn: before && '1',
    replay: 'readFirst',
    person,
  });
  const start = (death?: DeathMoment) => browser.startWorker({ backendFor: async () => backend }, death);
  // A worker that has died answers nobody any more.
  let worker = start(dies);
  void worker.engine.ask(change, null);
  let turn = 0;
  const ended = async () => {
    const row = await history.readChange(id);
    if (row !== null && !isOpen(row)) return row.life;
    turn += 1;
    if (worker.isOver() && onTheWay.size === 0) {
      worker = start();
      if (row === null) void worker.engine.ask(change, null);
      void worker.engine.run();
    }
    if (row?.life.state === 'waiting' && row.life.for === 'signIn')
      void worker.engine.noteOpen(azure.connection.id, { type: 'signedIn', at: clock.now(), person });
    if (turn === stopsAt) void worker.engine.note(id, { type: 'stopAsked', at: clock.now() });
    if (onTheWay.size === 0 && turn % 4 === 0) clock.moveTo(clock.now() + (turn < 400 ? 2 * SECOND : MINUTE));
    throw new Error('It has not ended yet');
  };
  const life = await vi.waitFor(ended, { interval: 1, timeout: 20_000 });

  await vi.waitFor(() => expect(onTheWay.size).toBe(0), { interval: 1 });
  const effects = server.requests.filter(({ method, hadEffect }) => method !== 'GET' && hadEffect).length;
  const mayBe = {
    done: elsewhere.includes(after?.partnerId ?? null) ? [0, 1] : [1],
    refused: [0],
    conflict: [0],
    cancelled: [0],
    // Nobody could tell, since somebody else wrote meanwhile.
    unknown: elsewhere.length > 0 ? [0, 1] : [],
    waiting: [],
    sending: [],
  }[life.state];
  expect({ state: life.state, effects, mayBe }).toEqual({
    state: life.state,
    effects,
    mayBe: expect.arrayContaining([effects]),
  });
  expect(browser.errors).toEqual([]);
});
