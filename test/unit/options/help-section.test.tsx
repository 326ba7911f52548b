import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HelpSection } from '../../../src/options/help-section';
import { browser, resetWorld, world } from '../../support/page-browser';
import { press, says, text, the } from '../../support/screen';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

beforeEach(() => {
  resetWorld();
});
afterEach(() => {
  render(null, document.body);
  location.hash = '';
});

const openPage = () => render(<HelpSection />, document.body);

it('answers what people ask', async () => {
  openPage();
  await the('heading', 'Help');
  for (const question of ['What is a Partner ID?', 'Who may do this?', 'Whom do I ask?'])
    expect(text()).toContain(question);
});

it('takes who comes for help to the first question', async () => {
  openPage();
  await says('No key opens the extension yet.');
  location.hash = '#help';
  await vi.waitFor(() => expect(text(document.activeElement ?? undefined)).toBe('What is a Partner ID?'));
});

it('says that no key opens the extension, leads to where one is set, and tells it when the person is back', async () => {
  openPage();
  await says('No key opens the extension yet. You can set one.');
  await says('chrome://extensions/shortcuts');
  await press('Set a key');
  expect(world.opened).toEqual(['chrome://extensions/shortcuts']);
  world.shortcut = 'Alt+Shift+P';
  dispatchEvent(new Event('focus'));
  await says('Alt+Shift+P opens the extension.');
});

it('opens the browser’s own page of shortcuts where there is a way to it', async () => {
  let opened = 0;
  const commands = {
    ...browser.commands,
    async openShortcutSettings() {
      opened++;
    },
  };
  const before = browser.commands;
  Object.assign(browser, { commands });
  openPage();
  await press('Set a key');
  expect(opened).toBe(1);
  expect(text()).not.toContain('chrome://');
  Object.assign(browser, { commands: before });
});

it('says where keys are set where there is no way to it', async () => {
  const { getURL } = browser.runtime;
  Object.assign(browser.runtime, { getURL: (path: string) => `moz-extension://extension/${path}` });
  openPage();
  await says('Manage Extension Shortcuts');
  Object.assign(browser.runtime, { getURL });
});
