import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/** What callers met in a round. */
export interface Met {
  /** The key of each change that was answered 200, with its subscription. */
  readonly done: { readonly subscription: string; readonly key: string }[];
  /** Answers that were neither 200 nor 503 with `Retry-After`, and requests without an answer. */
  readonly wrong: string[];
  unavailable: number;
  slowestMs: number;
}

interface Asking {
  readonly base: string;
  readonly token: string;
  readonly met: Met;
}

const PAUSE_MS = 100;
const AFTER_REFUSAL_MS = 250;

export interface Writer {
  readonly subscription: string;
  /** Resolves with the next change that is asked for from now on and answered 200. */
  readonly nextDone: () => Promise<void>;
  /** Resolves once the change under way is done, after which there is no other. */
  readonly stop: () => Promise<void>;
}

/** Changes the partner of one subscription again and again; what is refused with 503 is sent again, as the same change. */
export function startWriter(asking: Asking, subscription: string, partners: readonly string[]): Writer {
  const waiting = new Set<() => void>();
  let stopped = false;

  async function work(): Promise<void> {
    let { etag } = await read();
    for (let number = 0; !stopped; number++) {
      const asked = [...waiting];
      const partnerId = partners[number % partners.length] ?? '';
      const key = randomUUID();
      etag = await change({ partnerId, key, etag });
      asking.met.done.push({ subscription, key });
      for (const resolve of asked) {
        waiting.delete(resolve);
        resolve();
      }
      await wait(PAUSE_MS);
    }
  }

  async function read(): Promise<{ etag: string }> {
    for (;;) {
      const answer = await ask(asking, `/subscriptions/${subscription}`);
      if (answer?.status === 200) return JSON.parse(answer.body);
      await wait(AFTER_REFUSAL_MS);
    }
  }

  /** Asks until it is done, and answers the new etag. */
  async function change({ partnerId, key, etag }: Record<'partnerId' | 'key' | 'etag', string>): Promise<string> {
    for (;;) {
      const answer = await ask(asking, `/subscriptions/${subscription}/partnerOfRecord`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'if-match': etag, 'idempotency-key': key },
        body: JSON.stringify({ partnerId }),
      });
      if (answer?.status === 200) return JSON.parse(answer.body).etag;
      await wait(AFTER_REFUSAL_MS);
    }
  }

  const working = work();
  return {
    subscription,
    nextDone: () => new Promise((resolve) => waiting.add(resolve)),
    stop: () => {
      stopped = true;
      return working;
    },
  };
}

/** Asks for the same again and again, and hears of each answer's status and of how long it took. */
export function startAsker(asking: Asking, path: string, hear: (status: number, ms: number) => void) {
  let stopped = false;
  const working = (async () => {
    while (!stopped) {
      const answer = await ask(asking, path);
      if (answer !== null) hear(answer.status, answer.ms);
      await wait(PAUSE_MS);
    }
  })();
  return {
    stop: () => {
      stopped = true;
      return working;
    },
  };
}

async function ask({ base, token, met }: Asking, path: string, init: RequestInit = {}) {
  const begun = performance.now();
  try {
    const answer = await fetch(`${base}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    });
    const body = await answer.text();
    const ms = performance.now() - begun;
    met.slowestMs = Math.max(met.slowestMs, ms);
    const isExpected = answer.status === 200 || (answer.status === 503 && answer.headers.has('retry-after'));
    if (!isExpected) met.wrong.push(`${init.method ?? 'GET'} ${path}: ${answer.status} ${body}`);
    if (answer.status === 503) met.unavailable++;
    return { status: answer.status, body, ms };
  } catch (error) {
    met.wrong.push(`${init.method ?? 'GET'} ${path}: ${error instanceof Error ? `${error} ${error.cause}` : error}`);
    return null;
  }
}
