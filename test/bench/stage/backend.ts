import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { SubscriptionId, SubscriptionRecord } from '../../../src/domain/subscription';
import { listen } from '../../e2e/harness/listen';
import { partner } from '../../support/partners';
import { aRecord } from '../../support/records';
import { subscriptionId, uuid } from '../../support/targets';

/** A service in memory that keeps to the contract and answers as fast as it is told to, so that nothing of its own is measured. */
export interface BenchBackend {
  /** The Service URL. */
  readonly url: string;
  /** Any access token will do. */
  readonly token: string;
  /** Its subscriptions as they are now, in the order of its list. */
  readonly subscriptions: () => readonly SubscriptionRecord[];
  /** How many changes took effect so far. */
  readonly effects: () => number;
  /** When each request to change something came, in milliseconds on {@link performance.now}'s clock. */
  readonly writes: readonly number[];
  /** From now on every change is refused so; null: none is any more. */
  readonly wall: (refusal: Wall | null) => void;
  readonly close: () => Promise<void>;
}

/** What stands before a service: 429 with that `Retry-After`, or 401. */
export type Wall = { readonly status: 429; readonly retryAfterSeconds: number } | { readonly status: 401 };

const ROWS_A_PAGE = 50;

export async function startBackend(subscriptions: number, answersAfterMs: number): Promise<BenchBackend> {
  const ids = Array.from({ length: subscriptions }, (_, index) => subscriptionId(uuid(index + 1)));
  const records = new Map<string, SubscriptionRecord>(ids.map((id, index) => [id, aSubscription(id, index)]));
  const writes: number[] = [];
  let effects = 0;
  let wall: Wall | null = null;

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  const { port, close } = await listen(server);
  const url = `http://localhost:${port}/v1`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const isWrite = request.method === 'PUT' || request.method === 'DELETE';
    if (isWrite) writes.push(performance.now());
    if (answersAfterMs > 0) await pause(answersAfterMs);
    const send = (status: number, value: object, headers: Readonly<Record<string, string>> = {}) => {
      const sent = Buffer.from(JSON.stringify(value));
      const own = { 'content-type': 'application/json', 'content-length': sent.length, 'x-request-id': 'bench' };
      response.writeHead(status, { ...own, ...headers });
      response.end(sent);
    };
    if (isWrite && wall?.status === 429)
      return send(429, refusal('TooManyRequests'), { 'retry-after': String(wall.retryAfterSeconds) });
    if (isWrite && wall?.status === 401) return send(401, refusal('Unauthorized'));
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    const [, , subject = '', id = ''] = pathname.split('/').map(decodeURIComponent);
    if (subject === 'health') return send(200, { status: 'ok', contract: 1 });
    if (subject === 'me') return send(200, { name: 'Ada', principalId: 'ada', organization: 'Contoso' });
    if (subject === 'partners') return send(200, partner(id));
    if (id === '') return send(200, page(searchParams));
    const record = records.get(id);
    if (record === undefined) return send(404, refusal('SubscriptionNotFound'));
    const present = isWrite ? changed(record, request, body) : record;
    if (present === null)
      return send(412, { error: { ...refusal('PreconditionFailed').error, details: [{ record }] } });
    send(200, present, { etag: present.etag });
  }

  function page(asked: URLSearchParams): object {
    const text = (asked.get('filter') ?? '').toLowerCase();
    const size = Number(asked.get('pageSize') ?? ROWS_A_PAGE);
    const from = Number(asked.get('from') ?? 0);
    const matching = [...records.values()].filter(({ displayName }) => displayName.toLowerCase().includes(text));
    const to = from + size;
    const next = new URLSearchParams({ pageSize: String(size), filter: text, from: String(to) });
    return {
      value: matching.slice(from, to),
      ...(to < matching.length && { nextLink: `${url}/subscriptions?${next}` }),
    };
  }

  /** The record after the change that was asked for; null when it is based on another one. */
  function changed(record: SubscriptionRecord, request: IncomingMessage, body: string): SubscriptionRecord | null {
    if (request.headers['if-match'] !== record.etag) return null;
    const to = request.method === 'PUT' ? partner(JSON.parse(body).partnerId) : null;
    const next: SubscriptionRecord = {
      ...record,
      partnerOfRecord: to && { ...to, assignedAt: '2026-01-02T03:04:05Z', assignedBy: 'Ada' },
      etag: `"${Number(record.etag.slice(1, -1)) + 1}"`,
    };
    records.set(record.subscriptionId, next);
    effects += 1;
    return next;
  }

  return {
    url,
    token: 'por_bench',
    subscriptions: () => [...records.values()],
    effects: () => effects,
    writes,
    wall(refusal) {
      wall = refusal;
    },
    close,
  };
}

function aSubscription(subscriptionId: SubscriptionId, index: number): SubscriptionRecord {
  return aRecord({
    subscriptionId,
    displayName: `Subscription ${String(index).padStart(5, '0')}`,
    customer: { id: `c${index % 100}`, name: `Customer ${index % 100}` },
  });
}

function refusal(code: string) {
  return { error: { code, message: code } };
}
