import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { parse } from 'papaparse';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import { type CheckRunner, createCheckRunner } from '../../../src/background/check-runner';
import type { PartnerId } from '../../../src/domain/partner';
import type { Connection } from '../../../src/domain/connection';
import { CheckIds } from '../../../src/popup/check-ids';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, createHistoryReader, type History } from '../../../src/storage/history';
import { readSettings, type SettingsTrouble } from '../../../src/storage/settings';
import { readTypedIds } from '../../../src/storage/typed-ids';
import { createFakeService, failed } from '../../support/fake-service';
import { createClock, type HandClock } from '../../support/clock';
import { createLocks } from '../../support/locks';
import { browser, resetWorld, world } from '../../support/page-browser';
import { check } from '../../support/checks';
import { anOpenConnection, CONNECTION, onlyConnection } from '../../support/connections';
import { HOSTILE } from '../../support/hostile';
import { CONTOSO, partnerId } from '../../support/partners';
import { readAs } from '../../support/settings';
import { uuid } from '../../support/targets';
import { all, press, says, text, the, type } from '../../support/screen';
import { defaultConnectionOf } from '../../../src/domain/settings';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));
const files: { name: string; text: string }[] = [];
vi.mock('../../../src/ui/download', () => ({
  download: (name: string, _type: string, text: string) => files.push({ name, text }),
}));

const DAY_MS = 24 * 60 * 60 * 1000;
const GUID = 'a1b2c3d4-0000-4000-8000-00000000abcd';

let history: History;
let open: ReturnType<typeof createDatabase>;
let clock: HandClock;
let checks: CheckRunner;
/** Each ID that the service was asked for. */
let asked: string[];
/** What becomes of each request. */
let answer: (id: PartnerId) => Promise<void>;
let copied: string[];

beforeEach(async () => {
  resetWorld();
  files.length = 0;
  copied = [];
  asked = [];
  answer = async () => undefined;
  vi.stubGlobal('indexedDB', new IDBFactory());
  Object.defineProperty(navigator, 'locks', { value: createLocks(), configurable: true });
  Object.defineProperty(navigator, 'clipboard', {
    value: { writeText: async (words: string) => void copied.push(words) },
    configurable: true,
  });
  open = createDatabase(() => undefined);
  history = createHistory(open);
  clock = createClock(Date.now());
  await browser.storage.local.set({ connection: CONNECTION });
  checks = startWorker();
  world.worker = {
    'checks.start': ({ id, typed }) => checks.start(id, typed),
    'checks.stop': () => checks.stop().then(() => null),
    'checks.resume': () => checks.resume().then(() => null),
    'checks.clear': () => checks.clear().then(() => null),
  };
});
afterEach(() => render(null, document.body));

/** The worker's own part, before a service that knows two partners. */
function startWorker(): CheckRunner {
  const partners = new Map([
    ['1234567', 'Contoso'],
    ['7654321', HOSTILE],
  ]);
  const backend = {
    ...createFakeService(),
    checkPartner: async (id: PartnerId) => {
      asked.push(id);
      await answer(id);
      const name = partners.get(id);
      if (name === undefined) throw new BackendError({ reason: 'refused', status: 404, code: 'PartnerNotFound' });
      return { partner: { partnerId: id, name } };
    },
  };
  return createCheckRunner({
    history,
    current: async () => {
      const connection = defaultConnectionOf(await readSettings());
      return connection && { connection, backend };
    },
    wakefulness: { workOpen: async () => undefined, allEnded: async () => undefined, onTheWire: () => undefined },
    clock,
    log: { info: () => undefined, error: () => undefined },
    onHistory: () => undefined,
  });
}

async function openTab(connection: Connection | null = CONNECTION, trouble: Partial<SettingsTrouble> = {}) {
  const settings = { state: 'here', value: readAs(onlyConnection(connection), trouble) } as const;
  render(<CheckIds history={createHistoryReader(open)} settings={settings} />, document.body);
  if (connection !== null) await the('textbox', 'Partner IDs');
}

const lines = () => all('listitem').map((item) => text(item));
const status = async () => text(await the('status'));

async function checked(typed: string): Promise<void> {
  await openTab();
  await type('textbox', 'Partner IDs', typed);
  await press('Check ID');
}

