import { render } from 'preact';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { notifyOfEnd } from '../../../src/background/notify';
import { Panel } from '../../../src/content/panel';
import type { Acts } from '../../../src/content/panel-controller';
import { EMPTY_DRAFT, whatIsShown } from '../../../src/content/panel-state';
import type { Change, ChangeLife } from '../../../src/domain/change';
import { DEFAULT_DOCK } from '../../../src/domain/dock';
import { entryOf } from '../../../src/domain/history';
import type { Person } from '../../../src/domain/person';
import { needsPerson, type Phase } from '../../../src/domain/phase';
import { standingOf, wantsAttention } from '../../../src/domain/standing';
import { HistoryItem } from '../../../src/popup/history-item';
import { StandingText } from '../../../src/ui/standing-text';
import { controlsIn, textOf } from '../content/look';
import {
  ADELE,
  ALEX,
  changeOf,
  contoso,
  done,
  fabrikam,
  known,
  NOW,
  recordWith,
  viewOf,
  waiting,
} from '../content/panel-states';

const told = vi.hoisted(() => ({ notified: [] as string[] }));
vi.mock('../../../src/platform/browser', () => ({
  browser: {
    permissions: { contains: async () => true },
    runtime: { id: 'ours', getURL: (path: string) => path, sendMessage: async () => ({ ok: true, answer: null }) },
    notifications: {
      create: async (_id: string, { message }: { message: string }) => void told.notified.push(message),
    },
  },
}));

/** One way of standing, and what every screen makes of it. */
interface Row {
  readonly phase: Phase['phase'];
  readonly what: string;
  readonly life: ChangeLife | undefined;
  readonly kind?: Change['kind'];
  readonly undoes?: string;
  readonly person?: Person | null;
  /** What panel, confirm window and notification say while it is news, and the popup's history too unless `past` says otherwise. */
  readonly words: string | RegExp;
  readonly past?: string;
  readonly buttons: readonly string[];
  /** Whether the badge counts it, and the panel shows it as something that is in the way. */
  readonly counted: boolean;
}

const REFUSED = { reason: 'refused', status: 404, code: 'PartnerNotFound' } as const;
const ENDED = { attempts: 1, endedAt: NOW } as const;
const FOUND = { partnerOfRecord: contoso, version: '"9"' } as const;
const CHANGED = 'Partner information has been changed.';

