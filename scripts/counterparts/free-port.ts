import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that the system gives by itself (from 32,768 on in Linux, 49,152 elsewhere), to whoever connects or asks for any port:
 * one of those may be gone again before the program listens on it. Above those that browsers and Node's fetch refuse (up to 10,080).
 */
const FIRST = 11_000;
const LAST = 32_767;
/** Where so many are taken, it is something else that keeps us from listening. */
const TRIES = 100;

/** A port of 127.0.0.1 on which nobody listens now, for a program that cannot choose one itself. Throws where there seems to be none. */
export async function freePort(): Promise<number> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`Of ${TRIES} ports of 127.0.0.1, from ${FIRST} to ${LAST}, none could be listened on.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!isListening) return false;
  server.close();
  await once(server, 'close');
  return true;
}
