import * as v from 'valibot';
import { until } from '../e2e/harness/until';
import type { Screen, Tab } from '../journeys/driver';
import { panelScreen } from '../journeys/panel-screen';
import type { Bidi } from './bidi';
import { drawn, drawnText } from './look';

/** The world in which the tests look at a page, apart from the page's own. */
const SANDBOX = 'tests';
/** What the panel's host is called: `src/content/host.ts`. */
const HOST = '[data-partner-of-record]';
/** A page that just leaves has no document for a moment, and what was found in it is gone. */
const LEAVING =
  /no such (frame|node|element|window)|stale element|discarded|AbortError|documentAccessible is null|document is not active/i;

const drawnSchema = v.array(v.object({ shown: v.boolean(), disabled: v.boolean(), x: v.number(), y: v.number() }));

/** A field to type into, which has no role where it hides what is typed. */
const FIELD = 'field';

interface Node {
  readonly sharedId: string;
}

/** One tab or window of a Firefox. */
export function tabOf(bidi: Bidi, context: string): Tab {
  /** Null while the page is just leaving. */
  async function unlessLeaving<T>(look: () => Promise<T>): Promise<T | null> {
    try {
      return await look();
    } catch (error) {
      if (LEAVING.test(String(error))) return null;
      throw error;
    }
  }

  async function call(
    look: (...args: never[]) => string,
    texts: readonly string[],
    nodes: readonly Node[],
  ): Promise<string> {
    const answer = await bidi.send('script.callFunction', {
      functionDeclaration: String(look),
      awaitPromise: false,
      target: { context, sandbox: SANDBOX },
      arguments: [
        ...texts.map((value) => ({ type: 'string', value }) as const),
        ...nodes.map(({ sharedId }) => ({ sharedId })),
      ],
    });
    if (answer.type === 'exception') throw new Error(answer.exceptionDetails.text);
    if (answer.result.type !== 'string') throw new Error('A look at the page came to no text');
    return answer.result.value;
  }

  /** The document's element. */
  const wholePage = () => evaluateNode('document.documentElement', ({ sharedId }) => sharedId);

  /** The closed root of the panel. */
  const panelRoot = () => evaluateNode(`document.querySelector('${HOST}')`, ({ value }) => value?.shadowRoot?.sharedId);

  async function evaluateNode(
    expression: string,
    idOf: (node: { sharedId?: string; value?: { shadowRoot?: { sharedId?: string } | null } }) => string | undefined,
  ): Promise<Node | null> {
    const answer = await unlessLeaving(() =>
      bidi.send('script.evaluate', {
        expression,
        awaitPromise: false,
        target: { context, sandbox: SANDBOX },
        serializationOptions: { maxDomDepth: 1, includeShadowTree: 'all' },
      }),
    );
    if (answer === null || answer.type === 'exception' || answer.result.type !== 'node') return null;
    const sharedId = idOf(answer.result);
    return sharedId === undefined ? null : { sharedId };
  }

  async function locate(root: Node, value: { readonly role?: string; readonly name?: string }): Promise<Node[]> {
    const locator = { type: 'accessibility', value } as const;
    const { nodes } = await bidi.send('browsingContext.locateNodes', { context, locator, startNodes: [root] });
    return nodes.flatMap(({ sharedId }) => (sharedId === undefined ? [] : [{ sharedId }]));
  }

  /** @param rootOf where to look; null while that is not there */
  function screenOf(what: string, rootOf: () => Promise<Node | null>): Screen {
    async function find(role: string, name: string) {
      const root = await rootOf();
      if (root === null) return null;
      return unlessLeaving(async () => {
        const found = await locate(root, { ...(role !== FIELD && { role }), name });
        if (found.length === 0) return null;
        const all = v.parse(
          drawnSchema,
          JSON.parse(await call(drawn, [role === FIELD ? 'input, textarea' : '*'], found)),
        );
        return all.find(({ shown }) => shown) ?? null;
      });
    }

    async function text(): Promise<string> {
      const root = await rootOf();
      return root === null ? '' : ((await unlessLeaving(() => call(drawnText, [], [root]))) ?? '');
    }
    const waiting = { state: async () => `${await run('location.href')}\n${await text()}` };

    /** A render between looking and pressing moves a control or takes it away: only one that stands still is pressed. */
    async function placeOf(role: string, name: string): Promise<{ readonly x: number; readonly y: number }> {
      let before: { readonly x: number; readonly y: number } | null = null;
      return until(
        `the ${role} “${name}” ${what}, ready to use and at rest`,
        async () => {
          const place = await find(role, name);
          const stands = place !== null && !place.disabled && place.x === before?.x && place.y === before.y;
          before = place;
          return stands && place;
        },
        waiting,
      );
    }

    async function press(role: string, name: string): Promise<void> {
      const { x, y } = await placeOf(role, name);
      await bidi.send('input.performActions', {
        context,
        actions: [
          {
            type: 'pointer',
            id: 'mouse',
            parameters: { pointerType: 'mouse' },
            actions: [
              { type: 'pointerMove', x, y, origin: 'viewport' },
              { type: 'pointerDown', button: 0 },
              { type: 'pointerUp', button: 0 },
            ],
          },
        ],
      });
    }

    return {
      text,
      has: async (role, name) => (await find(role, name)) !== null,
      async waitFor(role, name) {
        await until(`the ${role} “${name}” ${what}`, () => find(role, name), waiting);
      },
      async waitGone(role, name) {
        await until(`the end of the ${role} “${name}” ${what}`, async () => (await find(role, name)) === null, waiting);
      },
      async waitForText(wanted) {
        await until(`“${wanted}” ${what}`, async () => (await text()).includes(wanted), waiting);
      },
      press,
      async type(label, typed) {
        await press(FIELD, label);
        await keys([[CONTROL, 'a'], ...[...typed].map((key) => [key])]);
      },
    };
  }

  /** Presses keys, each group of them together. */
  async function keys(groups: readonly (readonly string[])[]): Promise<void> {
    const down = (value: string) => ({ type: 'keyDown', value }) as const;
    const up = (value: string) => ({ type: 'keyUp', value }) as const;
    const actions = groups.flatMap((group) => [...group.map(down), ...group.toReversed().map(up)]);
    await bidi.send('input.performActions', { context, actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  async function itemsOf(list: string): Promise<string[]> {
    const root = await wholePage();
    const [found] = root === null ? [] : await locate(root, { role: 'list', name: list });
    if (found === undefined) return [];
    return Promise.all((await locate(found, { role: 'listitem' })).map((item) => call(drawnText, [], [item])));
  }

  async function run(script: string): Promise<unknown> {
    const answer = await bidi.send('script.evaluate', { expression: script, awaitPromise: true, target: { context } });
    if (answer.type === 'exception') throw new Error(`${script}: ${answer.exceptionDetails.text}`);
    return 'value' in answer.result ? answer.result.value : undefined;
  }

  const page = screenOf('on the page', wholePage);
  return {
    ...page,
    panel: panelScreen(screenOf('in the panel', panelRoot)),
    async choose(label, option) {
      await page.press('combobox', label);
      await keys([...[...option].map((key) => [key]), [ENTER]]);
    },
    items: async (list) => (await unlessLeaving(() => itemsOf(list))) ?? [],
    run,
    async closed() {
      await until('the end of a window', async () => {
        const { contexts } = await bidi.send('browsingContext.getTree', { maxDepth: 0 });
        return !contexts.some((one) => one.context === context);
      });
    },
    async close() {
      await bidi.send('browsingContext.close', { context });
    },
  };
}

/** WebDriver's names for keys without a character. */
const CONTROL = '\uE009';
const ENTER = '\uE007';