const ROWS: readonly Row[] = [
  { phase: 'waiting', what: 'not tried yet', life: undefined, words: 'Saving…', buttons: [], counted: false },
  {
    phase: 'waiting',
    what: 'a removal',
    kind: 'remove',
    life: undefined,
    words: 'Removing…',
    buttons: [],
    counted: false,
  },
  {
    phase: 'sending',
    what: 'on the wire',
    life: { ...waiting({ lastFailure: null }), state: 'sending' },
    words: 'Saving…',
    buttons: [],
    counted: false,
  },
  {
    phase: 'retrying',
    what: 'until its time',
    life: waiting({}),
    words: /^Still trying\. The service .* Next attempt: .*:42/,
    buttons: ['Try again', 'Stop trying'],
    counted: true,
  },
  {
    phase: 'retrying',
    what: 'on the wire',
    life: { ...waiting({}), state: 'sending' },
    words: /^Still trying\. The service .* An attempt is under way\.$/,
    buttons: ['Stop trying'],
    counted: true,
  },
  {
    phase: 'signIn',
    what: 'nobody signed in',
    life: waiting({ for: 'signIn', lastFailure: { reason: 'signInNeeded' } }),
    words: /^You are not signed in\. .*Your change waits until you are signed in\.$/,
    buttons: ['Sign in', 'Stop trying'],
    counted: true,
  },
  {
    phase: 'signIn',
    what: 'a token that was refused',
    life: waiting({ for: 'signIn', lastFailure: { reason: 'signInNeeded', status: 401 } }),
    words:
      /^The service refused your sign-in: it has expired or was withdrawn\. .*Your change waits until you are signed in\.$/,
    buttons: ['Sign in', 'Stop trying'],
    counted: true,
  },
  {
    phase: 'otherPerson',
    what: 'who may send it',
    life: waiting({ for: 'person' }),
    person: ALEX,
    words:
      'Asked by Adele Vance. You are signed in as Alex Wilber. The change sets the partner to Fabrikam Managed Services GmbH (1234567).',
    buttons: ['Send as me', 'Discard'],
    counted: true,
  },
  {
    phase: 'otherPerson',
    what: 'whom nobody knows',
    kind: 'remove',
    life: waiting({ for: 'person' }),
    person: null,
    words: 'Asked by Adele Vance. Somebody else is signed in. The change removes the partner.',
    buttons: ['Discard'],
    counted: true,
  },
  {
    phase: 'noConnection',
    what: 'missing',
    life: waiting({ for: 'connection' }),
    words: /^This change waits: its connection is missing\./,
    buttons: ['Stop trying'],
    counted: true,
  },
  {
    phase: 'settling',
    what: 'read for the first time',
    life: waiting({ for: 'look', lastFailure: null }),
    words: 'Finding out whether the change took effect…',
    buttons: [],
    counted: false,
  },
  {
    phase: 'settling',
    what: 'stopped after its answer was lost',
    life: waiting({ settle: { as: 'cancelled' } }),
    words: /^Being stopped: we look first whether it already took effect\. The service /,
    buttons: [],
    counted: true,
  },
  {
    phase: 'outcomeUnknown',
    what: 'read again soon',
    life: waiting({ settle: { as: 'cancelled' }, failedReads: 1, wait: { from: NOW - 20_000, ms: 30_000 } }),
    words: /^We don’t know yet whether your change was made\. .* We look again in 10 seconds; nothing is sent twice\.$/,
    buttons: ['Try again'],
    counted: true,
  },
  {
    phase: 'outcomeUnknown',
    what: 'read once somebody signed in',
    life: waiting({ for: 'signIn', lastFailure: null, settle: { as: 'cancelled' }, failedReads: 1 }),
    words:
      'We don’t know yet whether your change was made. We look again once you are signed in; nothing is sent twice.',
    buttons: ['Sign in'],
    counted: true,
  },
  {
    phase: 'done',
    what: 'a change',
    life: done(fabrikam),
    words: `Fabrikam Managed Services GmbH (1234567) is now the partner of record and is told by mail. ${CHANGED}`,
    past: 'Done',
    buttons: ['Undo'],
    counted: false,
  },
  {
    phase: 'done',
    what: 'a removal',
    kind: 'remove',
    life: done(null),
    words:
      'Contoso Cloud Partners (423451) is no longer the partner of record and is told by mail. Partner information has been removed.',
    past: 'Done',
    buttons: ['Undo'],
    counted: false,
  },
  {
    phase: 'done',
    what: 'an undo',
    undoes: 'c0ffee00-55c4-4d3e-8a2f-3d1c7a9e6b10',
    life: done(fabrikam),
    words: `Undone: Fabrikam Managed Services GmbH is the partner of record again. ${CHANGED}`,
    past: 'Done',
    buttons: [],
    counted: false,
  },
  {
    phase: 'refused',
    what: 'not met yet',
    life: { state: 'refused', failure: REFUSED, seen: false, ...ENDED },
    words: 'The change was not made. There is no partner with this ID. Check the number with your partner.',
    buttons: [],
    counted: true,
  },
  {
    phase: 'refused',
    what: 'met',
    life: { state: 'refused', failure: REFUSED, seen: true, ...ENDED },
    words: 'The change was not made. There is no partner with this ID. Check the number with your partner.',
    buttons: [],
    counted: false,
  },
  {
    phase: 'unknown',
    what: 'not met yet',
    life: { state: 'unknown', failure: { reason: 'connectionChanged' }, found: null, seen: false, ...ENDED },
    words: /^We cannot know whether your change was made\. /,
    buttons: [],
    counted: true,
  },
  {
    phase: 'conflict',
    what: 'with another partner',
    life: { state: 'conflict', found: FOUND, answer: null, ...ENDED },
    words:
      'Not done. Meanwhile somebody else set the partner to Contoso Cloud Partners (423451). You asked for: Fabrikam Managed Services GmbH (1234567).',
    buttons: ['Overwrite', 'Keep'],
    counted: true,
  },
  {
    phase: 'conflict',
    what: 'with a removal',
    life: { state: 'conflict', found: { partnerOfRecord: null, version: '"9"' }, answer: null, ...ENDED },
    words:
      'Not done. Meanwhile somebody else removed the partner. You asked for: Fabrikam Managed Services GmbH (1234567).',
    buttons: ['Overwrite', 'Keep'],
    counted: true,
  },
  {
    phase: 'conflict',
    what: 'kept',
    life: { state: 'conflict', found: FOUND, answer: { kind: 'kept' }, ...ENDED },
    words: 'Kept: Contoso Cloud Partners (423451) stays the partner of record.',
    past: 'Not done. What somebody else had set was kept.',
    buttons: [],
    counted: false,
  },
  {
    phase: 'conflict',
    what: 'overwritten',
    life: {
      state: 'conflict',
      found: FOUND,
      answer: { kind: 'resolvedBy', changeId: 'c0ffee00-55c4-4d3e-8a2f-3d1c7a9e6b10' },
      ...ENDED,
    },
    words: 'Overwritten by a later change.',
    buttons: [],
    counted: false,
  },
  {
    phase: 'cancelled',
    what: 'stopped',
    life: { state: 'cancelled', ...ENDED },
    words: 'Stopped. Nothing was changed.',
    buttons: [],
    counted: false,
  },
];

/** Every phase there is, so that one more is missed here at once. */
const PHASES: Record<Phase['phase'], true> = {
  waiting: true,
  sending: true,
  retrying: true,
  signIn: true,
  otherPerson: true,
  noConnection: true,
  settling: true,
  outcomeUnknown: true,
  done: true,
  refused: true,
  unknown: true,
  conflict: true,
  cancelled: true,
};

