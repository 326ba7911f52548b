import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** Who waits for the end of a connection: one listener is theirs, since any number of requests may come by it behind each other. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls once, when nothing of the answer is to be sent any more: its last byte is, or the caller has gone. Where the caller has gone
 * already, it calls at once. The answer alone does not tell (Node 20.20): one that is closed says so no second time, and one behind
 * another of the same connection never hears that the connection ended.
 */
export function whenOver({ raw, request }: Pick<FastifyReply, 'raw' | 'request'>, call: () => void): void {
  const { socket } = request.raw;
  if (raw.destroyed || socket.destroyed) {
    call();
    return;
  }
  const ends = waiting.get(socket) ?? watch(socket);
  const end = () => {
    raw.off('close', end);
    ends.delete(end);
    call();
  };
  raw.once('close', end);
  ends.add(end);
}

function watch(socket: Socket): Set<() => void> {
  const ends = new Set<() => void>();
  waiting.set(socket, ends);
  socket.once('close', () => {
    for (const end of ends) end();
  });
  return ends;
}
