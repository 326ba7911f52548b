import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium';
import { haveInstalled } from './counterparts/program';

/**
 * Draws `public/icons/icon-*.png` and their greyed set from the sources in `icons/`: `small.svg`, drawn on the pixels of
 * a toolbar, and `large.svg`. The greyed set, of a toolbar's sizes, keeps the shape and loses the colour. They have few colours, which
 * nobody sees, and are packed as small as their pixels allow: what the stores are given has a limit.
 */
const SOURCES = { 16: 'small', 32: 'large', 128: 'large' };
const LARGEST_IN_TOOLBAR = 32;
const COLOURS = '8';
const QUANTISER = '/usr/bin/pngquant';
const PACKER = '/usr/bin/zopflipng';
const LOOKS = { icon: 'none', 'icon-grey': 'grayscale(1) brightness(1.2) contrast(0.85)' };

const execute = promisify(execFile);
process.chdir(`${import.meta.dirname}/..`);
await haveInstalled([QUANTISER, PACKER], ['pngquant', 'zopfli']);
const browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [size, source] of Object.entries(SOURCES)) {
  await page.setViewportSize({ width: Number(size), height: Number(size) });
  for (const [name, filter] of Object.entries(LOOKS)) {
    if (name === 'icon-grey' && Number(size) > LARGEST_IN_TOOLBAR) continue;
    const svg = await readFile(`icons/${source}.svg`, 'utf8');
    await page.setContent(
      `<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh; filter: ${filter} }</style>${svg}`,
    );
    const file = `public/icons/${name}-${size}.png`;
    await writeFile(file, await page.screenshot({ omitBackground: true }));
    await execute(QUANTISER, ['--force', '--strip', '--speed', '1', '--nofs', '--output', file, COLOURS, file]);
    await execute(PACKER, ['-m', '--lossy_transparent', '-y', file, file]);
  }
}
await browser.close();
