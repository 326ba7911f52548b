import * as v from 'valibot';
import { azureCloudAt } from '../domain/azure-cloud';
import type { Capabilities } from '../domain/capabilities';
import { type ChangeRequest, isBasis, showsChange } from '../domain/change-request';
import type { Connection } from '../domain/connection';
import type { TestStep } from '../domain/connection-test';
import { effectPossible } from '../domain/failure';
import type { PartnerState } from '../domain/partner-state';
import { dateTime, partnerIdSchema } from '../domain/schemas';
import { nameIn } from '../domain/subscription';
import type { LinkTarget, Target } from '../domain/target';
import { type Backend, BackendError, type BackendKind, type BackendPorts, failureOf, type IsSender } from './backend';
import { readTenants } from './azure-directory';
import { failed, type HttpAnswer, readBody, unreadable } from './http';
import { createRequests, type UnsignedRequest } from './requests';

const PARTNERS = '/providers/Microsoft.ManagementPartner/partners';
const VERSION = 'api-version=2018-02-01';
/** `state` of a link that was removed: Azure keeps its beginning and its version. */
const DELETED = /^deleted$/i;

/** A number that some answers write as a text. */
const numberText = v.pipe(v.union([v.string(), v.number()]), v.transform(String));

/** A link as Azure shows it. Its own examples disagree on whether numbers are texts; older answers have no name (2018-02-01). */
const linkSchema = v.object({
  etag: v.optional(v.fallback(v.nullable(numberText), null), null),
  properties: v.object({
    partnerId: v.pipe(numberText, partnerIdSchema),
    partnerName: v.optional(v.fallback(v.nullable(v.string()), null), null),
    tenantId: v.optional(v.nullable(v.pipe(v.string(), v.toLowerCase())), null),
    version: v.optional(v.fallback(v.nullable(numberText), null), null),
    updatedTime: v.optional(v.fallback(v.nullable(dateTime), null), null),
    createdTime: v.optional(v.fallback(v.nullable(dateTime), null), null),
    state: v.optional(v.fallback(v.nullable(v.string()), null), null),
  }),
});

/**
 * Azure's Partner Admin Link behind one connection: one partner for each account in each tenant. It takes no version and keeps no
 * keys, so each change reads what is there, decides, and writes once; what was not answered with 200 is decided by what is there then.
 * Rules from the interface description of Microsoft.ManagementPartner 2018-02-01, and from what public clients report of it.
 */
