import { render } from 'preact';
import { afterEach, expect, it } from 'vitest';
import type { WatchOutcome } from '../../../src/domain/watch';
import { WatchChoice } from '../../../src/ui/watch-choice';
import { all, choose, says, the } from '../../support/screen';

afterEach(() => render(null, document.body));

const NOW = 1_800_000_000_000;
const LAST: WatchOutcome = { endedAt: NOW - 5 * 60_000, read: 10, unknown: 2, missing: 1, whole: true };
const OPEN = { watch: false, watched: false };

function draw(more: Partial<Parameters<typeof WatchChoice>[0]> = {}): object[] {
  const chosen: object[] = [];
  const props = { watch: 'hour', watched: 'all', managed: OPEN, last: null, now: NOW, ...more } as const;
  render(<WatchChoice {...props} onChoose={(one) => chosen.push(one)} />, document.body);
  return chosen;
}

it('offers how often to look, and at which subscriptions once somebody looks', async () => {
  const chosen = draw({ watch: 'off' });
  expect(all('combobox', 'Subscriptions to watch')).toEqual([]);
  await choose('Watch for changes made elsewhere', 'Every 6 hours');
  expect(chosen).toEqual([{ watch: 'sixHours' }]);
  const more = draw();
  await choose('Subscriptions to watch', 'Starred');
  expect(more).toEqual([{ watched: 'starred' }]);
});

it('says when it was looked, and what is unknown or not in the list, and calls neither removed', async () => {
  draw({ last: LAST });
  await says('2 could not be read: whether they changed is unknown.');
  await says('1 is not in the list.');
  expect(document.body.textContent).not.toMatch(/removed/i);
  draw({ last: null });
  await says('Not looked for changes yet.');
});

it('is not the person’s to choose where the organisation has set it', async () => {
  draw({ managed: { watch: true, watched: false } });
  expect((await the('combobox', 'Watch for changes made elsewhere')).matches(':disabled')).toBe(true);
  await says('Set by your organisation');
  // When it was looked is theirs to know all the same.
  draw({ managed: { watch: true, watched: true }, last: LAST });
  await says('Last looked 5 minutes ago.');
});
