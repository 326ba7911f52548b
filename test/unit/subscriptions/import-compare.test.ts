import { describe, expect, it } from 'vitest';
import type { CheckOutcome } from '../../../src/domain/history';
import type { ImportRow } from '../../../src/domain/import-file';
import type { PartnerId } from '../../../src/domain/partner';
import type { KnownRow } from '../../../src/subscriptions/bulk-plan';
import { compareRows, planRows, wantedIn } from '../../../src/subscriptions/import-compare';
import { CONNECTION_ID } from '../../support/connections';
import { CONTOSO, FABRIKAM } from '../../support/partners';
import { state } from '../../support/records';
import { subscriptionId, uuid } from '../../support/targets';

const COUNT = 2_000;
const CHECKS: ReadonlyMap<PartnerId, CheckOutcome> = new Map([
  [CONTOSO.partnerId, { kind: 'found', partner: CONTOSO }],
  [FABRIKAM.partnerId, { kind: 'found', partner: FABRIKAM }],
]);

function listed(at: number, connectionId = CONNECTION_ID): KnownRow {
  const known = { readAt: 1, failure: null, isBusy: false, page: null };
  return {
    connectionId,
    subscriptionId: subscriptionId(`s${at}`),
    state: state(at % 2 === 0 ? CONTOSO : null),
    ...known,
  };
}

const wish = (at: number, after: PartnerId | null): ImportRow => ({
  line: at + 2,
  connection: '',
  subscriptionId: subscriptionId(`s${at}`),
  after,
  unusualLength: false,
});

/** Every other one has Contoso. Every fourth is to have none, the others Fabrikam; the last is in no list. */
const LIST = Array.from({ length: COUNT }, (_, at) => listed(at));
const WISHES = Array.from({ length: COUNT + 1 }, (_, at) => wish(at, at % 4 === 0 ? null : FABRIKAM.partnerId));

const itself = (row: KnownRow) => row;
const noPause = async () => undefined;

describe('a long file beside a long list', () => {
  it('comes to the same in slices as at once, in the order of the file, with what each row is to have', async () => {
    const match = await compareRows(WISHES, LIST, CONNECTION_ID, CHECKS, noPause);
    expect(match.differing.map(({ row }) => row.line)).toEqual(WISHES.slice(0, COUNT).map(({ line }) => line));
    expect(match.problems).toEqual([{ kind: 'notListed', line: COUNT + 2, subscriptionId: `s${COUNT}` }]);
    const planned = await planRows(await wantedIn(match, true, itself, noPause), noPause);
    expect(planned).toMatchObject({ changes: COUNT, removes: COUNT / 4 });
    expect(planned.rows.map(({ after }) => after?.partnerId ?? null)).toEqual(
      WISHES.slice(0, COUNT).map(({ after }) => after),
    );
  });

  it('shows what is so already behind what changes, where all is shown', async () => {
    const wishes = [wish(0, CONTOSO.partnerId), wish(1, CONTOSO.partnerId), wish(3, null)];
    const match = await compareRows(wishes, LIST, CONNECTION_ID, CHECKS, noPause);
    const all = await planRows(await wantedIn(match, false, itself, noPause), noPause);
    expect(all.rows.map(({ subscriptionId: id, fate }) => [id, fate.kind])).toEqual([
      ['s1', 'changes'],
      ['s0', 'already'],
      ['s3', 'already'],
    ]);
    expect((await wantedIn(match, true, itself, noPause)).rows).toHaveLength(1);
  });

  it('is compared with the rows of its own connection alone', async () => {
    const match = await compareRows([wish(1, null)], [listed(1, uuid(9))], CONNECTION_ID, CHECKS, noPause);
    expect(match.problems).toMatchObject([{ kind: 'notListed' }]);
  });

  it('lets the page in between slices, and ends where it is told to', async () => {
    let pauses = 0;
    const left = async () => {
      pauses += 1;
      if (pauses === 6) throw new Error('left');
    };
    await expect(compareRows(WISHES, LIST, CONNECTION_ID, CHECKS, left)).rejects.toThrow('left');
  });
});
