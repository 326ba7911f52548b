import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchPlainBrowser } from './harness/browser';

/** The panel's states, drawn in open shadow roots, since no tool enters a closed one. */

const GALLERY = 'http://gallery.localhost/';
const PANEL = 'partner-of-record';

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panel-gallery-'));
  const root = join(import.meta.dirname, 'gallery');
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    root,
    build: { outDir: folder, emptyOutDir: true, target: 'chrome120' },
  });
  browser = await launchPlainBrowser();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const LOOKS = [
  { name: 'light', colorScheme: 'light' },
  { name: 'dark', colorScheme: 'dark' },
  { name: 'light, 320 px wide', colorScheme: 'light', width: 320 },
  { name: 'dark, 320 px wide', colorScheme: 'dark', width: 320 },
  { name: 'more contrast', colorScheme: 'light', contrast: 'more' },
  { name: 'forced colours', colorScheme: 'dark', forcedColors: 'active' },
] as const;

async function openGallery(look: (typeof LOOKS)[number]) {
  const { name: _, width = 1280, ...media } = { width: 1280, ...look };
  const page = await browser.newPage({ viewport: { width, height: 900 }, ...media });
  await page.route(`${GALLERY}**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/favicon.ico') return route.fulfill({ status: 204 });
    return route.fulfill({ path: join(folder, pathname === '/' ? 'index.html' : pathname) });
  });
  await page.goto(GALLERY);
  await page.locator(PANEL).first().waitFor();
  return page;
}

describe.each(LOOKS)('Every state of the panel, $name', (look) => {
  it('has nothing that axe objects to', async () => {
    const page = await openGallery(look);
    await page.addScriptTag({ content: await readFile('node_modules/axe-core/axe.min.js', 'utf8') });
    const violations = await page.evaluate(async () => {
      // In truth each panel has a page to itself.
      const { violations } = await globalThis.axe.run(document, { rules: { 'landmark-unique': { enabled: false } } });
      return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ failureSummary }) => failureSummary) }));
    });
    expect(violations).toEqual([]);
    await page.close();
  });

  it('stays within its own width', async () => {
    const page = await openGallery(look);
    const tooWide = await page.evaluate((name) => {
      const sticksOut = (host: Element) =>
        [...(host.shadowRoot?.querySelectorAll('*') ?? [])].some(
          (element) => element.getBoundingClientRect().right > host.getBoundingClientRect().right + 0.5,
        );
      return [...document.querySelectorAll(name)]
        .filter(sticksOut)
        .map((host) => host.previousElementSibling?.textContent);
    }, PANEL);
    expect(tooWide).toEqual([]);
    await page.close();
  });
});
