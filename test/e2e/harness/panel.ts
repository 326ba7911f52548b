import { setTimeout as pause } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { until } from './until';

/** What the panel says beside a button that was pressed before it can have been seen. */
export const PRESS_AGAIN = 'Press again';

/** An accessible name, or what it must match. */
type Name = string | RegExp;

/** One node of what assistive technology sees of a page. */
interface Node {
  readonly role: string;
  readonly name: string;
  readonly value: string;
  readonly disabled: boolean;
  readonly focused: boolean;
  readonly backendNodeId: number | undefined;
  readonly children: readonly Node[];
}

interface Options {
  readonly patienceMs?: number;
}

/** A point in CSS pixels of the viewport. */
interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * The panel on a page, through what assistive technology sees: its shadow root is closed to every script, the test's too.
 * It is read by role and accessible name and used with a real mouse and real keys.
 */
export interface Panel {
  /** How many panels the page shows. */
  count(): Promise<number>;
  find(role: string, name: Name): Promise<Node | null>;
  waitFor(role: string, name: Name, options?: Options): Promise<Node>;
  /** Waits until such a thing has the focus, which it is given when it has been drawn. */
  waitForFocus(role: string, name: Name): Promise<void>;
  /** Waits until there is no such thing, or no panel. */
  waitGone(role: string, name: Name, options?: Options): Promise<void>;
  /**
   * Waits until there is such a control that is not disabled, then presses the mouse on its middle; as long as the panel says
   * “Press again”, since a robot is quicker than eyes, once more when it can have been seen.
   */
  click(role: string, name: Name): Promise<void>;
  /** The middle of such a control, as soon as it is there, in the window. */
  whereIs(role: string, name: Name): Promise<{ readonly x: number; readonly y: number }>;
  /** Whether the whole of it, as soon as it is there, is in the window, without a scroll. */
  isInWindow(role: string, name: Name): Promise<boolean>;
  /** The same with one press, whatever the panel says to it. */
  pressOnce(role: string, name: Name): Promise<void>;
  /** Waits until such a control can have been seen, as a person looks before they press, and presses once: one act, and no more. */
  pressSeen(role: string, name: Name): Promise<void>;
  /** Opens the docked panel where it is a tab, and the form with “Change” where it is folded into its line. */
  unfold(): Promise<void>;
  /** Replaces what is in a textbox by typing; the form that it is in is opened for it. */
  type(name: Name, text: string): Promise<void>;
  /** All the panel's text, a line for each piece; empty when there is no panel. */
  text(): Promise<string>;
  /** What each thing in it is called, and the panel itself. */
  names(): Promise<string[]>;
  waitForText(text: Name, options?: Options): Promise<void>;
}

/** Longer than a press needs what it answers to have been seen, in parts: see {@link panelOn}'s `look`. */
const LOOKED_PARTS = 14;
const LOOKED_PART_MS = 50;
/** How often a press that came too early is made again. */
const MOST_PRESSES = 5;
/** Longer than the panel takes to decide about a press: it may wait half a second for the browser's word on what it shows. */
const DECIDED_MS = 700;
const LOOK_AGAIN_MS = 25;
/** Their text is that of the `StaticText` within. */
const SKIPPED_ROLES = new Set(['InlineTextBox', 'ListMarker']);

/**
 * @param spelled our English words as that page has them
 * @param region what the region of the panel is called that is meant
 */
