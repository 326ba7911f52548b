import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_EXTENSION, launchWith } from '../../e2e/harness/browser';
import { until } from '../../e2e/harness/until';
import type { Stage } from '../stage/stage';
import type { Figures, Side, Subject } from '../subject';

const ROWS = 1500;
/** A portal's page that shows no subscription. */
const ADDRESS = 'https://portal.azure.com/';
const NOTHING = 'no extension';
const EMPTY = 'an empty content script';

/** What an extension costs on a portal's page that is no business of it: the page itself runs no script at all. */
export const pageCost: Subject = {
  name: 'page-cost',
  rounds: 11,
  warmsUp: true,
  limitMs: 240_000,
  rows: [
    {
      what: `script time on a portal page of ${ROWS.toLocaleString('en')} rows that is not a subscription’s`,
      figure: 'script',
      unit: 'ms',
      over: NOTHING,
      holds: [{ kind: 'atMost', most: 0.3 }],
    },
    {
      what: 'JS heap there',
      figure: 'heap',
      unit: 'MB',
      over: NOTHING,
      holds: [{ kind: 'above', side: EMPTY, most: 0.05 }],
    },
  ],
  async prepare(stage) {
    const folders = [
      ['ours', BUILT_EXTENSION],
      [EMPTY, await emptyExtension(stage)],
      [NOTHING, null],
      ...stage.peers.map(({ name, folder }) => [name, folder] as const),
    ] as const;
    const sides: Side[] = [];
    for (const [name, folder] of folders) sides.push({ name, measure: await opening(stage, folder) });
    return sides;
  },
};

/** Starts a browser with that extension, in which each measurement opens the page in a new tab. */
async function opening(stage: Stage, extension: string | null): Promise<() => Promise<Figures>> {
  const { context } = await stage.keep(launchWith(extension), ({ close }) => close());
  const body = pageOf(ROWS);
  await context.route(`${ADDRESS}**`, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }));
  return async () => {
    // Whatever an extension has opened to welcome its person would run beside what is measured.
    const [first, ...others] = context.pages();
    await Promise.all(others.map((page) => page.close()));
    const page = await context.newPage();
    await first?.close();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    const metrics = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    };
    await page.goto(ADDRESS);
    // Nothing announces the last script that an extension runs on a page.
    let before = Number.NaN;
    let quiet = 0;
    const script = await until('scripts that rest', async () => {
      const now = (await metrics())('ScriptDuration');
      quiet = now === before ? quiet + 1 : 0;
      before = now;
      return quiet >= QUIET_LOOKS && { seconds: now };
    });
    await session.send('HeapProfiler.collectGarbage');
    return { script: script.seconds * 1000, heap: (await metrics())('JSHeapUsedSize') / 1e6 };
  };
}

/** A quarter of a second. */
const QUIET_LOOKS = 10;

function pageOf(rows: number): string {
  const cells = (row: number) => `<td>Subscription ${row}</td><td>Active</td><td>Contoso</td><td>${row * 7}</td>`;
  const body = Array.from({ length: rows }, (_, row) => `<tr>${cells(row)}</tr>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>A portal</title><main><table>${body}</table></main></html>`;
}

/** An extension that has an empty script where ours has its own. */
async function emptyExtension(stage: Stage): Promise<string> {
  const folder = await stage.folder();
  const { content_scripts } = JSON.parse(await readFile(join(BUILT_EXTENSION, 'manifest.json'), 'utf8'));
  const manifest = {
    manifest_version: 3,
    name: 'An empty content script',
    version: '1',
    content_scripts: content_scripts.map((script: object) => ({ ...script, js: ['empty.js'] })),
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'empty.js'), '');
  return folder;
}
