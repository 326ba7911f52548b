import { expect, test } from 'vitest';
import { shortClasses, shortProperties, withShortClasses } from '../../scripts/short-classes';

const STYLES = `
  /* Not .a-comment. */
  .entry-head, .entry-head:hover { color: red }
  .entry-foot::before, .notice-good { margin: 1.5px }
  .for-readers { width: 1px }
  .plain { color: blue }
`;
const SCRIPT = 'const drawn = `notice notice-$' + '{tone}`;';
const names = shortClasses([STYLES], [SCRIPT]);

test('a class of several words has a short name, the most used the first one', () => {
  expect([...names]).toEqual([
    ['entry-head', 'A'],
    ['entry-foot', 'B'],
  ]);
});

test('styles and scripts say the same name', () => {
  expect(withShortClasses(STYLES, names)).toContain('.A, .A:hover');
  expect(withShortClasses('<p class="plain entry-foot">', names)).toBe('<p class="plain B">');
  expect(withShortClasses("find('.entry-head[hidden]')", names)).toBe("find('.A[hidden]')");
});

test('a path, a longer name and what code ends stay as they are', () => {
  const others = "import './entry-head'; const at = 'my-entry-head'; const to = `entry-head-$" + '{x}`;';
  expect(withShortClasses(others, names)).toBe(others);
});

test.each(['mark-', 'entry-state-', 'one-two-three-'])('a class that code begins by %s keeps its name', (beginning) => {
  const code = `class={\`small ${beginning}$` + '{at}`}';
  expect([...shortClasses([`.${beginning}done, .entry-head {}`], [code]).keys()]).toEqual(['entry-head']);
});

test('beyond 26 classes each still has a name of its own', () => {
  const words = Array.from(
    { length: 60 },
    (_, at) => `.part-${String.fromCharCode(97 + (at % 26))}${'x'.repeat(at)} {}`,
  );
  const many = shortClasses(words, []);
  expect(many.size).toBe(60);
  expect(new Set(many.values()).size).toBe(60);
});

test('a custom property has one short name in sheets and scripts, which the panel can make its own', () => {
  const properties = shortProperties([':root { --ink: #000; --bulk-bar: 1px } /* --no */ p { color: var(--ink) }']);
  expect([...properties]).toEqual([
    ['--bulk-bar', '--a'],
    ['--ink', '--b'],
  ]);
  expect(withShortClasses("var(--ink) '--bulk-bar' --inkwell", properties)).toBe("var(--b) '--a' --inkwell");
});
