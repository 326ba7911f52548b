import * as v from 'valibot';
import type { Failure, FailureDetail, FailureReason } from '../domain/failure';
import { claimsWanted } from './challenge';
import { BackendError } from './backend';

/** What the network and the clock are, so that both can be replaced. */
export interface HttpParts {
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  /** How long one answer may take, from the request to its last byte; 30 seconds unless given. */
  readonly timeoutMs?: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Hears that the backend did what it was asked for, while the answer's body is still on its way. */
  readonly onTaken?: (() => void) | undefined;
}

/**
 * An answer as it came, before anything in it is believed, and without the request's own access token. `json`: what its body
 * holds; undefined when that is not JSON, or a refusal's body could not be read. `instead`: what came in the place of JSON.
 */
export interface HttpAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly json: unknown;
  readonly instead: Instead | null;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  /** What the answer asks of whoever sent the request, to be let in; null where it asks nothing. */
  readonly challenge: string | null;
  /** How many requests of the kind the backend says it still takes; null where it says nothing. */
  readonly left: number | null;
}

/** A page for people, JSON that ends in its middle, or some other text. */
type Instead = 'webPage' | 'cutShort' | 'notJson';

const TIMEOUT_MS = 30_000;
const LARGEST_BODY_BYTES = 5_000_000;
const LONGEST_WORDS = 500;
const SHORTEST_TOKEN = 16;
/** To a conditional request: what is known still holds. It has no body. */
export const NOT_MODIFIED = 304;

/**
 * Sends one request and reads its whole answer, within bounds of time and size. Redirects are not followed, and nothing of
 * the browser's goes along: no cookies, no referrer, no cache.
 * @throws {BackendError} when no whole answer came; the signal's reason when the caller aborts
 */
export async function exchange(request: HttpRequest, parts: HttpParts, signal: AbortSignal): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(parts.timeoutMs ?? TIMEOUT_MS);
  const either = AbortSignal.any([signal, timeout]);
  try {
    const response = await parts.fetch(request.url, {
      method: request.method,
      headers: { accept: 'application/json', ...jsonType(request.body), ...request.headers },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: either,
    });
    if (response.ok) request.onTaken?.();
    const answer = await readAnswer(response, parts.now(), withoutTokens([bearerOf(request)]));
    signal.throwIfAborted();
    return answer;
  } catch (cause) {
    signal.throwIfAborted();
    if (timeout.aborted) throw new BackendError({ reason: 'timedOut' }, { cause });
    if (cause instanceof BackendError) throw cause;
    throw new BackendError({ reason: 'noAnswer' }, { cause });
  }
}

/**
 * Whether browser or organisation keep the extension out of an address that did not answer, though the permission is held. There
 * the extension is one web page among others: a request that wants nothing read succeeds, and its answer is opaque. (Chromium
 * 156 under `runtime_blocked_hosts`; where the extension may, the same answer is not opaque.) It carries nothing and nothing of
 * it is read. Redirects are followed, since such a request knows no other way.
 */
export async function isKeptOut(
  url: string,
  { fetch, timeoutMs = TIMEOUT_MS }: Pick<HttpParts, 'fetch' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { type } = await fetch(url, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return type === 'opaque';
  } catch {
    signal.throwIfAborted();
    // Nobody gets through to there.
    return false;
  }
}