describe('the box', () => {
  it('has the focus when the tab opens, and explains what a Partner ID is', async () => {
    await openTab();
    await vi.waitFor(async () => expect(document.activeElement).toBe(await the('textbox', 'Partner IDs')));
    expect(text(document.querySelector('details') ?? document.body)).toContain(
      'What is a Partner ID?The number by which',
    );
  });

  it('takes the focus from nobody who is already somewhere', async () => {
    const elsewhere = document.createElement('button');
    document.body.append(elsewhere);
    elsewhere.focus();
    const root = document.createElement('div');
    document.body.append(root);
    render(
      <CheckIds
        history={createHistoryReader(open)}
        settings={{ state: 'here', value: readAs(onlyConnection(CONNECTION)) }}
      />,
      root,
    );
    await the('textbox', 'Partner IDs');
    expect(document.activeElement).toBe(elsewhere);
    render(null, root);
    root.remove();
    elsewhere.remove();
  });

  it.each([
    ['', 'Enter a Partner ID.'],
    ['Partner ID:', 'There is no Partner ID in this text. A Partner ID has 5 to 10 digits.'],
    ['9'.repeat(200_001), 'This is too much to check at once. Paste up to 1,000 IDs.'],
  ])('says what is wrong with a text that can’t be checked, and asks nobody', async (typed, words) => {
    await checked(typed);
    expect(text(await the('alert'))).toBe(words);
    expect(await browser.storage.session.get('checkRun')).toEqual({});
  });

  it('says at which connection it checks, where there are several', async () => {
    await openTab();
    expect(text()).not.toContain('Checked at');
    const other = anOpenConnection({ id: uuid(1), name: 'Northwind partners' });
    const value = readAs({ connections: [CONNECTION, other], defaultConnection: other.id });
    render(<CheckIds history={createHistoryReader(open)} settings={{ state: 'here', value }} />, document.body);
    await says('Checked at Northwind partners.');
  });

  it('says that the settings could not be read, and not that no service is set up', async () => {
    await openTab(null, { later: 9 });
    await says('Your settings could not be read');
    expect(text()).not.toContain('No service');
  });

  it('says that no service is set up instead of a form that could not work', async () => {
    let opened = false;
    world.worker['options.open'] = async () => {
      opened = true;
      return 'opened';
    };
    await openTab(null);
    await says('No service is set up yet');
    expect(all('textbox', 'Partner IDs')).toEqual([]);
    await press('Open options');
    await vi.waitFor(() => expect(opened).toBe(true));
  });

  it('is checked by Enter, once however often that is pressed', async () => {
    let letGo: () => void = () => undefined;
    answer = () => new Promise((resolve) => (letGo = resolve));
    await openTab();
    await type('textbox', 'Partner IDs', '1234567');
    const box = await the('textbox', 'Partner IDs');
    for (let times = 0; times < 3; times += 1) {
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    }
    await vi.waitFor(() => expect(asked).toEqual(['1234567']));
    await vi.waitFor(async () => expect((await the('button', 'Check ID')).getAttribute('aria-disabled')).toBe('true'));
    letGo();
    await says('1 found');
    expect(asked).toEqual(['1234567']);
  });
});

