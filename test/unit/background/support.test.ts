import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Identity } from '../../../src/backends/backend';
import { createSupport } from '../../../src/background/support';
import { createClock, type HandClock, START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { uuid } from '../../support/targets';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const HOUR_MS = 60 * 60 * 1000;
const saying = (support: string | null): Identity => ({
  name: 'Ada',
  principalId: 'ada',
  organization: 'Contoso',
  support,
});

let device: ReturnType<typeof createFakeBrowser>;
let clock: HandClock;
let errors: string[];
const startWorker = () =>
  createSupport({ clock, log: { info: () => undefined, error: (what) => void errors.push(what) } });

beforeEach(() => {
  device = createFakeBrowser();
  fake.browser = device.browser;
  clock = createClock(START);
  errors = [];
});

describe('Whom to ask', () => {
  test('is kept for the workers after this one, each connection for itself', async () => {
    await startWorker().keep(CONNECTION_ID, saying('help@contoso.example'));
    expect(await startWorker().of(CONNECTION_ID)).toBe('help@contoso.example');
    expect(await startWorker().of(uuid(50))).toBeNull();
  });

  test('is nobody any more once the service names nobody', async () => {
    const support = startWorker();
    await support.keep(CONNECTION_ID, saying('help@contoso.example'));
    await support.keep(CONNECTION_ID, saying(null));
    expect(await support.of(CONNECTION_ID)).toBeNull();
  });

  test('is asked for once a day, by whichever worker', async () => {
    const ask = vi.fn(async () => saying('help@contoso.example'));
    const first = startWorker();
    await Promise.all([first.renew(CONNECTION_ID, ask), first.renew(CONNECTION_ID, ask)]);
    expect(await first.of(CONNECTION_ID)).toBe('help@contoso.example');
    clock.jumpTo(START + 23 * HOUR_MS);
    await startWorker().renew(CONNECTION_ID, ask);
    expect(ask).toHaveBeenCalledTimes(1);
    clock.jumpTo(START + 25 * HOUR_MS);
    await startWorker().renew(CONNECTION_ID, ask);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('is asked for anew where the clock was put back behind the last time', async () => {
    const ask = vi.fn(async () => saying(null));
    await startWorker().renew(CONNECTION_ID, ask);
    clock.jumpTo(START - 48 * HOUR_MS);
    await startWorker().renew(CONNECTION_ID, ask);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('stays as it was when the service does not tell, and this worker leaves it in peace', async () => {
    const support = startWorker();
    await support.keep(CONNECTION_ID, saying('help@contoso.example'));
    clock.jumpTo(START + 25 * HOUR_MS);
    const ask = vi.fn(() => Promise.reject(new Error('Away')));
    await expect(support.renew(CONNECTION_ID, ask)).rejects.toThrow('Away');
    await support.renew(CONNECTION_ID, ask);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(await support.of(CONNECTION_ID)).toBe('help@contoso.example');
  });

  test('keeps nobody from going on when there is no room for it', async () => {
    const { local } = device.browser.storage;
    local.set = () => Promise.reject(new Error('No room'));
    await startWorker().keep(CONNECTION_ID, saying('help@contoso.example'));
    expect(errors).toEqual(['Whom to ask could not be kept']);
  });

  test.each([['nothing'], [null], [{ support: 7, askedAt: 1 }], [{ support: 'x'.repeat(201), askedAt: 1 }]])(
    'is nobody where what was kept cannot be read: %j',
    async (stored) => {
      device.local.set(`support ${CONNECTION_ID}`, stored);
      expect(await startWorker().of(CONNECTION_ID)).toBeNull();
    },
  );
});