export function panelOn(page: Page, spelled = (words: string) => words, region = 'Partner of record'): Panel {
  const session = page.context().newCDPSession(page);
  const isPanel = ({ role, name }: Node) => role === 'region' && name === spelled(region);

  const panels = async (): Promise<readonly Node[]> => all(await readTree(await session)).filter(isPanel);
  const find = async (role: string, name: Name): Promise<Node | null> => findIn(await panels(), role, name);
  const text = async (): Promise<string> => (await panels()).flatMap(texts).join('\n');
  const waiting = (options: Options = {}) => ({
    ...options,
    state: async () => `${page.url()}\n${outline(await panels())}`,
  });

  const waitFor = (role: string, name: Name, options?: Options): Promise<Node> =>
    until(`the panel's ${role} “${name}”`, () => find(role, name), waiting(options));

  const enabled = (role: string, name: Name): Promise<Node> =>
    until(
      `the panel's ${role} “${name}”, ready to use`,
      async () => {
        const node = await find(role, name);
        return node !== null && !node.disabled && node;
      },
      waiting(),
    );

  /**
   * A place to press on such a control, and what the panel says just then. A render between looking and pressing takes the node
   * away or moves it: only one that stands still is pressed.
   */
  async function readyToPress(role: string, name: Name): Promise<{ readonly place: Place; readonly says: string }> {
    let before: Place | null = null;
    return until(
      `a place to press on ${role} “${name}”, ready to use`,
      async () => {
        const shown = await panels();
        const node = findIn(shown, role, name);
        const place = node === null || node.disabled ? null : await middleOf(await session, node);
        const stands = place !== null && place.x === before?.x && place.y === before.y;
        before = place;
        return stands && { place, says: shown.flatMap(texts).join('\n') };
      },
      waiting(),
    );
  }

  const whereIs = async (role: string, name: Name): Promise<Place> => (await readyToPress(role, name)).place;

  async function isInWindow(role: string, name: Name): Promise<boolean> {
    const { model } = await (await session).send('DOM.getBoxModel', { backendNodeId: idOf(await waitFor(role, name)) });
    const [left = 0, top = 0, , , right = 0, bottom = 0] = model.border;
    const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: innerHeight }));
    return left >= 0 && top >= 0 && right <= width && bottom <= height;
  }

  async function pressOnce(role: string, name: Name): Promise<void> {
    const { x, y } = await whereIs(role, name);
    await page.mouse.click(x, y);
  }

  /**
   * Looks at the panel for as long as a press needs, in parts between which the page has done something: one that gets no
   * processor for a while, and so sees nothing of itself either, is not looked at meanwhile.
   */
  async function look(): Promise<void> {
    for (let part = 0; part < LOOKED_PARTS; part += 1) {
      await pause(LOOKED_PART_MS);
      await (await session).send('Runtime.evaluate', { expression: '0' });
    }
  }

  async function pressSeen(role: string, name: Name): Promise<void> {
    const { x, y } = await whereIs(role, name);
    // The panel looks at itself more often while the pointer is on it.
    await page.mouse.move(x, y);
    await look();
    await pressOnce(role, name);
    if ((await text()).includes(spelled(PRESS_AGAIN))) throw new Error(`The press on ${role} “${name}” came too early`);
  }

  async function click(role: string, name: Name): Promise<void> {
    for (let presses = 1; ; presses += 1) {
      const { place, says } = await readyToPress(role, name);
      await page.mouse.click(place.x, place.y);
      if (!(await wantsAnother(says)) || presses === MOST_PRESSES) return;
      await look();
    }
  }

  /**
   * Whether the panel answers a press with “Press again”: as soon as it says that and did not before, or says something else, else
   * once it has decided. That it takes the words back is no answer: it does so at each press, before it decides.
   */
  async function wantsAnother(before: string): Promise<boolean> {
    const again = spelled(PRESS_AGAIN);
    const otherwise = (said: string) => said.replaceAll(again, '').trim();
    const end = performance.now() + DECIDED_MS;
    for (;;) {
      const isOver = performance.now() > end;
      const now = await text();
      const isEarly = now.includes(again);
      if (isOver || (isEarly && !before.includes(again)) || otherwise(now) !== otherwise(before)) return isEarly;
      await pause(LOOK_AGAIN_MS);
    }
  }

  /**
   * Opens the form where it is folded. One look says what is there: a panel that is gone in one look, on a page that draws itself anew,
   * and back in the next would seem to have no form, and “Change” would fold the one that is open.
   */
  async function unfold(): Promise<void> {
    const isFolded = await until(
      'the form, or “Change” that opens it',
      async () => {
        const shown = await panels();
        if (findIn(shown, 'textbox', 'Partner ID') !== null) return 'no';
        if (findIn(shown, 'button', 'Open the panel') !== null) await click('button', 'Open the panel');
        return findIn(shown, 'button', 'Change') !== null && 'yes';
      },
      waiting(),
    );
    if (isFolded === 'no') return;
    await click('button', 'Change');
    await waitFor('textbox', 'Partner ID');
  }

  return {
    count: async () => (await panels()).length,
    find,
    waitFor,
    text,
    names: async () => (await panels()).flatMap(all).map(({ name }) => name),
    async waitForFocus(role, name) {
      const hasFocus = async () => (await find(role, name))?.focused === true;
      await until(`the focus on the panel's ${role} “${name}”`, hasFocus, waiting());
    },
    async waitGone(role, name, options) {
      await until(
        `the end of the panel's ${role} “${name}”`,
        async () => (await find(role, name)) === null,
        waiting(options),
      );
    },
    async waitForText(wanted, options) {
      await until(`“${wanted}” in the panel`, async () => includes(await text(), wanted), waiting(options));
    },
    whereIs,
    isInWindow,
    pressOnce,
    pressSeen,
    click,
    unfold,
    async type(name, typed) {
      await unfold();
      const node = await enabled('textbox', name);
      await (await session).send('DOM.focus', { backendNodeId: idOf(node) });
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(typed);
    },
  };
}

