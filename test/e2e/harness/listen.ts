import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { within } from '../../within';

/** Lets a server listen on a free port of loopback. `close` ends its open connections too. */
export async function listen(
  server: Server | SecureServer,
  port = 0,
): Promise<{ port: number; close(): Promise<void> }> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port');
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await within('a server of the tests to close', closed);
    },
  };
}