/** The body of an answer that is a success, in the shape it must have; `unreadable` names the field that is not. */
export function readBody<T>(answer: HttpAnswer, schema: v.GenericSchema<unknown, T>): T {
  if (answer.instead === 'cutShort') throw cutShort(answer);
  if (answer.json === undefined) throw unreadable(answer, { code: answer.instead ?? 'notJson' });
  const parsed = v.safeParse(schema, answer.json, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw unreadable(answer, { code: 'fieldUnreadable', field: shortened(v.getDotPath(issue) ?? '$') });
}

/** For an answer that came and is not what the contract says. */
export function unreadable(answer: HttpAnswer, detail: FailureDetail): BackendError {
  return new BackendError({ reason: 'unreadable', ...facts(answer), detail });
}

/** For an answer that began and did not come to its end. */
function cutShort(head: Head, cause?: unknown): BackendError {
  return new BackendError({ reason: 'noAnswer', ...facts(head), detail: { code: 'cutShort' } }, { cause });
}

/** What an answer that is no success means. Its status decides; what its body says besides is taken along. */
export function refusal(answer: HttpAnswer): Failure {
  const { code, message } = readError(answer);
  const reason = reasonFor(answer.status);
  // A service refuses in JSON: a page for people is somebody's between here and there. With a 5xx it says no more than that.
  const isSomebodyElses = answer.instead === 'webPage' && reason !== 'serverError';
  const wantsProof = answer.status === 401 && claimsWanted(answer.challenge) !== null;
  return {
    reason,
    ...facts(answer),
    ...(isSomebodyElses && { detail: { code: 'webPage' } }),
    ...(!isSomebodyElses && wantsProof && { detail: { code: 'moreProof' } }),
    ...(code === null ? {} : { code: shortened(code) }),
    ...(message === null ? {} : { said: shortened(message) }),
  };
}

/** For an answer that is no success, with what {@link refusal} says of it. */
export function failed(answer: HttpAnswer): BackendError {
  return new BackendError(refusal(answer), { retryAfterMs: answer.retryAfterMs });
}

/** The first of a refusal's `error.details`; undefined when there is none. */
export function firstDetail(answer: HttpAnswer): unknown {
  return readError(answer).details[0];
}

// A refusal is told even when its words cannot be read: each part stands for itself.
const wordsSchema = v.object({
  code: v.fallback(v.nullable(v.string()), null),
  message: v.fallback(v.nullable(v.string()), null),
  details: v.fallback(v.array(v.unknown()), []),
});
const errorSchema = v.union([
  v.pipe(
    v.object({ error: wordsSchema }),
    v.transform(({ error }) => error),
  ),
  // Azure's providers say the same without the `error` around it, too. A proxy's own words have no code.
  v.object({ ...wordsSchema.entries, code: v.string() }),
]);
const NO_WORDS = { code: null, message: null, details: [] };

function readError(answer: HttpAnswer): v.InferOutput<typeof wordsSchema> {
  const parsed = v.safeParse(errorSchema, answer.json);
  return parsed.success ? parsed.output : NO_WORDS;
}

function reasonFor(status: number): FailureReason {
  if (status === 401) return 'signInNeeded';
  if (status === 429) return 'busy';
  if (status === 408 || status >= 500) return 'serverError';
  return status >= 400 ? 'refused' : 'unreadable';
}

function bearerOf({ headers }: HttpRequest): string {
  return headers['authorization']?.replace(/^Bearer /, '') ?? '';
}

/** Takes tokens out of what somebody said who knows them: they may be repeated, and words are shown and kept. */
export function withoutTokens(tokens: readonly string[]): (words: string) => string {
  // What is shorter can be guessed, and would be found in words that do not mean it.
  const secrets = tokens.filter((token) => token.length >= SHORTEST_TOKEN);
  const spellings = secrets.flatMap((token) => [token, encodeURIComponent(token)]);
  return (words) => spellings.reduce((rest, spelling) => rest.replaceAll(spelling, '[access token]'), words);
}

/**
 * What a text holds as JSON, each word in it cleaned once its escapes are undone: a token of which one character is written
 * as `\u003d` is no less a token. Undefined when it is no JSON.
 */
function parsedClean(text: string, clean: (words: string) => string): unknown {
  const holder: { json: unknown } = { json: undefined };
  try {
    holder.json = JSON.parse(text);
  } catch {
    return undefined;
  }
  // By a list, not by calls in calls: an answer can be deeper than the stack.
  const open: object[] = [holder];
  for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
    for (const [key, value] of Object.entries(inner)) {
      if (typeof value === 'string') Object.defineProperty(inner, key, { value: clean(value) });
      else if (typeof value === 'object' && value !== null) open.push(value);
    }
  }
  return holder.json;
}

