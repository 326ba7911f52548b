import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { limitConnections, MOST_CONNECTIONS, MOST_FROM_ONE_ADDRESS } from '../../server/src/plugins/connections';
import { listeningPort } from '../../server/src/plugins/loopback-guard';
import { within } from '../within';

const sockets: Socket[] = [];
let app: FastifyInstance;

async function serve(isProxy: (address: string) => boolean): Promise<void> {
  app = Fastify({ forceCloseConnections: true });
  limitConnections(app, isProxy);
  app.get('/', async () => 'here');
  await app.listen({ host: '127.0.0.1', port: 0 });
}

async function open(localAddress: string): Promise<Socket> {
  const socket = connect({ port: listeningPort(app), host: '127.0.0.1', localAddress });
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Opens as many as one address may have. Fewer at once than wait to be accepted: what the system puts off would come after the next. */
async function openAll(localAddress: string): Promise<Socket[]> {
  const opened: Socket[] = [];
  const held = promisify(app.server.getConnections.bind(app.server));
  while (opened.length < MOST_FROM_ONE_ADDRESS) {
    opened.push(...(await Promise.all(Array.from({ length: 100 }, () => open(localAddress)))));
    await expect.poll(() => held()).toBe(opened.length);
  }
  return opened;
}

async function isAnswered(socket: Socket): Promise<boolean> {
  const told = new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true)).once('close', () => resolve(false));
    socket.on('error', () => resolve(false));
  });
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  return within('an answer or the end', told);
}

describe('a service that is held many connections open by one machine', () => {
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });

  it('hangs up on that one beyond a thousand, answers another, and the first again once it has let one go', async () => {
    await serve(() => false);
    const [first] = await openAll('127.0.0.1');
    expect(await isAnswered(await open('127.0.0.1'))).toBe(false);
    expect(await isAnswered(await open('127.0.0.2'))).toBe(true);
    first?.destroy();
    await expect.poll(async () => isAnswered(await open('127.0.0.1'))).toBe(true);
  });

  it('takes more from a proxy, by which everybody comes', async () => {
    await serve((address) => address === '127.0.0.1');
    await openAll('127.0.0.1');
    expect(await isAnswered(await open('127.0.0.1'))).toBe(true);
    expect(app.server.maxConnections).toBe(MOST_CONNECTIONS);
  });
});
