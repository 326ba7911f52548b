import type { FastifyInstance } from 'fastify';
import { countedAddress } from './peer-address';

/** Some 10 kB each while nothing but the beginning of a request has come by them (measured with Node 20.20). */
export const MOST_CONNECTIONS = 10_000;
/** So that no one machine has them all; an office comes by its proxy. */
export const MOST_FROM_ONE_ADDRESS = 1000;

/** Hangs up on connections beyond so many. Of a proxy only all of them count, which are everybody's: it has a limit of its own. */
export function limitConnections(app: FastifyInstance, isProxy: (address: string) => boolean): void {
  const open = new Map<string, number>();
  app.server.maxConnections = MOST_CONNECTIONS;
  app.server.on('connection', (socket) => {
    const { remoteAddress = '' } = socket;
    const address = countedAddress(remoteAddress);
    if (address === null || isProxy(remoteAddress)) return;
    const before = open.get(address) ?? 0;
    if (before >= MOST_FROM_ONE_ADDRESS) {
      socket.destroy();
      return;
    }
    open.set(address, before + 1);
    socket.once('close', () => {
      const rest = (open.get(address) ?? 0) - 1;
      if (rest > 0) open.set(address, rest);
      else open.delete(address);
    });
  });
}
