import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Mode, modeAt, SHOWN_MODES } from '../test/e2e/screens/modes';
import { dockedNames, drawDocked, lookAt, openStage, PANEL, type Stage } from '../test/e2e/screens/open';
import { SCREENS } from '../test/e2e/screens/states/screens';
import type { Screen } from '../test/e2e/screens/states/state';

/** Draws `docs/screens.md` and its contact sheets: every screen in every state, as people look at it. `npm run screens`. */

const PAGE = 'docs/screens.md';
const FOLDER = 'docs/screens';
/** All the sheets together, with some room below 3 MB. */
const LARGEST_BYTES = 2_950_000;
/** How the sheets are drawn, the best first: the first that all of them have room in is taken. `quality` is WebP's. */
const WAYS = [
  { quality: 55, scale: 1 },
  { quality: 40, scale: 1 },
  { quality: 30, scale: 1 },
  { quality: 30, scale: 0.85 },
  { quality: 25, scale: 0.8 },
  { quality: 25, scale: 0.7 },
] as const;
/** What Chromium draws in one picture. */
const HIGHEST = 16_000;
/** As high as a window is made for a page. One for all of a list of a thousand rows is not drawn within a minute (Chromium 156). */
const HIGHEST_WINDOW = 1800;
const AT_ONCE = 3;

type Way = (typeof WAYS)[number];

/** One state as it looked, as PNG. */
interface Shot {
  readonly state: string;
  readonly png: Buffer;
}

interface Sheet {
  readonly title: string;
  readonly mode: Mode;
  readonly file: string;
  /** It is a panel or a window that is never as wide as a tab. */
  readonly isNarrow: boolean;
  readonly shots: readonly Shot[];
}

const inWords = (mode: Mode) => mode.name.charAt(0).toUpperCase() + mode.name.slice(1);
const fileOf = (screen: string, mode: Mode) =>
  `${screen}-${mode.name.replaceAll(' %', '-percent').replaceAll(' px', '-px').replaceAll(' ', '-')}.webp`;

/**
 * The whole page, or what fits into the window where that is what the mode shows. The window is made as high as the page: in
 * one that is lower, what sticks to its edges would be drawn across the middle of the page.
 */
async function taken(page: Page, mode: Mode) {
  if (mode.name !== '400 %') {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({
      width: page.viewportSize()?.width ?? mode.width,
      height: Math.min(height, HIGHEST_WINDOW),
    });
  }
  return page.screenshot({ animations: 'disabled' });
}

/** A screen's states in every mode: a state is opened once and looked at in each. */
async function sheetsOf(stage: Stage, screen: Screen): Promise<Sheet[]> {
  const modes = SHOWN_MODES.filter(({ portal }) => portal === undefined);
  const shots = new Map<Mode, Shot[]>(modes.map((mode) => [mode, []]));
  for (const state of screen.states) {
    const page = await stage.open(screen, state, modeAt(modes[0] ?? DEFAULT, state, screen));
    for (const mode of modes) {
      await lookAt(page, modeAt(mode, state, screen));
      shots.get(mode)?.push({ state: state.name, png: await taken(page, mode) });
    }
    await stage.leave(page);
  }
  return modes.map((mode) => ({
    title: screen.title,
    mode,
    file: fileOf(screen.name, mode),
    isNarrow: screen.window !== undefined,
    shots: shots.get(mode) ?? [],
  }));
}
const [DEFAULT] = SHOWN_MODES as readonly [Mode];

async function panelSheet(stage: Stage, mode: Mode): Promise<Sheet> {
  const page = await stage.openPanel(mode);
  const shots: Shot[] = [];
  for (const host of await page.locator(PANEL).all()) {
    const state = (await host.getAttribute('data-state')) ?? '';
    await host.scrollIntoViewIfNeeded();
    shots.push({ state, png: await host.screenshot({ animations: 'disabled' }) });
  }
  await stage.leave(page);
  return { title: 'The panel', mode, file: fileOf('panel', mode), isNarrow: true, shots };
}

/** The states of the docked panel that look otherwise than the same ones in a portal's content. */
const DOCKED_SHOWN =
  /^(none|one partner), folded$|^one partner, open, |^(none|checked|asked whether to remove|conflict|the log|not permitted|unreachable), open$/;

async function dockedSheet(stage: Stage, shown: Mode): Promise<Sheet> {
  const mode = {
    ...modeAt(shown, { window: { width: 420, height: 420 } }),
    ...(shown.height === 640 && { height: 480 }),
  };
  const page = await stage.openDocked(mode);
  const shots: Shot[] = [];
  for (const state of (await dockedNames(page)).filter((name) => DOCKED_SHOWN.test(name))) {
    await drawDocked(page, state);
    shots.push({ state, png: await page.screenshot({ animations: 'disabled' }) });
  }
  await stage.leave(page);
  return { title: 'The docked panel', mode, file: fileOf('docked', mode), isNarrow: true, shots };
}

