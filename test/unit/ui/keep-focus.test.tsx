import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { keepFocus } from '../../../src/ui/keep-focus';

beforeAll(() => keepFocus(document.body));
beforeEach(() => {
  document.body.innerHTML =
    '<main><p>Page</p><section><div>Acts: <button>Go</button></div><button>Other</button></section></main>';
  find('div button').focus();
});

function find(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`Nothing is a ${selector}`);
  return found;
}

const focused = () => document.activeElement?.tagName;

it('When a button that has the focus is gone, the nearest around it that is left has the focus', async () => {
  find('div button').remove();
  await vi.waitFor(() => expect(focused()).toBe('DIV'));
  find('section').remove();
  await vi.waitFor(() => expect(focused()).toBe('MAIN'));
});

it('What is left empty around it does not have the focus, but what that lies in', async () => {
  const row = find('div');
  row.replaceChildren(find('div button'));
  find('div button').focus();
  find('div button').remove();
  await vi.waitFor(() => expect(focused()).toBe('SECTION'));
  expect(row.isConnected).toBe(true);
});

it('The focus stays where somebody took it in place of what is gone', async () => {
  const gone = find('div');
  find('section > button').focus();
  gone.remove();
  await Promise.resolve();
  expect(document.activeElement?.textContent).toBe('Other');
});

it('The focus stays nowhere where somebody pressed beside everything', async () => {
  find('div button').blur();
  await Promise.resolve();
  find('div').remove();
  await Promise.resolve();
  expect(focused()).toBe('BODY');
});
