import type { CDPSession, Page } from 'playwright-core';
import type { ExtensionBrowser } from './browser';
import { until } from './until';

/** What the extension runs on a page, in the world of its own there. */
export interface IsolatedWorld {
  /** The extension's files that have run on the page, each once, in no order. */
  scripts(): Promise<string[]>;
  /** How many observers of any kind live in that world. */
  observers(): Promise<number>;
}

/** Waits until the extension runs on the page, then looks into its world there. */
export async function isolatedWorld(page: Page, browser: ExtensionBrowser): Promise<IsolatedWorld> {
  const session = await page.context().newCDPSession(page);
  const origin = browser.extensionUrl('').replace(/\/$/, '');
  const files = new Set<string>();
  let contextId: number | undefined;
  session.on('Debugger.scriptParsed', ({ url }) => {
    if (url.startsWith(origin)) files.add(url.slice(origin.length + 1));
  });
  session.on('Runtime.executionContextCreated', ({ context }) => {
    if (context.origin === origin) contextId = context.id;
  });
  await session.send('Runtime.enable');
  await session.send('Debugger.enable');
  await until('the extension’s own world on the page', async () => contextId !== undefined && files.size > 0);
  return {
    scripts: async () => [...files],
    async observers() {
      if (contextId === undefined) throw new Error('The extension’s world is gone');
      let count = 0;
      for (const kind of ['MutationObserver', 'IntersectionObserver', 'ResizeObserver', 'PerformanceObserver']) {
        count += await countInstances(session, contextId, kind);
      }
      return count;
    },
  };
}

async function countInstances(session: CDPSession, contextId: number, kind: string): Promise<number> {
  const { result: prototype } = await session.send('Runtime.evaluate', { contextId, expression: `${kind}.prototype` });
  if (prototype.objectId === undefined) throw new Error(`There is no ${kind}`);
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { objectId } = objects;
  if (objectId === undefined) throw new Error(`${kind}s could not be counted`);
  const { result: length } = await session.send('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration: 'function () { return this.length; }',
    returnByValue: true,
  });
  return Number(length.value);
}
