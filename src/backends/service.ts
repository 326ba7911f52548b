import * as v from 'valibot';
import type { Capabilities } from '../domain/capabilities';
import { type ChangeRequest, showsChange } from '../domain/change-request';
import type { TestStep } from '../domain/connection-test';
import { type PartnerState, stateOf } from '../domain/partner-state';
import { loggedChangeSchema, partnerIdSchema, subscriptionRecordSchema, supportSchema } from '../domain/schemas';
import type { Connection } from '../domain/connection';
import type { SubscriptionId, SubscriptionRecord } from '../domain/subscription';
import type { Target } from '../domain/target';
import {
  type Backend,
  BackendError,
  type BackendKind,
  type BackendPorts,
  CHANGES_SHOWN,
  failureOf,
  type Identity,
  type IsSender,
} from './backend';
import { failed, firstDetail, type HttpAnswer, isKeptOut, NOT_MODIFIED, readBody, refusal, unreadable } from './http';
import { createRequests } from './requests';

/** The version of the contract spoken here. */
export const CONTRACT_VERSION = 1;

const ROWS_A_PAGE = 200;

const text = v.pipe(v.string(), v.maxLength(4096));
const identitySchema = v.object({
  name: text,
  // What is empty would make one person of all.
  principalId: v.pipe(text, v.regex(/\S/, 'An ID is needed')),
  organization: text,
  // Nobody needs it to go on: what can't be shown counts as not said.
  support: v.fallback(v.nullish(supportSchema, null), null),
});
const healthSchema = v.object({ status: v.literal('ok'), contract: v.pipe(v.number(), v.integer()) });
const partnerAnswerSchema = v.object({
  partnerId: partnerIdSchema,
  // A person confirms the partner by its name, so there must be one.
  name: v.pipe(text, v.regex(/\S/, 'A name is needed')),
  location: v.nullish(text),
});
const nextLinkSchema = v.nullish(v.pipe(v.string(), v.maxLength(8192)));
const pageSchema = v.object({
  value: v.pipe(v.array(subscriptionRecordSchema), v.maxLength(ROWS_A_PAGE)),
  nextLink: nextLinkSchema,
});
const changesSchema = v.object({
  value: v.pipe(v.array(loggedChangeSchema), v.maxLength(CHANGES_SHOWN)),
  nextLink: nextLinkSchema,
});
const presentRecordSchema = v.object({ record: subscriptionRecordSchema });

/**
 * The Partner of Record service behind one connection. It is asked by named operations under the connection's address alone,
 * and what it answers is believed only when it is about what was asked.
 */
