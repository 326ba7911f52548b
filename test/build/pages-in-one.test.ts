import { describe, expect, test } from 'vitest';
import { asFunction, onPageAlone } from '../../scripts/pages-in-one';

describe('a page’s beginning', () => {
  test('becomes a function, with what it imports before it', () => {
    const main = "import { a } from './a';\nimport {\n  b,\n} from './b';\n\na(await b());\n";
    expect(asFunction(main)).toBe(
      "import { a } from './a';\nimport {\n  b,\n} from './b';\nexport async function begin() {\na(await b());\n}",
    );
  });

  test('is refused where it imports further down, exports, or imports nothing', () => {
    const refused = [
      "import { a } from './a';\na();\nimport './b';\n",
      "import { a } from './a';\nexport default a;\n",
      'a();\n',
    ];
    expect(refused.map(asFunction)).toEqual([null, null, null]);
  });
});

describe('a page’s styles', () => {
  test('are at work in that page alone, on its outermost element too', () => {
    expect(onPageAlone('popup', '.a {}\nhtml:has(.b) {}\n')).toBe(
      ':where([data-page="popup"]) {.a {}\n&:is(html):has(.b) {}\n}',
    );
  });

  test('are refused where they have what works in no rule', () => {
    for (const styles of ['@keyframes a {}', '@font-face {}', ':root {}', 'html {}', '@import "a.css";']) {
      expect(onPageAlone('popup', styles), styles).toBeNull();
    }
  });
});