const nothing = () => undefined;
const acts = new Proxy({}, { get: () => nothing }) as Acts;
const BUTTONS = ['Sign in', 'Try again', 'Stop trying', 'Overwrite', 'Keep', 'Send as me', 'Discard', 'Undo'];

function changeIn({ kind = 'change', life, undoes }: Row): Change {
  const change = changeOf(kind, life);
  return undoes === undefined ? change : { ...change, undoes };
}

function viewIn(row: Row) {
  const { life, kind, person = ADELE } = row;
  const etag = life?.state === 'done' ? '"8"' : life?.state === 'conflict' ? '"9"' : '"7"';
  expect(kind === 'assign').toBe(false);
  const view = viewOf(recordWith(contoso, { etag }), { change: changeIn(row), person });
  const held = life?.state === 'done' ? life.outcome : life?.state === 'conflict' ? life.found : {};
  return { ...view, state: view.state && { ...view.state, ...held } };
}

/** What the panel says of the change, whether as something in the way, and the buttons with it. */
function panelOf(row: Row) {
  const kept = row.phase === 'conflict' ? changeIn(row).id : null;
  const shown = whatIsShown(known(viewIn(row)), { ...EMPTY_DRAFT, kept });
  const contents = {
    shown,
    windowProblem: null,
    otherAccount: null,
    usedPartners: { assigned: [], checked: [] },
    now: NOW,
    acts,
  };
  render(
    <Panel {...contents} sureness="sure" place="inline" dock={DEFAULT_DOCK} onFold={nothing} onMove={nothing} />,
    document.body,
  );
  const alert = textOf(document.querySelector('[role="alert"]'));
  const status = textOf(document.querySelector('[role="status"]'));
  const warns = alert !== '' || document.querySelector('.notice-warn') !== null;
  return { words: alert || status, warns, buttons: buttonsIn(document.body) };
}

function popupOf(row: Row) {
  const { person = ADELE } = row;
  const change = changeIn(row);
  const viewer = { connectionId: change.target.connectionId, person, mayChange: true };
  const entry = entryOf({ type: 'change', id: change.id, at: change.askedAt, change }, viewer, NOW);
  const noBatch = () => Promise.reject(new Error('It is no batch'));
  const history = { outcomesOf: noBatch };
  const given = { entry, ahead: null, history, viewers: [viewer], settings: null, now: NOW };
  render(<HistoryItem {...given} startsDay={false} shown={false} />, document.body);
  return { text: textOf(document.body), buttons: buttonsIn(document.body) };
}

function buttonsIn(root: ParentNode): string[] {
  return controlsIn(root)
    .map((control) => control.replace(/^button /, ''))
    .filter((name) => BUTTONS.includes(name));
}

afterEach(() => render(null, document.body));

it('the table has every phase', () => {
  expect(new Set(ROWS.map(({ phase }) => phase))).toEqual(new Set(Object.keys(PHASES)));
});

describe.each(ROWS)('a change that is $phase, $what', (row) => {
  const { phase, words, past, buttons, counted } = row;
  const { person = ADELE } = row;
  const change = changeIn(row);
  const viewer = { connectionId: change.target.connectionId, person, mayChange: true };
  const standing = standingOf(change, viewer, NOW);
  const says = (text: string) => (typeof words === 'string' ? expect(text).toBe(words) : expect(text).toMatch(words));

  it('is that phase', () => expect(standing.at.phase).toBe(phase));

  it('reads so as news', () => {
    render(<StandingText standing={standing} now={NOW} tense="news" />, document.body);
    says(textOf(document.body));
  });

  it('reads so in the panel, with these buttons', () => {
    const panel = panelOf(row);
    says(panel.words);
    expect(panel.buttons).toEqual(buttons);
  });

  it('reads so in the popup, with the same buttons', () => {
    const { text, buttons: offered } = popupOf(row);
    if (past !== undefined) expect(text).toContain(past);
    else if (typeof words === 'string') expect(text).toContain(words);
    else expect(text).toMatch(new RegExp(words.source.replace(/^\^|\$$/g, '')));
    // An ended change may be taken back there as long as its row is.
    const withoutUndo = (names: readonly string[]) => names.filter((name) => name !== 'Undo');
    expect(withoutUndo(offered)).toEqual(withoutUndo(buttons));
  });

  it('calls the person by the badge exactly where the panel shows it as being in the way', () => {
    expect(wantsAttention(change)).toBe(counted);
    expect(needsPerson(standing.at)).toBe(counted);
    if (phase !== 'refused') expect(panelOf(row).warns).toBe(counted);
  });

  it('is told by a notification in the same words, once it ended and until it was met', async () => {
    told.notified.length = 0;
    await notifyOfEnd(standing);
    const ends = ['done', 'refused', 'unknown', 'conflict', 'cancelled'].includes(phase);
    const isMet = (phase === 'refused' || phase === 'conflict') && !counted;
    expect(told.notified).toHaveLength(ends && !isMet ? 1 : 0);
    for (const message of told.notified) {
      expect(message.startsWith('Northwind production: ')).toBe(true);
      says(message.slice('Northwind production: '.length));
    }
  });
});