/** The first control of that role and name in panels as they were in one look; null where they have none. */
function findIn(shown: readonly Node[], role: string, name: Name): Node | null {
  return shown.flatMap(all).find((node) => node.role === role && matches(node.name, name)) ?? null;
}

async function readTree(session: CDPSession): Promise<Node> {
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const is = (node: (typeof nodes)[number] | undefined, property: string) =>
    node?.properties?.some(({ name, value }) => name === property && value.value === true) ?? false;
  const read = (id: string): Node => {
    const node = byId.get(id);
    return {
      role: String(node?.role?.value ?? 'none'),
      name: String(node?.name?.value ?? ''),
      value: String(node?.value?.value ?? ''),
      disabled: is(node, 'disabled'),
      focused: is(node, 'focused'),
      backendNodeId: node?.backendDOMNodeId,
      children: (node?.childIds ?? []).filter((child) => byId.has(child)).map(read),
    };
  };
  const [root] = nodes;
  if (root === undefined) throw new Error('The page has no accessibility tree');
  return read(root.nodeId);
}

function all(node: Node): Node[] {
  return [node, ...node.children.flatMap(all)];
}

function texts(node: Node): string[] {
  if (node.role === 'StaticText') return [node.name];
  if (SKIPPED_ROLES.has(node.role)) return [];
  return [...(node.value === '' ? [] : [node.value]), ...node.children.flatMap(texts)];
}

function outline(nodes: readonly Node[], depth = 0): string {
  if (depth === 0 && nodes.length === 0) return '(no panel)';
  return nodes
    .filter(({ role }) => !SKIPPED_ROLES.has(role))
    .map((node) => {
      const shown = node.role !== 'none' && node.role !== 'generic';
      const line = shown
        ? `${'  '.repeat(depth)}${node.role} “${node.name}”${node.disabled ? ' (disabled)' : ''}\n`
        : '';
      return line + outline(node.children, depth + 1);
    })
    .join('');
}

function matches(text: string, wanted: Name): boolean {
  return typeof wanted === 'string' ? text === wanted : wanted.test(text);
}

function includes(text: string, wanted: Name): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}

function idOf(node: Node): number {
  if (node.backendNodeId === undefined) throw new Error(`The ${node.role} “${node.name}” is no element`);
  return node.backendNodeId;
}

/** The middle of a node in CSS pixels of the viewport, scrolled into it; null when it is gone or not drawn. */
async function middleOf(session: CDPSession, node: Node): Promise<Place | null> {
  const backendNodeId = idOf(node);
  try {
    await session.send('DOM.scrollIntoViewIfNeeded', { backendNodeId });
    const { model } = await session.send('DOM.getBoxModel', { backendNodeId });
    const [left = 0, top = 0, , , right = 0, bottom = 0] = model.border;
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  } catch (error) {
    // The protocol's answer for a node that was taken away in the meantime.
    if (error instanceof Error && /node|layout|box model/i.test(error.message)) return null;
    throw error;
  }
}
