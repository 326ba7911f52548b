import * as v from 'valibot';
import { until } from '../e2e/harness/until';
import type { Screen, Tab } from '../journeys/driver';
import { panelScreen } from '../journeys/panel-screen';
import type { Bidi } from './bidi';
import { type Drawn, drawn, drawnText } from './look';

/** The world in which the tests look at a page, apart from the page's own. */
const SANDBOX = 'tests';
/** The panel's host: `src/content/host.ts`. */
const HOST = '[data-partner-of-record]';
/** A page that just leaves has no document for a moment, and what was found in it is gone. */
const LEAVING =
  /no such (frame|node|element|window)|stale element|discarded|AbortError|documentAccessible is null|document is not active/i;

/** A field to type into, which has no role where it hides what is typed. */
const FIELD = 'field';

/** WebDriver's names for keys without a character. */
const CONTROL = '\uE009';
const ENTER = '\uE007';

const drawnSchema: v.GenericSchema<unknown, Drawn | null> = v.nullable(
  v.object({ disabled: v.boolean(), atRest: v.boolean(), x: v.number(), y: v.number() }),
);

interface Node {
  readonly sharedId: string;
}

/** Where a screen is: what stands above all of it. */
interface Ground {
  /** In words. */
  readonly what: string;
  /** Null while it is not there. */
  root(): Promise<Node | null>;
  /** Nothing was found there: it may have been replaced. */
  forget(): void;
}

/** One tab or window of a Firefox. */
export function tabOf(bidi: Bidi, context: string): Tab {
  async function call(
    look: (...args: never[]) => string | Promise<string>,
    texts: readonly string[],
    nodes: readonly Node[],
  ): Promise<string> {
    const answer = await bidi.send('script.callFunction', {
      functionDeclaration: String(look),
      awaitPromise: true,
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

  async function locate(root: Node, value: { readonly role?: string; readonly name?: string }): Promise<Node[]> {
    const locator = { type: 'accessibility', value } as const;
    const { nodes } = await bidi.send('browsingContext.locateNodes', { context, locator, startNodes: [root] });
    return nodes.flatMap(({ sharedId }) => (sharedId === undefined ? [] : [{ sharedId }]));
  }

  function groundOf(
    what: string,
    expression: string,
    idOf: (node: { sharedId?: string; value?: { shadowRoot?: { sharedId?: string } | null } }) => string | undefined,
  ): Ground {
    let known: Node | null = null;
    return {
      what,
      async root() {
        if (known !== null) return known;
        const answer = await bidi.send('script.evaluate', {
          expression,
          awaitPromise: false,
          target: { context, sandbox: SANDBOX },
          serializationOptions: { maxDomDepth: 1, includeShadowTree: 'all' },
        });
        const sharedId = answer.type === 'success' && answer.result.type === 'node' ? idOf(answer.result) : undefined;
        known = sharedId === undefined ? null : { sharedId };
        return known;
      },
      forget() {
        known = null;
      },
    };
  }
  const document = groundOf('on the page', 'document.documentElement', ({ sharedId }) => sharedId);
  /** The closed root of the panel. */
  const panel = groundOf(
    'in the panel',
    `document.querySelector('${HOST}')`,
    ({ value }) => value?.shadowRoot?.sharedId,
  );

  /** Looks at what stands on the ground. `nothing` while it is not there, and while the page is just leaving. */
  async function lookAt<T>({ root, forget }: Ground, nothing: T, look: (root: Node) => Promise<T>): Promise<T> {
    try {
      const node = await root();
      const seen = node === null ? nothing : await look(node);
      if (seen === nothing) forget();
      return seen;
    } catch (error) {
      if (!LEAVING.test(String(error))) throw error;
      forget();
      return nothing;
    }
  }

  function screenOf(ground: Ground): Screen {
    const find = (role: string, name: string): Promise<Drawn | null> =>
      lookAt<Drawn | null>(ground, null, async (root) => {
        const found = await locate(root, { ...(role !== FIELD && { role }), name });
        if (found.length === 0) return null;
        const kind = role === FIELD ? 'input, textarea' : '*';
        return v.parse(drawnSchema, JSON.parse(await call(drawn, [kind], found)));
      });
    const text = () => lookAt(ground, '', (root) => call(drawnText, [], [root]));
    const waiting = { state: async () => `${await run('location.href')}\n${await text()}` };
    const { what } = ground;

    async function press(role: string, name: string): Promise<void> {
      const { x, y } = await until(
        `the ${role} “${name}” ${what}, ready to use and at rest`,
        async () => {
          const control = await find(role, name);
          return control !== null && !control.disabled && control.atRest && control;
        },
        waiting,
      );
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

  async function run(script: string): Promise<unknown> {
    const answer = await bidi.send('script.evaluate', { expression: script, awaitPromise: true, target: { context } });
    if (answer.type === 'exception') throw new Error(`${script}: ${answer.exceptionDetails.text}`);
    return 'value' in answer.result ? answer.result.value : undefined;
  }

  const page = screenOf(document);
  return {
    ...page,
    panel: panelScreen(screenOf(panel)),
    async choose(label, option) {
      await page.press('combobox', label);
      await keys([...[...option].map((key) => [key]), [ENTER]]);
    },
    items: (list) =>
      lookAt<readonly string[]>(document, [], async (root) => {
        const [found] = await locate(root, { role: 'list', name: list });
        const items = found === undefined ? [] : await locate(found, { role: 'listitem' });
        return Promise.all(items.map((item) => call(drawnText, [], [item])));
      }),
    run,
    async show() {
      await bidi.send('browsingContext.activate', { context });
    },
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
