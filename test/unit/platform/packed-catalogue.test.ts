import { beforeEach, expect, test, vi } from 'vitest';
import { type ShortNames, packedMessages, shortIdsOf, shortNames } from '../../../scripts/short-names';
import { panelIds as longPanelIds } from '../../../src/words/sentence-ids';
import { readWords } from '../../../scripts/words-files';
import { scriptsOf } from '../../../scripts/short-names';

const { messages } = vi.hoisted(() => ({ messages: { asked: [] as string[], all: {} as Record<string, string> } }));

vi.mock('../../../src/platform/browser', () => ({
  browser: {
    i18n: {
      getMessage: (id: string) => {
        messages.asked.push(id);
        return messages.all[id] ?? '';
      },
      getUILanguage: () => 'de',
    },
  },
}));

const words = await readWords('src/words/en');
const names: ShortNames = shortNames(words, scriptsOf('.').values());

beforeEach(() => {
  vi.resetModules();
  messages.asked = [];
  const packed: Record<string, { message: string }> = JSON.parse(packedMessages(words, names));
  // As the browser gives them.
  messages.all = Object.fromEntries(
    Object.entries(packed).map(([id, { message }]) => [id, message.replaceAll('$$', '$')]),
  );
});

test('what the panel is told are the sentences of its subjects, in each form', async () => {
  const { panelIds } = await import('../../../src/platform/packed-catalogue');
  const shortId = shortIdsOf(names);
  // Those of the same words have one name.
  expect(panelIds().toSorted()).toEqual([...new Set(longPanelIds().map(shortId))].toSorted());
});

const catalogue = async () => (await import('../../../src/platform/packed-catalogue')).browserCatalogue;

test('every sentence of the source is found by its short name', async () => {
  const { sentence } = await catalogue();
  const shortId = shortIdsOf(names);
  const all = words.flatMap(({ sentences }) => Object.entries(sentences));
  expect(all.length).toBeGreaterThan(1000);
  const found = Object.fromEntries(all.map(([id]) => [id, sentence(shortId(id))]));
  expect(found).toEqual(Object.fromEntries(all));
});

test('a form that the language does not have, and a name that nobody gave, are no sentence', async () => {
  const { sentence } = await catalogue();
  const plural = shortIdsOf(names)('badge_problems_one').replace('_one', '_few');
  expect([sentence(plural), sentence('zz'), sentence('no such name')]).toEqual(['', '', '']);
});

test('the browser is asked once for all sentences, and not before one is wanted', async () => {
  const { sentence, uiLanguage } = await catalogue();
  expect([messages.asked, uiLanguage]).toEqual([[], 'de']);
  for (const id of ['00', '01', '02']) sentence(id);
  expect(messages.asked.toSorted()).toEqual(['forms', 'pages', 'panel']);
});