export function createService(connection: Connection, ports: BackendPorts): Backend {
  const base = connection.address;
  const { sendUnsigned, send, sendAsSender, sender } = createRequests(connection, ports, async (ask, signal) => {
    const answer = await ask({ method: 'GET', url: `${base}/me` }, signal);
    if (!answer.ok) throw failed(answer);
    return readBody(answer, identitySchema);
  });

  async function get<T>(
    url: string,
    schema: v.GenericSchema<unknown, T>,
    signal: AbortSignal,
  ): Promise<[T, HttpAnswer]> {
    const answer = await send({ method: 'GET', url }, signal);
    if (!answer.ok) throw failed(answer);
    return [readBody(answer, schema), answer];
  }

  /** The subscription that a target is here. */
  function subscriptionOf(target: Target): SubscriptionId {
    if (target.connectionId !== connection.id) throw new BackendError({ reason: 'connectionChanged' });
    if (target.kind !== 'subscription') throw new BackendError({ reason: 'refused', code: 'TargetNotSupported' });
    return target.id;
  }

  async function read(target: Target, signal: AbortSignal): Promise<PartnerState> {
    const id = subscriptionOf(target);
    const [record, answer] = await get(subscriptionUrl(id), subscriptionRecordSchema, signal);
    return stateOf(verified(record, id, answer));
  }

  async function readIfChanged(target: Target, version: string, signal: AbortSignal): Promise<PartnerState | null> {
    const id = subscriptionOf(target);
    const headers = { 'if-none-match': version };
    const answer = await send({ method: 'GET', url: subscriptionUrl(id), headers }, signal);
    if (answer.status === NOT_MODIFIED) return null;
    if (!answer.ok) throw failed(answer);
    return stateOf(verified(readBody(answer, subscriptionRecordSchema), id, answer));
  }

  async function apply(
    change: ChangeRequest,
    isSender: IsSender,
    signal: AbortSignal,
    onTaken?: () => void,
  ): Promise<PartnerState> {
    const id = subscriptionOf(change.target);
    if (change.basedOn === null) throw new BackendError({ reason: 'refused', code: 'PreconditionRequired' });
    const url = `${subscriptionUrl(id)}/partnerOfRecord`;
    const headers = { 'if-match': change.basedOn, 'idempotency-key': change.id };
    const request =
      change.after === null
        ? ({ method: 'DELETE', url } as const)
        : ({ method: 'PUT', url, body: { partnerId: change.after.partnerId } } as const);
    const answer = await sendAsSender({ ...request, headers, onTaken }, isSender, signal);
    if (answer.status === 412) {
      const state = presentState(answer, id) ?? (await read(change.target, signal));
      throw new BackendError(refusal(answer), { state });
    }
    if (!answer.ok) throw failed(answer);
    const state = stateOf(verified(readBody(answer, subscriptionRecordSchema), id, answer));
    if (!showsChange(change, state)) throw unexpected(answer, 'partnerOfRecord');
    return state;
  }

  async function contractVersion(signal: AbortSignal): Promise<number> {
    const url = `${base}/health`;
    const answer = await sendUnsigned({ method: 'GET', url }, signal).catch(async (cause: unknown) => {
      const unanswered = cause instanceof BackendError && cause.failure.reason === 'noAnswer';
      if (!unanswered || !(await isKeptOut(url, ports, signal))) throw cause;
      throw new BackendError({ reason: 'keptOut', detail: { code: 'keptOut', host: new URL(base).host } }, { cause });
    });
    if (!answer.ok) throw failed(answer);
    return readBody(answer, healthSchema).contract;
  }

  async function whoAmI(signal: AbortSignal): Promise<Identity> {
    const [identity] = await get(`${base}/me`, identitySchema, signal);
    return identity;
  }

  async function* test(signal: AbortSignal): AsyncGenerator<TestStep> {
    let step: TestStep['step'] = 'reachable';
    try {
      const version = await contractVersion(signal);
      yield { step, ok: true };
      step = 'contract';
      if (version !== CONTRACT_VERSION) {
        const detail = { code: 'otherVersion', version, own: CONTRACT_VERSION } as const;
        yield { step, ok: false, failure: { reason: 'wrongContract', detail } };
        return;
      }
      yield { step, ok: true, version };
      step = 'signedIn';
      const { name, organization } = await whoAmI(signal);
      yield { step, ok: true, name, organization };
    } catch (cause) {
      yield { step, ok: false, failure: failureOf(cause) };
    }
  }

  function subscriptionUrl(id: SubscriptionId): string {
    return `${base}/subscriptions/${encodeURIComponent(id)}`;
  }

  return {
    can: CAN,
    lane: () => connection.id,
    test,
    read,
    readIfChanged,
    apply,
    whoAmI,
    sender,

    async checkPartner(id, signal) {
      const [{ partnerId, name, location }, answer] = await get(`${base}/partners/${id}`, partnerAnswerSchema, signal);
      if (partnerId !== id) throw unexpected(answer, 'partnerId');
      return { partner: { partnerId, name }, ...(location == null ? {} : { location }) };
    },

    async changes(target, signal) {
      const url = `${subscriptionUrl(subscriptionOf(target))}/changes?pageSize=${CHANGES_SHOWN}`;
      const [{ value, nextLink }] = await get(url, changesSchema, signal);
      return { changes: value, more: nextLink != null };
    },

    async list(next, signal) {
      const url = next ?? `${base}/subscriptions?pageSize=${ROWS_A_PAGE}`;
      if (!isUnder(base, url)) throw new BackendError({ reason: 'unreadable', detail: LINK_UNEXPECTED });
      const [{ value, nextLink }, answer] = await get(url, pageSchema, signal);
      const subscriptions = value.map((record) => ({
        subscriptionId: record.subscriptionId,
        state: stateOf(record),
      }));
      if (nextLink == null) return { subscriptions, next: null };
      if (!isUnder(base, nextLink)) throw unexpected(answer, 'nextLink');
      if (nextLink === url) throw unexpected(answer, 'nextLink');
      return { subscriptions, next: nextLink };
    },
  };
}

const CAN: Capabilities = { check: true, list: true, changeLog: true, mails: true, shares: true, replay: 'key' };

/** The Partner of Record service, spoken to by its contract. */
export const serviceKind: BackendKind = {
  can: CAN,
  signIns: ['none', 'accessToken', 'openIdConnect'],
  steps: ['reachable', 'contract', 'signedIn'],
  create: createService,
};

const LINK_UNEXPECTED = { code: 'fieldUnexpected', field: 'nextLink' } as const;

function unexpected(answer: HttpAnswer, field: string): BackendError {
  return unreadable(answer, { code: 'fieldUnexpected', field });
}

/**
 * A record that an answer holds, once it is known to be of the subscription asked for. Its own etag is what counts: the ETag
 * header is weakened, marked or left out by proxies.
 */
function verified(record: SubscriptionRecord, id: SubscriptionId, answer: HttpAnswer): SubscriptionRecord {
  if (record.subscriptionId !== id) throw unexpected(answer, 'subscriptionId');
  return record;
}

/** The state in a 412; null when it holds no record of this subscription that can be read. */
function presentState(answer: HttpAnswer, id: SubscriptionId): PartnerState | null {
  const parsed = v.safeParse(presentRecordSchema, firstDetail(answer));
  return parsed.success && parsed.output.record.subscriptionId === id ? stateOf(parsed.output.record) : null;
}

/** Whether an absolute address lies under the base, on the same origin and without credentials of its own. */
function isUnder(base: string, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  const { origin, pathname } = new URL(base);
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return url.origin === origin && url.username === '' && url.password === '' && url.pathname.startsWith(folder);
}
