import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that a system gives to whoever asks for none (Linux from 32768, others from 49152): it gives nobody one of these meanwhile. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A port of 127.0.0.1 on which nobody listens now, for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isMine = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!isMine) return false;
  server.close();
  await once(server, 'close');
  return true;
}