async function readAnswer(response: Response, now: number, clean: (words: string) => string): Promise<HttpAnswer> {
  const { status, headers } = response;
  const requestId = REQUEST_IDS.map((name) => headers.get(name)).find((value) => value !== null) ?? null;
  const challenge = headers.get('www-authenticate');
  const head = {
    status,
    ok: response.ok,
    requestId: requestId === null ? null : shortened(clean(requestId)),
    retryAfterMs: readRetryAfter(headers, now),
    challenge: challenge === null ? null : clean(challenge),
    left: readLeft(headers),
  };
  if (isRedirect(response)) {
    await response.body?.cancel();
    throw new BackendError({ reason: 'redirected', ...(status === 0 ? {} : facts(head)) });
  }
  const text = await readText(response, head);
  const json = parsedClean(text, clean);
  return { ...head, json, instead: json === undefined ? insteadOf(text, headers.get('content-type')) : null };
}

/** The service's own, and Azure's by how much they tell its support. */
const REQUEST_IDS = ['x-request-id', 'x-ms-request-id', 'x-ms-correlation-request-id', 'request-id'];
/** Azure counts reads, writes and removals of each account in each tenant, and names what it counted the request as. */
const LEFT = ['reads', 'writes', 'deletes'].map((kind) => `x-ms-ratelimit-remaining-tenant-${kind}`);

/** Where several are told, the fewest. */
function readLeft(headers: Headers): number | null {
  const told = LEFT.map((name) => headers.get(name)).filter((text) => text !== null && /^\d+$/.test(text));
  return told.length === 0 ? null : Math.min(...told.map(Number));
}

function insteadOf(text: string, contentType: string | null): Instead {
  const begins = /^\s*(?:<\?xml\b[^>]*>\s*)?<(?:!doctype\s+html|html)\b/i;
  if (isWebPageType(contentType) || begins.test(text)) return 'webPage';
  return endsEarly(text) ? 'cutShort' : 'notJson';
}

function isWebPageType(contentType: string | null): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '');
}

/** Whether a text that is not JSON begins as an object or a list does, and ends before what it opened is closed. */
function endsEarly(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') inString = !inString;
    else if (inString) at += character === '\\' ? 1 : 0;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth === 0 && character?.trim() !== '') return false;
  }
  return true;
}

/**
 * Fetch for a library that reads answers itself: they are whole when it gets them, and within the same bounds.
 * @throws {BackendError} when no whole answer came
 */
export async function fetchBounded(
  url: string,
  { body = null, signal, ...rest }: LibraryRequest,
  fetch: HttpParts['fetch'],
): Promise<Response> {
  const response = await fetch(url, {
    ...rest,
    body,
    ...(signal && { signal }),
    redirect: 'manual',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  });
  const { status, headers } = response;
  if (isRedirect(response)) throw new BackendError({ reason: 'redirected' });
  const text = await readText(response, { status, ok: response.ok, requestId: null });
  const shown = response.ok ? text : withoutSent(text, body);
  return new Response(shown === '' ? null : shown, { status, headers });
}

/** What an identity provider is sent that nobody may read. */
const SECRETS = ['code', 'code_verifier', 'refresh_token', 'token', 'claims'];

/** A refusal without what was sent along: whoever refuses may repeat it, and words are shown and kept. */
function withoutSent(text: string, body: LibraryRequest['body']): string {
  if (!(body instanceof URLSearchParams)) return text;
  const clean = withoutTokens(SECRETS.flatMap((name) => body.getAll(name)));
  const json = parsedClean(text, clean);
  return json === undefined ? clean(text) : JSON.stringify(json);
}

interface LibraryRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: BodyInit | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status < 400 && status !== NOT_MODIFIED);
}

