import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that the system gives by itself (from 32,768 on in Linux, 49,152 elsewhere), to whoever connects or asks for any port:
 * one of those may be gone again before the program listens on it. Above those that browsers and Node's fetch refuse (up to 10,080).
 */
const FIRST = 11_000;
const LAST = 32_767;

/** A port of 127.0.0.1 on which nobody listens now, for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  let port = drawn();
  while (!(await isFree(port))) port = drawn();
  return port;
}

const drawn = (): number => randomInt(FIRST, LAST + 1);

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
