import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { showBadge, titleOf } from '../../../src/background/badge';
import { hindranceOf } from '../../../src/background/hindrance';
import type { Connection } from '../../../src/domain/connection';
import type { SettingsTrouble } from '../../../src/storage/settings';
import { speak } from '../../../src/words/words';
import { english } from '../../setup/english';
import { catalogueInOtherScript, withLatinLetters } from '../../setup/other-script';
import { readAs } from '../../support/settings';
import {
  aConnection,
  anEntraConnection,
  anOpenConnection,
  anOpenIdConnection,
  onlyConnection,
} from '../../support/connections';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => fake);

const NAME = 'Partner of Record Helper';
const CONNECTION = aConnection();
const FREE = { attention: 0, unmet: 0, manyChanges: false, hindrance: null } as const;

describe('The toolbar', () => {
  const shown = { icon: '', text: '', title: '' };
  beforeEach(() => {
    fake.browser = {
      action: {
        setBadgeBackgroundColor: async () => undefined,
        setBadgeText: async (told: { text: string }) => Object.assign(shown, told),
        setIcon: async ({ path }: { path: Record<string, string> }) => Object.assign(shown, { icon: path['16'] }),
        setTitle: async (told: { title: string }) => Object.assign(shown, told),
      },
    };
  });

  test.each(['notConfigured', 'settingsUnread', 'permissionMissing', 'notSignedIn'] as const)(
    'is grey and says why: %s',
    async (hindrance) => {
      await showBadge({ ...FREE, hindrance });
      expect(shown.icon).toBe('/icons/icon-grey-16.png');
      expect(shown.title.split('\n')).toEqual([NAME, expect.stringMatching(/^.+\.$/)]);
    },
  );

  test('stays in colour and says why where only portals are withheld', async () => {
    await showBadge({ ...FREE, hindrance: 'portalsWithheld' });
    expect(shown.icon).toBe('/icons/icon-16.png');
    expect(shown.title).toContain('keeps the extension away from a portal');
  });

  test('says the name alone while nothing is the matter', async () => {
    await showBadge(FREE);
    expect(shown).toEqual({ icon: '/icons/icon-16.png', text: '', title: NAME });
  });

  test('counts what needs the person, and says both that and what is in the way', async () => {
    await showBadge({ attention: 2, unmet: 3, manyChanges: true, hindrance: 'notSignedIn' });
    expect(shown.text).toBe('5');
    expect(titleOf({ ...FREE, attention: 1 })).toBe(`${NAME}\n1 change needs you.`);
    expect(shown.title.split('\n')).toEqual([
      NAME,
      'You are not signed in. Open to sign in.',
      '2 changes need you.',
      '3 changes made elsewhere.',
      'Many changes were made from portal pages in a short time. Open to see.',
    ]);
  });
});

describe('The toolbar with a catalogue in another script', () => {
  beforeEach(() => speak(catalogueInOtherScript(english)));
  afterEach(() => speak(english));

  test('has no Latin letter, whatever it tells', () => {
    const HINDRANCES = [
      'notConfigured',
      'settingsUnread',
      'permissionMissing',
      'notSignedIn',
      'portalsWithheld',
      null,
    ] as const;
    const titles = HINDRANCES.flatMap((hindrance) =>
      [0, 1, 2].map((attention) => titleOf({ attention, unmet: attention, manyChanges: true, hindrance })),
    );
    expect(withLatinLetters(titles)).toEqual([]);
    expect(titles.every((title) => title.split('\n').every((line) => line !== ''))).toBe(true);
  });
});

describe('What is in the way of all work', () => {
  let withheld: string[];
  beforeEach(() => {
    withheld = [];
    fake.browser = {
      permissions: {
        contains: async ({ origins }: { origins: string[] }) => origins.every((origin) => !withheld.includes(origin)),
      },
    };
  });
  const secrets = (signedIn: boolean) => ({
    tokenKept: async () => (signedIn ? ('session' as const) : ('not' as const)),
    readTokens: async () =>
      signedIn ? { access: null, refreshToken: 'r', person: null, idToken: null, loginHint: null } : null,
    readAccounts: async () =>
      signedIn ? [{ user: 'u.t', homeTenant: 't', username: null, name: null, refreshToken: null, trouble: null }] : [],
  });
  const settings = (connection: Connection | null, trouble: Partial<SettingsTrouble> = {}) =>
    readAs(onlyConnection(connection), trouble);

  test('is that no service is set up', async () => {
    expect(await hindranceOf(settings(null), secrets(true))).toBe('notConfigured');
    const other = { damaged: [{ part: 'retention', detail: '', stored: 7 }] };
    expect(await hindranceOf(settings(null, other), secrets(true))).toBe('notConfigured');
  });

  test.each<[string, Partial<SettingsTrouble>]>([
    ['a later version wrote', { later: 9 }],
    ['are damaged as a whole', { damaged: [{ part: 'settings', detail: '', stored: 7 }] }],
    ['name a connection that is damaged', { damaged: [{ part: 'connections', detail: '', stored: 7 }] }],
    ['come from a policy with a mistake', { policy: [{ key: 'connection', detail: '', address: null }] }],
  ])(
    'is that the settings cannot be read, which %s: nobody knows that no service is set up',
    async (_which, trouble) => {
      expect(await hindranceOf(settings(null, trouble), secrets(true))).toBe('settingsUnread');
      expect(await hindranceOf(settings(CONNECTION, trouble), secrets(true))).toBeNull();
    },
  );

  test('is that the browser does not let the extension reach it', async () => {
    withheld = ['https://por.example.com/*'];
    expect(await hindranceOf(settings(CONNECTION), secrets(false))).toBe('permissionMissing');
  });

  test('is that nobody is signed in, where somebody has to', async () => {
    const openId = anOpenIdConnection();
    expect(await hindranceOf(settings(CONNECTION), secrets(false))).toBe('notSignedIn');
    expect(await hindranceOf(settings(openId), secrets(false))).toBe('notSignedIn');
    expect(await hindranceOf(settings(anOpenConnection()), secrets(false))).toBeNull();
    expect(await hindranceOf(settings(CONNECTION), secrets(true))).toBeNull();
    expect(await hindranceOf(settings(openId), secrets(true))).toBeNull();
    expect(await hindranceOf(settings(anEntraConnection()), secrets(false))).toBe('notSignedIn');
    expect(await hindranceOf(settings(anEntraConnection()), secrets(true))).toBeNull();
  });

  test('is that the browser keeps the extension away from a portal that is switched on', async () => {
    withheld = ['https://portal.azure.com/*'];
    expect(await hindranceOf(settings(CONNECTION), secrets(true))).toBe('portalsWithheld');
    const off = readAs({ ...onlyConnection(CONNECTION), portals: { off: ['azure'], own: [] } });
    expect(await hindranceOf(off, secrets(true))).toBeNull();
  });
});
