import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { IDBFactory } from 'fake-indexeddb';
import { type ComponentChild, render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OptionsPage } from '../../../src/options/options-page';
import { Popup } from '../../../src/popup/popup';
import { createDatabase } from '../../../src/storage/database';
import { createHistoryReader } from '../../../src/storage/history';
import { createKeptListReader } from '../../../src/storage/kept-lists';
import { createSecrets } from '../../../src/storage/secrets';
import { createStarsReader } from '../../../src/storage/stars';
import { createWatchesReader } from '../../../src/storage/watches';
import { SubscriptionsPage } from '../../../src/subscriptions/subscriptions-page';
import { browser, resetWorld } from '../../support/page-browser';
import { all, says, text } from '../../support/screen';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));

const READING = 'Reading the settings…';

beforeEach(() => {
  resetWorld();
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  render(null, document.body);
  vi.restoreAllMocks();
});

const pages: Record<string, () => ComponentChild> = {
  options: () => <OptionsPage secrets={createSecrets(createDatabase(() => undefined))} welcome={true} />,
  popup: () => <Popup history={createHistoryReader(createDatabase(() => undefined))} place={{ in: 'popup' }} />,
  subscriptions: () => (
    <SubscriptionsPage
      history={createHistoryReader(createDatabase(() => undefined))}
      watches={createWatchesReader(createDatabase(() => undefined))}
      kept={createKeptListReader(createDatabase(() => undefined))}
      stars={createStarsReader(createDatabase(() => undefined))}
    />
  ),
};

describe.each(Object.entries(pages))('the %s page, opened while the browser starts', (_name, page) => {
  it('says that it reads the settings until the browser tells what policy sets, and then no more', async () => {
    let tell: (policy: Record<string, unknown>) => void = () => undefined;
    const policy = new Promise<Record<string, unknown>>((resolve) => {
      tell = resolve;
    });
    vi.spyOn(browser.storage.managed, 'get').mockReturnValue(policy);
    render(page(), document.body);
    await says(READING);
    tell({});
    await expect.poll(text).not.toContain(READING);
    expect(text()).toContain('service');
  });

  it('says what is wrong where they cannot be read', async () => {
    vi.spyOn(browser.storage.managed, 'get').mockRejectedValue(new Error('the disk is gone'));
    vi.spyOn(browser.storage.local, 'get').mockRejectedValue(new Error('the disk is gone'));
    render(page(), document.body);
    await expect.poll(() => all('alert').length).toBeGreaterThan(0);
    expect(text()).not.toContain(READING);
  });
});