export function createAzurePal(connection: Connection, ports: BackendPorts): Backend | null {
  if (azureCloudAt(connection.address) === null) return null;
  const base = `${connection.address}${PARTNERS}`;
  let spent = false;

  function linkTarget(target: Target): LinkTarget {
    if (target.connectionId !== connection.id) throw new BackendError({ reason: 'connectionChanged' });
    if (target.kind !== 'signIn') throw new BackendError({ reason: 'refused', code: 'TargetNotSupported' });
    return target;
  }

  function requestsOf({ tenant, user }: LinkTarget) {
    return createRequests(connection, ports, null, { tenant, user });
  }

  /** Notes of each answer whether more may follow it. */
  async function noted(sending: Promise<HttpAnswer>): Promise<HttpAnswer> {
    const answer = await sending;
    spent = answer.left === 0;
    return answer;
  }

  async function read(target: Target, signal: AbortSignal): Promise<PartnerState> {
    const link = linkTarget(target);
    const answer = await noted(requestsOf(link).send({ method: 'GET', url: `${base}?${VERSION}` }, signal));
    if (answer.status === 404) return NO_LINK;
    if (!answer.ok) throw failed(answer);
    return stateIn(answer, link);
  }

  async function apply(
    change: ChangeRequest,
    isSender: IsSender,
    signal: AbortSignal,
    onTaken?: () => void,
  ): Promise<PartnerState> {
    const link = linkTarget(change.target);
    const present = await read(link, signal).catch(beforeWriting);
    if (showsChange(change, present)) return present;
    if (!isBasis(change, present))
      throw new BackendError({ reason: 'refused', code: 'ChangedElsewhere' }, { state: present });
    const request = { ...writeOf(change, present), onTaken };
    let answer: HttpAnswer;
    try {
      answer = await noted(requestsOf(link).sendAsSender(request, isSender, signal));
    } catch (cause) {
      if (!(cause instanceof BackendError) || !effectPossible(cause.failure)) throw cause;
      return decide(change, cause, signal);
    }
    if (answer.ok) return written(change, answer, link, signal);
    // These say that nothing was done, and the next request would be answered alike.
    if (answer.status === 401 || answer.status === 429) throw failed(answer);
    return decide(change, failed(answer), signal);
  }

  function writeOf({ after }: ChangeRequest, { partnerOfRecord }: PartnerState): UnsignedRequest {
    const urlOf = (partnerId: string) => `${base}/${partnerId}?${VERSION}`;
    if (after !== null) {
      const { partnerId } = after;
      // One that is there is changed and one that is not is made: the other way is refused. Proxies want a body's length.
      return { method: partnerOfRecord === null ? 'PUT' : 'PATCH', url: urlOf(partnerId), body: { partnerId } };
    }
    if (partnerOfRecord === null) throw new Error('A link that is not there shows its removal');
    return { method: 'DELETE', url: urlOf(partnerOfRecord.partnerId) };
  }

  /** What a write led to, by its own answer. A removal's answer is empty. */
  async function written(
    change: ChangeRequest,
    answer: HttpAnswer,
    link: LinkTarget,
    signal: AbortSignal,
  ): Promise<PartnerState> {
    if (change.after === null) return NO_LINK;
    try {
      const state = stateIn(answer, link);
      if (showsChange(change, state)) return state;
    } catch (cause) {
      return decide(change, cause, signal);
    }
    return decide(change, unreadable(answer, { code: 'fieldUnexpected', field: 'properties.partnerId' }), signal);
  }

  /** After an answer that is not what was asked for: what is there now says whether the write took effect. */
  async function decide(change: ChangeRequest, cause: unknown, signal: AbortSignal): Promise<PartnerState> {
    const present = await read(change.target, signal).catch(() => {
      signal.throwIfAborted();
      throw cause;
    });
    if (showsChange(change, present)) return present;
    if (!(cause instanceof BackendError) || isBasis(change, present)) throw cause;
    throw new BackendError(cause.failure, { state: present, cause });
  }

  async function* test(signal: AbortSignal): AsyncGenerator<TestStep> {
    let step: TestStep['step'] = 'reachable';
    const requests = createRequests(connection, ports, null);
    try {
      // Without a sign-in it refuses, and so tells that it is there.
      const answer = await requests.sendUnsigned(
        { method: 'GET', url: `${connection.address}/tenants?api-version=2022-12-01` },
        signal,
      );
      if (!answer.ok && answer.status !== 401) throw failed(answer);
      yield { step, ok: true };
      step = 'signedIn';
      const person = await requests.sender();
      const [home] = await readTenants(connection.address, requests, signal);
      yield { step, ok: true, name: 'name' in person ? (person.name ?? '') : '', organization: home?.name ?? '' };
    } catch (cause) {
      yield { step, ok: false, failure: failureOf(cause) };
    }
  }

  return {
    can: CAN,
    lane: (target) => (target.kind === 'signIn' ? JSON.stringify([target.user, target.tenant]) : connection.id),
    isSpent: () => spent,
    test,
    read,
    apply,
    sender: () => createRequests(connection, ports, null).sender(),
  };
}

const CAN: Capabilities = {
  check: false,
  list: false,
  changeLog: false,
  mails: false,
  shares: false,
  replay: 'readFirst',
};

/** Azure Partner Admin Link, in any of Azure's clouds. */
export const azurePalKind: BackendKind = {
  can: CAN,
  signIns: ['entra'],
  steps: ['reachable', 'signedIn'],
  create: createAzurePal,
};

const NO_LINK: PartnerState = {
  partnerOfRecord: null,
  version: null,
  // A link is its account's own.
  rights: { mayChange: true, role: null, reason: null },
  subscription: null,
};

/** Its version grows by one with every write, whoever wrote: by it a change made elsewhere is known. It can't be sent. */
function stateIn(answer: HttpAnswer, { tenant }: LinkTarget): PartnerState {
  const { etag, properties } = readBody(answer, linkSchema);
  const { partnerId, partnerName, tenantId, version, updatedTime, createdTime, state } = properties;
  if (tenantId !== null && tenantId !== tenant) {
    throw unreadable(answer, { code: 'fieldUnexpected', field: 'properties.tenantId' });
  }
  if (state !== null && DELETED.test(state)) return NO_LINK;
  const assignedAt = updatedTime ?? createdTime;
  return {
    ...NO_LINK,
    partnerOfRecord: {
      partnerId,
      name: nameIn(partnerName),
      assignedAt,
      assignedBy: null,
      ...(state !== null && { state }),
    },
    version: etag ?? version,
  };
}

/** The write has not left: whatever kept the read from its answer, the change had no effect. A refusal of the read is one of the change. */
function beforeWriting(cause: unknown): never {
  if (!(cause instanceof BackendError) || cause.failure.reason === 'refused') throw cause;
  throw new BackendError({ ...cause.failure, unsent: true }, { cause, retryAfterMs: cause.retryAfterMs });
}
