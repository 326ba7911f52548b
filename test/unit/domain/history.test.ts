import { describe, expect, test } from 'vitest';
import {
  type HistoryFilter,
  matcher,
  ROW_KINDS,
  ROW_OUTCOMES,
  type RowGroup,
  type RowKind,
  type RowOutcome,
  rowKind,
  rowOutcome,
  type SingleRow,
} from '../../../src/domain/history';
import { checkRow, foreignRow, ROWS } from '../../support/rows';
import { aChange } from '../../support/changes';
import { START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { FOREIGN, OLD, partner, WANTED } from '../../support/partners';

const change = aChange();
const row: SingleRow = { type: 'change', id: change.id, at: START, change };

test('every kind and every outcome that can be asked for is met by a row', () => {
  expect(new Set(ROWS.map(rowKind))).toEqual(new Set(ROW_KINDS));
  expect(new Set(ROWS.map(rowOutcome))).toEqual(new Set(ROW_OUTCOMES));
});

describe('the outcome of a row', () => {
  test('of a change is its state, and open until it has ended', () => {
    const of = ROWS.flatMap((one) => (one.type === 'change' ? [[one.change.life.state, rowOutcome(one)]] : []));
    for (const [state, outcome] of of) {
      expect(outcome).toBe(state === 'waiting' || state === 'sending' ? 'open' : state);
    }
  });

  test.each<[SingleRow, RowOutcome]>([
    [checkRow({ kind: 'found', partner: WANTED }), 'found'],
    [checkRow({ kind: 'unknownPartner' }), 'notFound'],
    [checkRow({ kind: 'failed', failure: { reason: 'busy' } }), 'failed'],
    [foreignRow(OLD, FOREIGN), 'done'],
  ])('of another kind: %#', (one, outcome) => {
    expect(rowOutcome(one)).toBe(outcome);
  });
});

describe('a search finds', () => {
  test.each<[string, SingleRow, string, boolean]>([
    ['a part of the subscription’s name, in any case', row, 'prODuct', true],
    ['a part of its ID, in any case', row, '5B000000', true],
    ['with spaces around the text', row, '  production ', true],
    ['the partner before', row, 'old partner', true],
    ['the partner after', row, '200002', true],
    ['nothing that is elsewhere in the row', row, 'panel', false],
    ['nothing across two fields', row, 'productionold', false],
    ['no expression, only text', row, 'prod.*', false],
    ['a checked ID', checkRow({ kind: 'unknownPartner' }), '20000', true],
    ['the checked partner’s name', checkRow({ kind: 'found', partner: WANTED }), 'wanted', true],
    ['no name that was not found', checkRow({ kind: 'unknownPartner' }), 'wanted', false],
    ['the partner found instead', foreignRow(OLD, FOREIGN), 'foreign', true],
    ['the partner that was there before', foreignRow(OLD, null), '100001', true],
    ['the subscription changed elsewhere', foreignRow(null, FOREIGN), 'production', true],
    [
      'a name in capitals with a dotted İ',
      checkRow({ kind: 'found', partner: partner('200002', 'İSTANBUL') }),
      'istanbul',
      true,
    ],
    ['a decomposed name', checkRow({ kind: 'found', partner: partner('200002', 'Su\u0308dwind') }), 'südwind', true],
    ['ß by SS', checkRow({ kind: 'found', partner: partner('200002', 'Großmann') }), 'GROSSMANN', true],
    ['full-width letters', checkRow({ kind: 'found', partner: partner('200002', 'ＡＢＣ') }), 'abc', true],
    ['letters beyond ASCII', checkRow({ kind: 'found', partner: partner('200002', 'ÄÖÜ Straße') }), 'äöü straße', true],
  ])('%s', (_what, one, text, found) => {
    expect(matcher({ text })(one)).toBe(found);
  });

  test('tenant and user of a linked sign-in', () => {
    const link = aChange({
      target: { kind: 'signIn', connectionId: CONNECTION_ID, tenant: 'contoso.example', user: 'ada' },
    });
    const linked: SingleRow = { type: 'change', id: link.id, at: START, change: link };
    expect(matcher({ text: 'CONTOSO' })(linked)).toBe(true);
    expect(matcher({ text: 'ada' })(linked)).toBe(true);
  });
});

describe('a filter', () => {
  test('without parts, or with a text of spaces, lets everything through', () => {
    expect(ROWS.filter(matcher({}))).toEqual(ROWS);
    expect(ROWS.filter(matcher({ text: ' \t' }))).toEqual(ROWS);
  });

  test.each<RowKind>(ROW_KINDS)('by the kind %s lets only that through', (kind) => {
    const kinds = ROWS.filter(matcher({ kind })).map(rowKind);
    expect(new Set(kinds)).toEqual(new Set([kind]));
  });

  test.each<RowOutcome>(ROW_OUTCOMES)('by the outcome %s lets only that through', (outcome) => {
    const outcomes = ROWS.filter(matcher({ outcome })).map(rowOutcome);
    expect(new Set(outcomes)).toEqual(new Set([outcome]));
  });

  test('by a group keeps checks apart from what befell the records', () => {
    const kindsIn = (group: RowGroup) => new Set(ROWS.filter(matcher({ group })).map(rowKind));
    expect(kindsIn('checks')).toEqual(new Set(['check']));
    expect(kindsIn('changes')).toEqual(new Set(ROW_KINDS.filter((kind) => kind !== 'check')));
    expect([...ROWS.filter(matcher({ group: 'checks' })), ...ROWS.filter(matcher({ group: 'changes' }))]).toHaveLength(
      ROWS.length,
    );
  });

  test.each<[HistoryFilter, boolean]>([
    [{ from: START }, true],
    [{ from: START + 1 }, false],
    [{ until: START + 1 }, true],
    [{ until: START }, false],
    [{ from: START, until: START + 1 }, true],
  ])('by time takes the first moment and leaves the last: %o', (filter, passes) => {
    expect(matcher(filter)(row)).toBe(passes);
  });

  test('has to be met in all its parts', () => {
    expect(matcher({ text: 'production', kind: 'change', outcome: 'open' })(row)).toBe(true);
    expect(matcher({ text: 'production', kind: 'assign', outcome: 'open' })(row)).toBe(false);
    expect(matcher({ text: 'production', kind: 'change', outcome: 'done' })(row)).toBe(false);
    expect(matcher({ text: 'other', kind: 'change', outcome: 'open' })(row)).toBe(false);
  });
});
