import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { openContract } from './description';

/** A line of the contract does not hold; the message says what was expected and what came. */
export class Broken extends Error {}

/** A line cannot be checked here; the message says what is missing for it. */
export class NotChecked extends Error {}

/** Throws {@link Broken} with the sentence unless the condition holds. */
export function must(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Broken(sentence);
}

/** Throws {@link Broken} unless both are the same by value. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  must(isDeepStrictEqual(actual, expected), `${what} should be ${short(expected)}, but is ${short(actual)}`);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

const partnerSchema = v.object({ partnerId: v.string(), name: v.string() });
const recordSchema = v.looseObject({
  subscriptionId: v.string(),
  displayName: v.string(),
  customer: v.looseObject({ id: v.string(), name: v.string() }),
  caller: v.looseObject({ role: v.string(), canChangePartner: v.boolean() }),
  partnerOfRecord: v.nullable(v.looseObject({ ...partnerSchema.entries, assignedById: v.optional(v.string()) })),
  etag: v.string(),
});
/** What the checks need of a record; whether it is whole is held against the description. */
export type SubscriptionRecord = v.InferOutput<typeof recordSchema>;

const refusalSchema = v.object({ error: v.looseObject({ code: v.string() }) });
const pageSchema = v.object({ value: v.array(v.unknown()), nextLink: v.optional(v.string()) });

/** Reads a part of an answer. Throws {@link Broken} with the place at fault. */
export function read<Schema extends v.GenericSchema>(schema: Schema, value: unknown, what: string) {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Broken(`${what} has no usable ${v.getDotPath(issue) ?? 'body'}: ${issue.message}`);
}

export interface Call {
  /** Null sends none. The main caller's when it is not said. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as it is when it is text, else as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  /** The call in short, for sentences. */
  readonly what: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined when the body is empty or no JSON. */
  readonly json: unknown;
}

const ANSWER_WITHIN_MS = 30_000;
const MAX_WAIT_MS = 120_000;
const REQUEST_ID = 'x-request-id';

/** How proxies mark the ETag of what they compressed: Apache and Caddy write `"abc-gzip"`, others with another sign before it. */
const MARK = /^[-;:+]{1,2}(?:gzip|br|zstd|deflate)"$/;

/**
 * Throws {@link Broken} when an answer has an ETag that is neither the etag nor what a proxy may have made of it: weak, marked,
 * or left out.
 */
export function mustNameEtag({ what, headers }: Answer, etag: string): void {
  const header = headers['etag'];
  const tag = header?.replace(/^W\//, '') ?? etag;
  const open = etag.slice(0, -1);
  must(
    tag === etag || (tag.startsWith(open) && MARK.test(tag.slice(open.length))),
    `the ETag of ${what} should be ${etag}, or what a proxy makes of it, but is ${header}`,
  );
}

/** What holds for all answers alike, whatever line they were asked for. Each has the first problem met, if any. */
export interface Observed {
  /** By operation of the description: the problem of its answers, null when they are as described, undefined when none came. */
  readonly described: Map<string, string | null | undefined>;
  refusals: { count: number; problem: string | null };
  requestIds: { readonly seen: Set<string>; problem: string | null };
}

/** Calls a backend and keeps what is seen on the way. `baseUrl` has no slash at its end. */
export function openClient(baseUrl: string, mainToken: string) {
  const contract = openContract();
  const observed: Observed = {
    described: new Map(contract.operations().map((operation) => [operation, undefined])),
    refusals: { count: 0, problem: null },
    requestIds: { seen: new Set(), problem: null },
  };

  /** Calls an address relative to the base, or an absolute one under it. */
  async function call(method: string, address: string, { token = mainToken, headers, body }: Call = {}) {
    const url = address.startsWith('/') ? baseUrl + address : address;
    const given = Object.entries(headers ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const init = {
      method,
      redirect: 'manual' as const,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...Object.fromEntries(given),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
    for (;;) {
      const response = await fetch(url, {
        ...init,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await response.text();
      const answer: Answer = {
        what: `${method} ${url.slice(baseUrl.length)}`,
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text,
        json: parse(text),
      };
      observe(method, url, answer);
      if (response.status !== 429) return answer;
      // A backend may limit how fast it is called; that is no fault, and it says when to come again.
      const seconds = Number(response.headers.get('retry-after'));
      must(seconds > 0 && seconds * 1000 <= MAX_WAIT_MS, `${answer.what} is answered 429 without a usable Retry-After`);
      await wait(seconds * 1000);
    }
  }

  function observe(method: string, url: string, answer: Answer): void {
    const id = answer.headers[REQUEST_ID];
    const { requestIds, refusals } = observed;
    if (id === undefined) requestIds.problem ??= `${answer.what} ${answer.status} has none`;
    else if (requestIds.seen.has(id))
      requestIds.problem ??= `${answer.what} ${answer.status} has that of another answer`;
    else requestIds.seen.add(id);

    if (answer.status >= 400) {
      refusals.count++;
      refusals.problem ??= problemOf(() => {
        must(isJson(answer), `${answer.what} ${answer.status} is not JSON`);
        contract.holdRefusal(answer.json, `${answer.what} ${answer.status}`);
      });
      return;
    }
    const path = new URL(url).pathname.slice(new URL(baseUrl).pathname.length);
    const operation = contract.operationOf(method, path);
    if (operation === undefined || observed.described.get(operation)) return;
    // A missing request id is told once, by its own line; so is a wrong ETag, which a proxy may weaken, mark or leave out.
    const headers = { ...answer.headers, [REQUEST_ID]: id ?? 'missing', etag: '"told-elsewhere"' };
    const real = { status: answer.status, headers, body: answer.text };
    observed.described.set(
      operation,
      problemOf(() => contract.hold(method, path, real)),
    );
  }

  return { baseUrl, call, observed };
}

export type Client = ReturnType<typeof openClient>;

function problemOf(hold: () => void): string | null {
  try {
    hold();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isJson(answer: Answer): boolean {
  return answer.headers['content-type']?.startsWith('application/json') === true && answer.json !== undefined;
}

/** Throws {@link Broken} unless the answer is a refusal of that status and code. */
export function mustRefuse(answer: Answer, status: number, ...codes: readonly string[]): void {
  const refusal = v.safeParse(refusalSchema, answer.json);
  const code = refusal.success ? refusal.output.error.code : 'no code';
  must(
    answer.status === status && codes.includes(code),
    `${answer.what} should be refused with ${status} ${codes.join(' or ')}, but is answered ${answer.status} ${answer.status < 400 ? '' : code}`.trim(),
  );
}

/** The record of a 200 answer. */
export function recordOf(answer: Answer): SubscriptionRecord {
  must(
    answer.status === 200,
    `${answer.what} should be answered 200, but is answered ${answer.status} ${answer.text.slice(0, 200)}`,
  );
  return read(recordSchema, answer.json, answer.what);
}

/** The rows of a 200 answer, each read by the schema, and where the next page is. */
export function pageOf<Schema extends v.GenericSchema>(answer: Answer, rowSchema: Schema) {
  must(answer.status === 200, `${answer.what} should be answered 200, but is answered ${answer.status}`);
  const { value, nextLink } = read(pageSchema, answer.json, answer.what);
  return { rows: value.map((row) => read(rowSchema, row, answer.what)), nextLink };
}

export { partnerSchema, recordSchema };
