import { type Holding, stateOf } from '../../../../src/domain/partner-state';
import { type Change, type ChangeEvent, type ChangeLife, newChange } from '../../../../src/domain/change';
import { afterCheckRunEvent, type CheckRun, newCheckRun } from '../../../../src/domain/check-run';
import type { Check, CheckOutcome } from '../../../../src/domain/history';
import { matchPatterns } from '../../../../src/portals';
import { createDatabase } from '../../../../src/storage/database';
import { createHistory } from '../../../../src/storage/history';
import { browser, world } from '../../../support/page-browser';
import { CONNECTION } from '../../../support/connections';
import { BEN } from '../../../support/persons';
import { aRecord } from '../../../support/records';
import { LONGEST_NAME } from '../../../../src/domain/connection';
import { LONG_NAME } from './data';
import { dataInOtherScript } from '../../../setup/other-script';

const DAY_MS = 24 * 60 * 60_000;

/** Data in the script that the screen is drawn in. */
export const written = <T>(data: T): T => (isInOtherScript() ? dataInOtherScript(data) : data);

let otherScript: boolean | null = null;
/** As the page was opened: it may give its address another query. */
function isInOtherScript(): boolean {
  otherScript ??= new URLSearchParams(location.search).get('script') === 'other';
  return otherScript;
}

/** Who the worker is; what it answers is the service's and people's. */
export function works(worker: typeof world.worker): void {
  const answering = Object.entries(worker).map(([name, handler]) => [
    name,
    async (...input: Parameters<typeof handler>) =>
      written(await (handler as (...all: unknown[]) => unknown)(...input)),
  ]);
  Object.assign(world.worker, Object.fromEntries(answering));
}

/** The built-in portals' hosts, all of them allowed. */
export function allowsPortals(): void {
  for (const match of matchPatterns({ off: [], own: [] })) world.held.add(match);
}

/** The settings as they are stored; a connection is configured unless another one, or null, is given. */
export async function settings(stored: object = {}): Promise<void> {
  await browser.storage.local.set({ connection: CONNECTION, ...written(stored) });
}

/** Two connections: the one that others have alone, and one whose name, address and tenants are long. */
export const TWO_CONNECTIONS = {
  settings: {
    version: 2,
    connections: [
      CONNECTION,
      {
        ...CONNECTION,
        id: '0c000000-0000-4000-8000-000000000009',
        name: LONG_NAME.slice(0, LONGEST_NAME),
        address: `https://${'partners-of-record.'.repeat(5)}northwind.example/v1`,
        portals: ['azure', 'own'],
        tenants: ['contoso.com', 'a-tenant-with-a-long-name.onmicrosoft.com'],
      },
    ],
    defaultConnection: CONNECTION.id,
  },
};

export async function inSession(stored: object): Promise<void> {
  await browser.storage.session.set({ ...written(stored) });
}

/** Takes up what is to be checked as the worker does, with that answer to each ID, as far as there is one, and comes to that end. */
export function checks(
  answers: ReadonlyMap<string, CheckOutcome>,
  end: Pick<CheckRun, 'state' | 'failure' | 'hold'>,
): NonNullable<(typeof world.worker)['checks.start']> {
  return async ({ id, typed }) => {
    let run = newCheckRun(id, CONNECTION.id, typed);
    for (const partnerId of run.partnerIds) {
      const outcome = answers.get(partnerId);
      if (outcome === undefined) continue;
      const answered = { type: 'answered', partnerId, rowId: crypto.randomUUID(), at: Date.now() } as const;
      run = afterCheckRunEvent(run, { ...answered, outcome: written(outcome), retryAfterMs: null });
    }
    // Only in the page: the tests read the states too, where there is no browser to ask.
    const { writeCheckRun } = await import('../../../../src/storage/check-run');
    await writeCheckRun({ ...run, ...end });
    return 'started';
  };
}

/** Has rows of an earlier version on their way to the present form. */
export async function updating(): Promise<void> {
  const database = await createDatabase(() => undefined)();
  await database.put('marks', { after: '', newest: 0 }, 'moving');
}

/** Writes changes as the worker would have while they came to that life, and checks; the last one given is the newest. */
export async function history(rows: readonly (Change | Check)[]): Promise<void> {
  const held = createHistory(createDatabase(() => undefined));
  for (const row of rows.map(written)) {
    if ('checkedAt' in row) await held.addCheck(row);
    else await lived(row);
  }

  async function lived({ life, ...asked }: Change): Promise<void> {
    const at = asked.askedAt;
    await held.insertChange(newChange(asked), null);
    for (const event of eventsOf(life, at)) await held.applyEvent(asked.id, event);
  }
}

function eventsOf(life: ChangeLife, at: number): ChangeEvent[] {
  const sent = { type: 'sent', at } as const;
  const stateWith = (held: Holding) => ({ ...stateOf(aRecord()), ...held });
  switch (life.state) {
    case 'done':
      return [sent, { type: 'applied', at, state: stateWith(life.outcome) }];
    case 'refused':
      return [sent, { type: 'failed', at, failure: life.failure, retryAfterMs: null, chance: 0 }];
    case 'conflict':
      return [sent, { type: 'preconditionFailed', at, state: stateWith(life.found) }];
    case 'unknown':
      return life.found === null
        ? [sent, { type: 'abandoned', at }]
        : [
            sent,
            { type: 'failed', at, failure: { reason: 'noAnswer' }, retryAfterMs: null, chance: 0 },
            { type: 'sent', at: at + DAY_MS },
            { type: 'preconditionFailed', at: at + DAY_MS, state: stateWith(life.found) },
          ];
    case 'sending':
      return [sent];
    case 'cancelled':
      return [{ type: 'stopAsked', at }];
    case 'waiting':
      if (life.for === 'person') return [{ type: 'signedIn', at, person: BEN }];
      if (life.for === 'connection') return [{ type: 'connectionMissing', at }];
      if (life.lastFailure === null) return [];
      return [sent, { type: 'failed', at, failure: life.lastFailure, retryAfterMs: null, chance: 0 }];
  }
}

/** Answers the page's own requests: by the first pattern that fits the address, with that body or a refusal of that status. */
export function answersRequests(answers: readonly (readonly [address: RegExp, body: unknown])[]): void {
  globalThis.fetch = async (asked) => {
    const address = asked instanceof Request ? asked.url : String(asked);
    const body = answers.find(([fits]) => fits.test(address.replace(/\?.*/, '')))?.[1];
    return typeof body === 'number' ? Response.json({}, { status: body }) : Response.json(written(body));
  };
}