describe('what was checked', () => {
  it('has a line for each ID, with its name or its problem, problems first, and is counted once it is there', async () => {
    await checked(`1234567\tContoso Ltd\n7654321\tx y\n2222222\ta b\n${GUID}\tc d\n12\te f\n1234567\tg h`);
    await vi.waitFor(async () => expect(await status()).toBe('2 found, 1 unknown, 2 not IDs, 1 repeated'));
    expect(lines()).toEqual([
      '2222222No partner has this ID. Check the number with your partner.',
      `${GUID}This is a usage attribution ID, not a Partner ID. A Partner ID has 5 to 10 digits.`,
      '12A Partner ID has at least 5 digits.',
      '1234567Contoso',
      `7654321${HOSTILE}`,
    ]);
    expect(document.querySelector('img[src="x"]')).toBeNull();
  });

  it('is told in the status when it begins and when it has ended, and not in between', async () => {
    const said: string[] = [];
    const gates: (() => void)[] = [];
    answer = () => new Promise((resolve) => gates.push(resolve));
    await openTab();
    const region = await the('status');
    new MutationObserver(() => said.push(text(region))).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    const ids = Array.from({ length: 12 }, (_, index) => String(1_000_000 + index));
    await type('textbox', 'Partner IDs', ids.join(' '));
    await press('Check ID');
    for (const _ of ids) {
      await vi.waitFor(() => expect(gates.length).toBeGreaterThan(0));
      gates.shift()?.();
    }
    await says('12 unknown');
    expect([...new Set(said)]).toEqual(['Checking 12 IDs…', '12 unknown']);
  });

  it('shows how far it has come, and that one may leave', async () => {
    const gates: (() => void)[] = [];
    answer = () => new Promise((resolve) => gates.push(resolve));
    const ids = Array.from({ length: 12 }, (_, index) => String(1_000_000 + index));
    await checked(ids.join('\n'));
    const bar = await the('progressbar', 'IDs checked');
    await vi.waitFor(() => expect(gates).toHaveLength(5));
    gates[0]?.();
    await says('1 of 12 checked. You may close this.');
    expect(bar).toMatchObject({ value: 1, max: 12 });
  });

  it('shows a recent check at once with its age, then the answer', async () => {
    await history.addCheck(
      check('1234567', { kind: 'found', partner: { ...CONTOSO, name: 'Contoso of old' } }, Date.now() - 3 * DAY_MS),
    );
    let letGo: () => void = () => undefined;
    answer = () => new Promise((resolve) => (letGo = resolve));
    await checked('1234567');
    await says(/Contoso of oldChecked 3 days agoChecking again…/);
    letGo();
    await says('1 found');
    expect(text()).not.toContain('of old');
  });

  it('is there again when the tab is opened again, with what was typed and how far it has come', async () => {
    const gates: (() => void)[] = [];
    answer = () => new Promise((resolve) => gates.push(resolve));
    const typed = Array.from({ length: 20 }, (_, index) => String(1_000_000 + index)).join(' ');
    await checked(typed);
    await vi.waitFor(() => expect(gates).toHaveLength(5));
    render(null, document.body);
    for (const open of gates.splice(0)) open();
    await vi.waitFor(() => expect(gates).toHaveLength(5));
    await openTab();
    await says('5 of 20 checked.');
    expect(await the('textbox', 'Partner IDs')).toMatchObject({ value: typed });
    answer = async () => undefined;
    for (const open of gates) open();
    await says('20 unknown');
    expect(asked).toHaveLength(20);
  });

  it('of another connection is not shown', async () => {
    await checked('1234567');
    await says('Contoso');
    render(null, document.body);
    await openTab({ ...CONNECTION, id: crypto.randomUUID() });
    expect(all('listitem')).toEqual([]);
    expect(await the('textbox', 'Partner IDs')).toMatchObject({ value: '' });
  });

  it('is copied and exported with a line for each, and no cell that a spreadsheet could run', async () => {
    await checked('7654321 1234567 2222222 12');
    await says('1 not an ID');
    await press('Copy results');
    await says('Copied.');
    await press('Export results');
    await says(/Saved to partner-ids-.*\.csv\./);
    const expected = [
      ['Partner ID', 'Result', 'Partner', 'Location', 'Detail'],
      ['2222222', 'Unknown', '', '', 'No partner has this ID. Check the number with your partner.'],
      ['12', 'Not an ID', '', '', 'A Partner ID has at least 5 digits.'],
      ['7654321', 'Found', HOSTILE, '', ''],
      ['1234567', 'Found', 'Contoso', '', ''],
    ];
    expect(parse(copied[0] ?? '', { delimiter: '\t' }).data).toEqual(expected);
    expect(parse(files[0]?.text.replace('\ufeff', '').trimEnd() ?? '').data).toEqual(expected);
  });

  it('guards a pasted text that a spreadsheet could run', async () => {
    await checked('1234567 @SUM1');
    await says('1 not an ID');
    await press('Copy results');
    await vi.waitFor(() => expect(copied[0]).toContain("'@SUM1"));
  });

  it('is forgotten when the person clears it, who goes on in the empty box', async () => {
    await checked('1234567');
    await says('Contoso');
    await press('Clear');
    await vi.waitFor(() => expect(all('listitem')).toEqual([]));
    expect(await the('textbox', 'Partner IDs')).toMatchObject({ value: '' });
    expect(document.activeElement).toBe(await the('textbox', 'Partner IDs'));
    expect((await history.latestCheck(CONNECTION.id, partnerId('1234567')))?.outcome.kind).toBe('found');
  });
});

