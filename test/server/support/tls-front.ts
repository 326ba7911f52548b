import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What comes after the handshake, or in its place. */
interface Front {
  /** Its certificate and key; null: it says that it has no TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Answered to the first message after that; then the connection is ended. */
  readonly answer?: Buffer;
}

/** The port, on 127.0.0.1, of something that begins as a PostgreSQL server does when it is asked for TLS. */
export async function openFront({ tls, answer = Buffer.alloc(0) }: Front) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A client that does not like the certificate breaks off.
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      if (tls === null) {
        socket.write('N');
        return;
      }
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, ...tls });
      secure.on('error', () => socket.destroy());
      secure.once('data', () => secure.end(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