/** Lays the shots out on one page, each under the name of its state, and has the browser encode it. */
async function encoded(page: Page, { shots, mode, isNarrow }: Sheet, way: Way): Promise<Buffer> {
  const figures = shots.map(
    ({ state, png }) =>
      `<figure><figcaption>${escaped(state)}</figcaption><img src="data:image/png;base64,${png.toString('base64')}"></figure>`,
  );
  const [width, columns] = mode.width <= 320 ? [160, 12] : isNarrow ? [220, 9] : [360, 6];
  await page.setContent(`<!doctype html><style>
    body { margin: 0; padding: 12px; background: #8a9499; font: 12px sans-serif; width: max-content }
    main { columns: ${Math.min(columns, shots.length)}; column-width: ${width}px; column-gap: 12px }
    figure { margin: 0 0 12px; break-inside: avoid; width: ${width}px }
    figcaption { padding: 0 0 3px; font-weight: bold }
    img { display: block; max-width: 100% }
  </style><main>${figures.join('')}</main>`);
  await page.locator('img').last().waitFor();
  const box = await page.locator('body').boundingBox();
  if (box === null || box.height > HIGHEST) throw new Error(`A sheet of ${box?.height ?? 0} px can not be drawn`);
  const devTools = await page.context().newCDPSession(page);
  const { data } = await devTools.send('Page.captureScreenshot', {
    format: 'webp',
    quality: way.quality,
    captureBeyondViewport: true,
    clip: { ...box, scale: way.scale },
  });
  await devTools.detach();
  return Buffer.from(data, 'base64');
}

/** The sheets, those that look the same as another of their screen with that one's file: it is drawn once. */
function withoutTwins(sheets: readonly Sheet[]): Sheet[] {
  const looksAs = (one: Sheet) => (other: Sheet) =>
    other.title === one.title &&
    other.shots.length === one.shots.length &&
    other.shots.every(({ png }, at) => one.shots[at]?.png.equals(png) === true);
  return sheets.map((sheet) => ({ ...sheet, file: (sheets.find(looksAs(sheet)) ?? sheet).file }));
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = [...all.entries()];
  const turn = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
  return results;
}

function described(sheets: readonly Sheet[]): string {
  const titles = [...new Set(sheets.map(({ title }) => title))];
  const parts = titles.map((title) => {
    const of = sheets.filter((sheet) => sheet.title === title);
    const states = (of[0]?.shots ?? []).map(({ state }) => state).join(' · ');
    const pictures = of.map(
      ({ mode, file }) => `### ${inWords(mode)}\n\n![${title}, ${mode.name}, in each of its states](screens/${file})`,
    );
    return `## ${title}\n\n${states}\n\n${pictures.join('\n\n')}`;
  });
  return `# Screens

Every screen in every state, drawn by \`npm run screens\` from the states in \`test/e2e/screens/states\` and, for the panel, in
\`test/unit/content/panel-states.ts\`. \`test/e2e/screens.test.ts\` judges the same states: that every text and every control's
border is told apart from what it lies on, and that nothing is wider than its place or cut.

A window of 1280 × 900 at 400 % has room for 320 × 225. Only the panel has a portal around it.

${parts.join('\n\n')}
`;
}

const started = Date.now();
const stage = await openStage();
try {
  const panels = await inTurns(SHOWN_MODES, (mode) => panelSheet(stage, mode));
  const docked = await inTurns(SHOWN_MODES, (mode) => dockedSheet(stage, mode));
  const sheets = withoutTwins([
    ...panels,
    ...docked,
    ...(await inTurns(SCREENS, (screen) => sheetsOf(stage, screen))).flat(),
  ]);
  const drawn = sheets.filter(({ file }, at) => sheets.findIndex((other) => other.file === file) === at);
  const paper = await stage.blank();
  for (const way of WAYS) {
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    for (const sheet of drawn) await writeFile(join(FOLDER, sheet.file), await encoded(paper, sheet, way));
    const sizes = (await readdir(FOLDER)).map(async (file) => (await stat(join(FOLDER, file))).size);
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    console.log(`${drawn.length} sheets of ${JSON.stringify(way)}: ${(bytes / 1e6).toFixed(2)} MB`);
    if (bytes <= LARGEST_BYTES) break;
    if (way === WAYS.at(-1)) throw new Error('The sheets are too large in every way');
  }
  await writeFile(PAGE, described(sheets));
  console.log(`${PAGE} in ${((Date.now() - started) / 1000).toFixed(0)} s`);
} finally {
  await stage.close();
}
