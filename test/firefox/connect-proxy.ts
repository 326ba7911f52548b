import { createServer } from 'node:http';
import { connect } from 'node:net';
import { listen } from '../e2e/harness/listen';

/**
 * A proxy on loopback that leads every https address to that port of loopback, so that pages have the portals' real addresses.
 * @param ports the ports of hosts that lead elsewhere
 */
export async function startConnectProxy(
  target: number,
  ports: Readonly<Partial<Record<string, number>>> = {},
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<{ destroy(): unknown }>();
  const server = createServer((_request, response) => response.writeHead(404).end());
  server.on('connect', ({ url }, client, head) => {
    const [host = ''] = (url ?? '').split(':');
    const upstream = connect(ports[host] ?? target, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      // Either side may leave at any moment; then the other has nobody left to talk to.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  const { port, close } = await listen(server);
  return {
    port,
    close() {
      // A server knows no connection any more that it has handed over.
      for (const socket of open) socket.destroy();
      return close();
    },
  };
}
