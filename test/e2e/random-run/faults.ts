import { setTimeout as pause } from 'node:timers/promises';
import { type Draw, drawFrom, type Weighted } from '../harness/draw';
import { type Fault, isWrite, type SeenRequest } from '../harness/fault-proxy';

/** What can happen to one request, by name. `late`: the service hears of it only when its sender may be gone. */
type FaultName =
  | 'slow answer'
  | 'late arrival'
  | 'reset before'
  | 'reset after'
  | 'half a body'
  | 'garbage'
  | 'another subscription'
  | '50 MB'
  | 'redirect'
  | '401'
  | '403'
  | '429 with a date'
  | '500'
  | '503 with seconds';

const ON_WRITES: Weighted<FaultName | null> = [
  [46, null],
  [7, 'slow answer'],
  [6, 'late arrival'],
  [6, 'reset before'],
  [9, 'reset after'],
  [5, 'half a body'],
  [3, 'garbage'],
  [3, 'another subscription'],
  [1, '50 MB'],
  [2, 'redirect'],
  [2, '401'],
  [2, '403'],
  [2, '429 with a date'],
  [3, '500'],
  [3, '503 with seconds'],
];
const ON_READS: Weighted<FaultName | null> = [
  [76, null],
  [6, 'slow answer'],
  [4, 'reset before'],
  [4, 'half a body'],
  [3, 'garbage'],
  [2, 'another subscription'],
  [1, '401'],
  [4, '500'],
];

const LONGEST_DELAY_MS = 1500;
const FIFTY_MEGABYTES = 'x'.repeat(50 * 1024 * 1024);

export interface DrawnFaults {
  /** For the proxy to ask about each request. */
  readonly draw: (request: SeenRequest) => Fault | undefined;
  /** How often each one was drawn. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Draws faults from a seed. What the n-th request of one method and path meets depends on the seed and on n alone, in
 * whatever order the requests of different subscriptions come.
 * @param longestHoldMs for how long a write may be held before the service
 */
export function drawFaults(seed: number, longestHoldMs: number): DrawnFaults {
  const nth = new Map<string, number>();
  const counts = new Map<string, number>();
  const delivered = new Set<string>();

  return {
    counts,
    draw(request) {
      const what = `${request.method} ${request.path}`;
      const n = (nth.get(what) ?? 0) + 1;
      nth.set(what, n);
      const chance = drawFrom(seed, 'fault', what, n);
      const name = chance.weighted(isWrite(request) ? ON_WRITES : ON_READS);
      // A service never refuses a key that it has carried out: it gives the first answer again.
      const key = request.idempotencyKey ?? '';
      if (name === '403' && delivered.has(key)) return undefined;
      const fault = name === null ? undefined : faultOf(name, chance, longestHoldMs);
      if (fault?.kind !== 'answer' && fault?.kind !== 'resetBefore') delivered.add(key);
      if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
      return fault;
    },
  };
}

function faultOf(name: FaultName, chance: Draw, longestHoldMs: number): Fault {
  const delay = (longestMs: number) => pause(chance.between(50, longestMs));
  switch (name) {
    case 'slow answer':
      return { kind: 'holdAfter', released: delay(LONGEST_DELAY_MS) };
    case 'late arrival':
      return { kind: 'holdBefore', released: delay(longestHoldMs) };
    case 'reset before':
      return { kind: 'resetBefore' };
    case 'reset after':
      return { kind: 'resetAfter' };
    case 'half a body':
      return { kind: 'halfBody' };
    case 'garbage':
      return { kind: 'answer', status: 200, body: '<!doctype html>{' };
    case 'another subscription':
      return { kind: 'edit', change: (body) => ({ ...Object(body), subscriptionId: chance.uuid() }) };
    case '50 MB':
      return { kind: 'answer', status: 200, body: FIFTY_MEGABYTES };
    case 'redirect':
      return { kind: 'answer', status: 307, headers: { location: 'https://example.com/' } };
    case '401':
      return { kind: 'answer', status: 401 };
    case '403':
      return { kind: 'answer', status: 403, body: '{"error":{"code":"NotPermitted","message":"Not today."}}' };
    case '429 with a date': {
      const later = new Date(Date.now() + 2000).toUTCString();
      return { kind: 'answer', status: 429, headers: { 'retry-after': later } };
    }
    case '500':
      return { kind: 'answer', status: 500 };
    case '503 with seconds':
      return { kind: 'answer', status: 503, headers: { 'retry-after': '1' } };
  }
}
