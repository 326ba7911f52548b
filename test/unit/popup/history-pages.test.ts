import { describe, expect, it, vi } from 'vitest';
import type { HistoryFilter } from '../../../src/domain/history';
import { createHistoryPages, type Loaded } from '../../../src/popup/history-pages';
import type { Counted, HistoryPage, HistoryReader } from '../../../src/storage/history';

const LOOKING = { viewers: [], now: 0 };

/** Pages over a history that answers when it is told to. */
function pagesOver(answers: { page?: Partial<HistoryPage>; count?: Counted } = {}) {
  const shown: Loaded[] = [];
  const problems: unknown[] = [];
  const counts: {
    filter: HistoryFilter;
    signal: AbortSignal;
    known: number | undefined;
    answer: (counted: Counted) => void;
  }[] = [];
  const history = {
    page: async () => ({ entries: [], next: [0, 'a'] as const, damaged: 0, ...answers.page }),
    damagedCount: async () => 0,
    isUpdating: async () => false,
    count: (filter: HistoryFilter, signal: AbortSignal, known?: number) =>
      new Promise<Counted>((answer, fail) => {
        counts.push({ filter, signal, known, answer });
        signal.addEventListener('abort', () => fail(signal.reason));
      }),
  } as unknown as HistoryReader;
  const ended = new AbortController();
  const pages = createHistoryPages(
    history,
    () => LOOKING,
    (loaded) => shown.push(loaded),
    (cause) => problems.push(cause),
    ended.signal,
  );
  const counted = (calls: number) => vi.waitFor(() => expect(counts).toHaveLength(calls));
  return { pages, shown, problems, counts, counted, ended };
}

describe('what passes the filter', () => {
  it('is counted after the first page is shown, and told once it is known', async () => {
    const { pages, shown, counts, counted } = pagesOver();
    pages.filter({ text: 'x' });
    await counted(1);
    expect(shown.map((loaded) => loaded.counted)).toEqual([null]);
    counts[0]?.answer({ matching: 12, of: 340 });
    await vi.waitFor(() => expect(shown.at(-1)?.counted).toEqual({ matching: 12, of: 340 }));
    expect(shown).toHaveLength(2);
  });

  it('is counted no further once the person searches for something else, and nobody calls that a problem', async () => {
    const { pages, counts, counted, problems, shown } = pagesOver();
    pages.filter({ text: 'x' });
    await counted(1);
    pages.filter({ text: 'xy' });
    expect(counts[0]?.signal.aborted).toBe(true);
    await counted(2);
    counts[1]?.answer({ matching: 1, of: 2 });
    await vi.waitFor(() => expect(shown.at(-1)?.counted).toEqual({ matching: 1, of: 2 }));
    expect(problems).toEqual([]);
  });

  it('stays told while it is counted again for news, and is not counted again for the page that follows', async () => {
    const { pages, counts, counted, shown } = pagesOver();
    pages.filter({});
    await counted(1);
    counts[0]?.answer({ matching: 5, of: 5 });
    await vi.waitFor(() => expect(shown.at(-1)?.counted).not.toBeNull());
    pages.more();
    await vi.waitFor(() => expect(shown).toHaveLength(3));
    pages.again();
    await counted(2);
    expect(shown.at(-1)?.counted).toEqual({ matching: 5, of: 5 });
    counts[1]?.answer({ matching: 6, of: 6 });
    await vi.waitFor(() => expect(shown.at(-1)?.counted).toEqual({ matching: 6, of: 6 }));
  });

  it('is what is shown where that is all, and only the group is counted', async () => {
    const { pages, counts, counted, shown } = pagesOver({ page: { next: null } });
    pages.filter({ group: 'checks', text: 'x', from: 5 });
    await counted(1);
    expect(counts[0]?.filter).toEqual({ group: 'checks' });
    counts[0]?.answer({ matching: 7, of: 7 });
    await vi.waitFor(() => expect(shown.at(-1)?.counted).toEqual({ matching: 0, of: 7 }));
  });

  it('is counted without the group again, until there are news, and not while the person types', async () => {
    const { pages, counts, counted, shown } = pagesOver();
    pages.filter({ text: 'x' });
    pages.filter({ text: 'xy' });
    await vi.waitFor(() => expect(shown).not.toEqual([]));
    pages.filter({ text: 'xyz' });
    await counted(1);
    expect(counts[0]).toMatchObject({ filter: { text: 'xyz' }, known: undefined });
    counts[0]?.answer({ matching: 1, of: 9 });
    await vi.waitFor(() => expect(shown.at(-1)?.counted).not.toBeNull());
    pages.filter({ text: 'y' });
    await counted(2);
    expect(counts[1]).toMatchObject({ filter: { text: 'y' }, known: 9 });
    pages.again();
    await counted(3);
    expect(counts[2]?.known).toBeUndefined();
  });

  it('is counted no further once the page is gone', async () => {
    const { pages, counts, counted, ended, problems } = pagesOver();
    pages.filter({});
    await counted(1);
    ended.abort();
    expect(counts[0]?.signal.aborted).toBe(true);
    expect(problems).toEqual([]);
  });
});

describe('a page that is being read', () => {
  /** Pages over a history that looks for `x` for ever. */
  function endless() {
    const looked: (string | undefined)[] = [];
    const shown: (string | undefined)[] = [];
    const problems: unknown[] = [];
    const history = {
      page: ({ text }: HistoryFilter, _after: unknown, _size: unknown, _looking: unknown, signal?: AbortSignal) => {
        looked.push(text);
        return new Promise((answer, fail) => {
          signal?.addEventListener('abort', () => fail(signal.reason));
          if (text !== 'x') answer({ entries: [], next: null, damaged: 0 });
        });
      },
      damagedCount: async () => 0,
      isUpdating: async () => false,
      count: async () => ({ matching: 0, of: 0 }),
    } as unknown as HistoryReader;
    const ended = new AbortController();
    const show = ({ filter }: Loaded) => void shown.push(filter.text);
    const fail = (cause: unknown) => void problems.push(cause);
    return {
      pages: createHistoryPages(history, () => LOOKING, show, fail, ended.signal),
      looked,
      shown,
      problems,
      ended,
    };
  }

  it('is read no further once the person searches for something else, and nobody calls that a problem', async () => {
    const { pages, looked, shown, problems } = endless();
    pages.filter({ text: 'x' });
    pages.filter({ text: 'xy' });
    await vi.waitFor(() => expect(shown).toContain('xy'));
    expect([looked, problems]).toEqual([['x', 'xy'], []]);
  });

  it('is read to its end for news, which are read after it', async () => {
    const { pages, looked, shown } = endless();
    pages.filter({ text: 'y' });
    pages.again();
    await vi.waitFor(() => expect(looked).toEqual(['y', 'y']));
    await vi.waitFor(() => expect(shown.length).toBeGreaterThan(1));
  });

  it('is read no further once the list is gone', async () => {
    const { pages, looked, shown, problems, ended } = endless();
    pages.filter({ text: 'x' });
    await vi.waitFor(() => expect(looked).toEqual(['x']));
    ended.abort();
    await Promise.resolve();
    expect([shown, problems]).toEqual([[], []]);
  });
});