describe('what was typed and not checked yet', () => {
  const box = async () => ((await the('textbox', 'Partner IDs')) as HTMLTextAreaElement).value;
  async function openAgain(): Promise<void> {
    render(null, document.body);
    await openTab();
  }

  it('is there when the popup is opened again, above what was checked before', async () => {
    await checked('1234567');
    await says('1 found');
    await type('textbox', 'Partner IDs', '1234567 76543');
    await openAgain();
    expect(await box()).toBe('1234567 76543');
    await says('1 found');
    expect(asked).toEqual(['1234567']);
  });

  it('stays empty where the person emptied the box', async () => {
    await checked('1234567');
    await says('1 found');
    await type('textbox', 'Partner IDs', '');
    await openAgain();
    expect(await box()).toBe('');
  });

  it('is the run’s own once it is checked, and nothing once it is cleared', async () => {
    await checked('1234567');
    await says('1 found');
    await vi.waitFor(async () => expect(await readTypedIds()).toBeNull());
    await openAgain();
    expect(await box()).toBe('1234567');
    await type('textbox', 'Partner IDs', '76543');
    await press('Clear');
    await vi.waitFor(() => expect(all('listitem')).toEqual([]));
    await openAgain();
    expect(await box()).toBe('');
  });

  it.each([17, { typed: '1' }, '9'.repeat(200_001)])(
    'is nothing where something else is kept in its place',
    async (kept) => {
      await browser.storage.session.set({ typedIds: kept });
      await openTab();
      expect(await box()).toBe('');
    },
  );

  it('stays when something else is checked on another page', async () => {
    await openTab();
    await type('textbox', 'Partner IDs', '1234567');
    await browser.storage.session.set({ typedIds: '76543' });
    await press('Check ID');
    await says('1 found');
    expect(await readTypedIds()).toBe('76543');
  });

  it('is not kept where it is too long to be checked at all', async () => {
    await openTab();
    await type('textbox', 'Partner IDs', '123');
    await type('textbox', 'Partner IDs', '9'.repeat(200_001));
    await vi.waitFor(async () => expect(await readTypedIds()).toBeNull());
  });
});

describe('a run that does not go on by itself', () => {
  it('is stopped by the person, says what it has, and goes on with the rest when asked', async () => {
    const gates: (() => void)[] = [];
    answer = () => new Promise((resolve) => gates.push(resolve));
    const ids = Array.from({ length: 12 }, (_, index) => String(1_000_000 + index));
    await checked(ids.join(' '));
    await vi.waitFor(() => expect(gates).toHaveLength(5));
    const stop = vi.spyOn(checks, 'stop');
    await press('Stop');
    await vi.waitFor(() => expect(stop).toHaveBeenCalled());
    for (const open of gates) open();
    await says('Stopped: 5 unknown, 7 not checked');
    answer = async () => undefined;
    await press('Check the rest');
    await says('12 unknown');
    expect(asked.toSorted()).toEqual(ids);
  });

  it('says why nobody is signed in after a press on “Sign in”', async () => {
    world.worker['signIn.start'] = async () => 'providerAway';
    answer = async () => {
      throw new BackendError({ reason: 'signInNeeded', status: 401 });
    };
    await checked('1234567');
    await the('alert');
    await press('Sign in');
    await says('Your identity provider did not answer. Try again later.');
  });

  it('says that somebody has to sign in, and offers it', async () => {
    let begun = false;
    world.worker['signIn.start'] = async () => {
      begun = true;
      return 'signedIn';
    };
    answer = async () => {
      throw new BackendError({ reason: 'signInNeeded', status: 401 });
    };
    await checked('1234567');
    await the('alert');
    await press('Sign in');
    await vi.waitFor(() => expect(begun).toBe(true));
    answer = async () => undefined;
    await checks.signedIn();
    await says('1 found');
    expect(all('alert')).toEqual([]);
  });

  it('says what it waits for and until when', async () => {
    answer = async () => {
      throw new BackendError({ reason: 'busy', status: 429 }, { retryAfterMs: 60_000 });
    };
    await checked('1234567');
    await says(/The service is busy\. It goes on at .*\./);
    await says('You may close this.');
  });

  it('says why it gave up, under each ID that was asked, and asks again when told to', async () => {
    answer = async () => {
      throw failed('noAnswer');
    };
    await checked('1234567');
    for (let times = 0; times < 5; times += 1) {
      await vi.waitFor(() => expect(clock.pending()).toBe(1));
      clock.moveTo(clock.now() + 10_000);
    }
    await the('alert');
    await vi.waitFor(async () => expect(await status()).toBe('1 failed'));
    expect(lines()[0]).toContain('can’t be reached');
    answer = async () => undefined;
    await press('Check the rest');
    await says('1 found');
  });

  it('says that the browser has no room, and begins nothing', async () => {
    const { set } = browser.storage.session;
    browser.storage.session.set = () => Promise.reject(new Error('Session storage quota bytes exceeded.'));
    try {
      await checked('1234567');
      expect(text(await the('alert'))).toBe(
        'The browser has no room for this, so nothing was checked. Paste fewer IDs.',
      );
      expect(asked).toEqual([]);
    } finally {
      browser.storage.session.set = set;
    }
  });
});
