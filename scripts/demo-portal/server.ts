import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { SubscriptionRecord } from '../../src/domain/subscription';
import { listen } from '../../test/e2e/harness/listen';

const FILES: Partial<Record<string, { readonly name: string; readonly type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/portal.css': { name: 'portal.css', type: 'text/css' },
  '/portal.js': { name: 'portal.js', type: 'text/javascript' },
};

export interface DemoPortal {
  readonly url: string;
  /** What to add on the options page for the extension to recognise the portal's subscription pages. */
  readonly pattern: string;
  /** The address of a subscription's page. */
  pageOf(subscriptionId: string): string;
  close(): Promise<void>;
}

/**
 * Serves the demonstration's billing portal on loopback.
 * @param subscriptions what the portal lists; it never asks the service itself
 * @param port 0 for any free one
 */
export async function startDemoPortal(subscriptions: readonly SubscriptionRecord[], port = 0): Promise<DemoPortal> {
  // The portal knows its subscriptions, not their partners of record: that is what it lacks.
  const listed = JSON.stringify(
    subscriptions.map(({ subscriptionId, displayName, service, state, startDate, endDate, customer }) => ({
      subscriptionId,
      displayName,
      service,
      state,
      startDate,
      endDate,
      customer,
    })),
  );
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = FILES[pathname];
    if (pathname === '/subscriptions.json') response.writeHead(200, { 'content-type': 'application/json' }).end(listed);
    else if (file === undefined) response.writeHead(404).end();
    else
      response.writeHead(200, { 'content-type': file.type }).end(await readFile(join(import.meta.dirname, file.name)));
  });
  const { port: taken, close } = await listen(server, port);
  const url = `http://localhost:${taken}`;
  return {
    url,
    pattern: `${url}/#/subscriptions/:subscriptionId`,
    pageOf: (subscriptionId) => `${url}/#/subscriptions/${subscriptionId}`,
    close,
  };
}