async function readText(response: Response, head: Head & { readonly ok: boolean }): Promise<string> {
  try {
    return await readBounded(response, head);
  } catch (cause) {
    // The status of a refusal says what happened, whatever became of its words.
    if (!head.ok) return '';
    throw cause instanceof BackendError ? cause : cutShort(head, cause);
  }
}

async function readBounded(response: Response, head: Head): Promise<string> {
  const announced = response.headers.get('content-length');
  const encoded = response.headers.get('content-encoding') !== null;
  if (Number(announced ?? 0) > LARGEST_BODY_BYTES) {
    await response.body?.cancel();
    throw new BackendError({ reason: 'tooLarge', ...facts(head) });
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  const isCounted = announced !== null && !encoded;
  for await (const chunk of chunks(response)) {
    bytes += chunk.byteLength;
    if (bytes > LARGEST_BODY_BYTES) throw new BackendError({ reason: 'tooLarge', ...facts(head) });
    text += decode(decoder, chunk, head, response.headers.get('content-type'));
    // Its end need not be waited for. In chunks, or over HTTP/2, a body may go on behind what it said (Chromium 156).
    if (isCounted && bytes >= Number(announced)) break;
  }
  // Not every browser calls a body that ends early an error.
  if (isCounted && bytes < Number(announced)) throw cutShort(head);
  try {
    return text + decoder.decode();
  } catch (cause) {
    // The beginning of a letter is held back, whose rest did not come.
    throw cutShort(head, cause);
  }
}

/** The body's chunks; a reader that leaves early ends the connection. */
async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

function decode(decoder: TextDecoder, chunk: Uint8Array, head: Head, contentType: string | null): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (cause) {
    // The service answers in UTF-8; a sign-in page may be in what it likes.
    const code = isWebPageType(contentType) ? 'webPage' : 'notUtf8';
    throw new BackendError({ reason: 'unreadable', ...facts(head), detail: { code } }, { cause });
  }
}

interface Head {
  readonly status: number;
  readonly requestId: string | null;
}

function facts({ status, requestId }: Head): Pick<Failure, 'status' | 'requestId'> {
  return { status, ...(requestId === null ? {} : { requestId }) };
}

const LONGEST_BY_DATE_MS = 24 * 60 * 60_000;
/** A date that only our own clock can be held against may be hours off: as long as is waited without any. */
const LONGEST_BY_OWN_CLOCK_MS = 15 * 60_000;

/**
 * `Retry-After` as seconds or as a date, in milliseconds from now; null when it is absent or neither. A date is measured from
 * the answer's own `Date`, so that neither clock has to be right; where that is absent or more than a day before it, from `now`.
 */
function readRetryAfter(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until = readDate(text);
  if (until === null) return null;
  const saidAt = serviceTime(headers);
  if (saidAt !== null && until - saidAt <= LONGEST_BY_DATE_MS) return Math.max(until - saidAt, 0);
  return Math.min(Math.max(until - now, 0), LONGEST_BY_OWN_CLOCK_MS);
}

/**
 * What time it was where an answer was made when it arrived, to the second and in milliseconds since the epoch: its `Date`, and
 * the `Age` that a cache on the way gave it. Null when it does not say.
 */
export function serviceTime(headers: Headers): number | null {
  const date = readDate(headers.get('date')?.trim() ?? '');
  const age = headers.get('age')?.trim() ?? '';
  return date === null ? null : date + (/^\d{1,9}$/.test(age) ? Number(age) * 1000 : 0);
}

/** A date as HTTP writes it (RFC 9110, 5.6.7). */
function readDate(text: string): number | null {
  const date = text.endsWith(' GMT') ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : date;
}

function jsonType(body: unknown): Record<string, string> {
  return body === undefined ? {} : { 'content-type': 'application/json' };
}

/** As long as anybody reads, and a history row can hold. */
export function shortened(words: string): string {
  return words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS)}…` : words;
}
