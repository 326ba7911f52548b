import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Announced } from '../../../src/ui/announce';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
});

/** What assistive technology is told of: each text that the live region comes to hold. */
function listen(): string[] {
  const heard: string[] = [];
  const region = document.querySelector('[role="status"]');
  if (region === null) throw new Error('There is no live region before there are words');
  new MutationObserver(() => {
    if (region.textContent) heard.push(region.textContent);
  }).observe(region, { childList: true, characterData: true, subtree: true });
  return heard;
}

async function tell(words: string | null, settlesMs?: number): Promise<void> {
  await act(() => render(<Announced words={words} {...(settlesMs !== undefined && { settlesMs })} />, document.body));
}

describe('what is announced', () => {
  it('comes into a region that was there before, and the same words come once', async () => {
    await tell(null);
    const heard = listen();
    for (const words of ['1 found', '1 found', '2 found', null, '2 found']) await tell(words);
    expect(heard).toEqual(['1 found', '2 found', '2 found']);
  });

  it('while somebody types waits until it stays', async () => {
    await tell(null, 400);
    const heard = listen();
    for (const words of ['9 found', '2 found', 'Nothing matches.']) {
      await tell(words, 400);
      await act(() => void vi.advanceTimersByTime(399));
    }
    expect(heard).toEqual([]);
    await act(() => void vi.advanceTimersByTime(1));
    await tell('Nothing matches.', 400);
    await act(() => void vi.advanceTimersByTime(4000));
    expect(heard).toEqual(['Nothing matches.']);
  });

  it('is gone at once when it is no longer true', async () => {
    await tell('Nothing matches.', 400);
    await tell(null, 400);
    expect(document.querySelector('[role="status"]')?.textContent).toBe('');
    await tell('Nothing matches.', 400);
    await tell('2 found', 400);
    expect(document.querySelector('[role="status"]')?.textContent).toBe('');
  });
});
