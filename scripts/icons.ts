import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium';

/**
 * Draws `public/icons/icon-*.png` and their greyed set from the sources in `icons/`: `small.svg`, drawn on the pixels of
 * a toolbar, and `large.svg`. The greyed set keeps the shape and loses the colour.
 */
const SOURCES = { 16: 'small', 32: 'large', 48: 'large', 128: 'large' };
const LOOKS = { icon: 'none', 'icon-grey': 'grayscale(1) brightness(1.2) contrast(0.85)' };

process.chdir(`${import.meta.dirname}/..`);
const browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [size, source] of Object.entries(SOURCES)) {
  await page.setViewportSize({ width: Number(size), height: Number(size) });
  for (const [name, filter] of Object.entries(LOOKS)) {
    const svg = await readFile(`icons/${source}.svg`, 'utf8');
    await page.setContent(
      `<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh; filter: ${filter} }</style>${svg}`,
    );
    await writeFile(`public/icons/${name}-${size}.png`, await page.screenshot({ omitBackground: true }));
  }
}
await browser.close();
