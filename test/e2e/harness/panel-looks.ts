import type { CDPSession, Page } from 'playwright-core';

/** What the test reads of how the panel is drawn, by the protocol alone: its shadow root is closed to every script. */
export interface PanelLooks {
  /** The computed value of a property of the panel's card. */
  card(property: string): Promise<string>;
  /** The page's text colour and so on reach the host; this is what the surface in it says of itself. */
  surface(property: string): Promise<string>;
}

interface DomNode {
  readonly nodeId: number;
  readonly attributes?: string[] | undefined;
  readonly children?: DomNode[] | undefined;
  readonly shadowRoots?: DomNode[] | undefined;
}

export function looksOf(page: Page): PanelLooks {
  let opening: Promise<CDPSession> | undefined;
  const read = (name: string) => async (property: string) => {
    opening ??= openSession(page);
    const session = await opening;
    const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
    const node = flat(root).find(({ attributes = [] }) => classesIn(attributes).includes(name));
    if (node === undefined) throw new Error('No panel on the page');
    const { computedStyle } = await session.send('CSS.getComputedStyleForNode', { nodeId: node.nodeId });
    return computedStyle.find((one) => one.name === property)?.value ?? '';
  };
  return { card: read('card'), surface: read('surface') };
}

async function openSession(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  return session;
}

function flat(node: DomNode): DomNode[] {
  return [node, ...[...(node.children ?? []), ...(node.shadowRoots ?? [])].flatMap(flat)];
}

function classesIn(attributes: readonly string[]): string[] {
  return (attributes[attributes.indexOf('class') + 1] ?? '').split(' ');
}
