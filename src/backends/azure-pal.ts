import * as v from 'valibot';
import { azureCloudAt } from '../domain/azure-cloud';
import type { Capabilities } from '../domain/capabilities';
import { type ChangeRequest, isBasis, showsChange } from '../domain/change-request';
import type { Connection } from '../domain/connection';
import type { TestStep } from '../domain/connection-test';
import { effectPossible } from '../domain/failure';
import type { PartnerState } from '../domain/partner-state';
import { dateTime, partnerIdSchema } from '../domain/schemas';
import { nameOfPerson } from '../domain/person';
import type { LinkTarget, Target } from '../domain/target';
import { type Backend, BackendError, type BackendKind, type BackendPorts, failureOf, type IsSender } from './backend';
import { readTenants, shownOrNull, tenantIdSchema, tenantsUrl } from './azure-directory';
import { failed, type HttpAnswer, readBody, refusal, unreadable } from './http';
import { createRequests, type UnsignedRequest } from './requests';

const PARTNERS = '/providers/Microsoft.ManagementPartner/partners';
const VERSION = 'api-version=2018-02-01';
/** `state` of a link that was removed: Azure keeps its beginning and its version. */
const DELETED = /^deleted$/i;

/** A number that some answers write as a text. */
const numberText = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
/** It grows by one with every write; what is none tells nothing apart. */
const versionOrNull = v.nullish(v.fallback(v.nullable(v.pipe(numberText, v.regex(/^\d{1,15}$/))), null), null);
const timeOrNull = v.nullish(v.fallback(v.nullable(dateTime), null), null);

/** A link as Azure shows it. Its own examples disagree on whether numbers are texts; older answers have no name (2018-02-01). */
const linkSchema = v.object({
  etag: versionOrNull,
  properties: v.object({
    // One that was removed may name nobody any more.
    partnerId: v.nullish(v.fallback(v.nullable(v.pipe(numberText, partnerIdSchema)), null), null),
    partnerName: shownOrNull,
    tenantId: v.nullish(tenantIdSchema, null),
    version: versionOrNull,
    updatedTime: timeOrNull,
    createdTime: timeOrNull,
    state: shownOrNull,
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
  /** The lanes whose last answer said that no more of its kind is taken. */
  const spent = new Set<string>();

  function linkTarget(target: Target): LinkTarget {
    if (target.connectionId !== connection.id) throw new BackendError({ reason: 'connectionChanged' });
    if (target.kind !== 'signIn') throw new BackendError({ reason: 'refused', code: 'TargetNotSupported' });
    return target;
  }

  function lane(target: Target): string {
    return target.kind === 'signIn' ? JSON.stringify([target.user, target.tenant]) : connection.id;
  }

  function requestsOf({ tenant, user }: LinkTarget) {
    return createRequests(connection, ports, null, { tenant, user });
  }

  /** Notes of each answer whether more may follow it in its lane. */
  async function noted(link: LinkTarget, sending: Promise<HttpAnswer>): Promise<HttpAnswer> {
    // What gets no answer is told nothing.
    spent.delete(lane(link));
    const answer = await sending;
    if (answer.left === 0) spent.add(lane(link));
    return answer;
  }

  async function read(target: Target, signal: AbortSignal): Promise<PartnerState> {
    const link = linkTarget(target);
    const answer = await noted(link, requestsOf(link).send({ method: 'GET', url: `${base}?${VERSION}` }, signal));
    if (saysNoLink(answer)) return NO_LINK;
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
    mustBeBasis(change, present);
    const request = { ...writeOf(change, present), onTaken };
    // Nothing is written without a look right before it, also where the write was refused for its token.
    const lookAgain = async () => mustBeBasis(change, await read(link, signal).catch(beforeWriting));
    let answer: HttpAnswer;
    try {
      answer = await noted(link, requestsOf(link).sendAsSender(request, isSender, signal, lookAgain));
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

  /** What a write led to, by its own answer. */
  async function written(
    change: ChangeRequest,
    answer: HttpAnswer,
    link: LinkTarget,
    signal: AbortSignal,
  ): Promise<PartnerState> {
    try {
      const state = change.after === null ? afterRemoval(answer, link) : stateIn(answer, link);
      if (showsChange(change, state)) return state;
      throw unreadable(answer, { code: 'fieldUnexpected', field: 'properties.partnerId' });
    } catch (cause) {
      if (!(cause instanceof BackendError)) throw cause;
      return decide(change, cause, signal);
    }
  }

  /**
   * After an answer that is not what was asked for, or none: what is there now says whether the write took effect.
   * @param told why it is not known yet
   */
  async function decide(change: ChangeRequest, told: BackendError, signal: AbortSignal): Promise<PartnerState> {
    const present = await read(change.target, signal).catch((cause: unknown) => {
      throw cause instanceof BackendError ? undecided(told, cause) : cause;
    });
    if (showsChange(change, present)) return present;
    // Who holds it after a lost answer may have come before the write or behind it.
    if (isBasis(change, present) || effectPossible(told.failure)) throw told;
    throw new BackendError(told.failure, { state: present, cause: told });
  }

  async function* test(signal: AbortSignal): AsyncGenerator<TestStep> {
    let step: TestStep['step'] = 'reachable';
    const requests = createRequests(connection, ports, null);
    try {
      // Without a sign-in it refuses, and so tells that it is there.
      const answer = await requests.sendUnsigned({ method: 'GET', url: tenantsUrl(connection.address) }, signal);
      if (!answer.ok && (answer.status !== 401 || answer.instead === 'webPage')) throw failed(answer);
      yield { step, ok: true };
      step = 'signedIn';
      const person = await requests.sender();
      const tenants = await readTenants(connection.address, requests, signal);
      // The token is of the account's own tenant, which its ID ends with.
      const home = tenants.find(({ id }) => person.kind === 'openIdConnect' && person.sub.endsWith(`.${id}`));
      yield { step, ok: true, name: nameOfPerson(person) ?? '', organization: home?.name ?? home?.domain ?? '' };
    } catch (cause) {
      yield { step, ok: false, failure: failureOf(cause) };
    }
  }

  return {
    can: CAN,
    lane,
    isSpent: (target) => spent.has(lane(target)),
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

/**
 * Azure answers 404 where an account has no link, and also where a cloud does not have the interface at all (`InvalidResourceNamespace`
 * and its like): that says nothing of a link. Nor does what somebody between here and there says in words that are not Azure's; a 404
 * without any words is Azure's where it names the request.
 */
function saysNoLink(answer: HttpAnswer): boolean {
  if (answer.status !== 404) return false;
  const { code } = refusal(answer);
  return code === undefined ? answer.instead !== 'webPage' && answer.requestId !== null : /NotFound$/i.test(code);
}

/** Its version grows by one with every write, whoever wrote: by it a change made elsewhere is known. It can't be sent. */
function stateIn(answer: HttpAnswer, { tenant }: LinkTarget): PartnerState {
  const { etag, properties } = readBody(answer, linkSchema);
  const { partnerId, partnerName, tenantId, version, updatedTime, createdTime, state } = properties;
  if (tenantId !== null && tenantId !== tenant) {
    throw unreadable(answer, { code: 'fieldUnexpected', field: 'properties.tenantId' });
  }
  if (state !== null && DELETED.test(state)) return NO_LINK;
  if (partnerId === null) throw unreadable(answer, { code: 'fieldUnreadable', field: 'properties.partnerId' });
  return {
    ...NO_LINK,
    partnerOfRecord: {
      partnerId,
      name: partnerName,
      assignedAt: updatedTime ?? createdTime,
      assignedBy: null,
      ...(state !== null && { state }),
    },
    version: etag ?? version,
  };
}

/** Azure answers a removal with nothing. What says more, as a page for people or a link does, has to say that it is gone. */
function afterRemoval(answer: HttpAnswer, link: LinkTarget): PartnerState {
  return answer.instead === 'notJson' ? NO_LINK : stateIn(answer, link);
}

/** @throws {BackendError} with what is there, where somebody else changed it */
function mustBeBasis(change: ChangeRequest, present: PartnerState): void {
  if (!isBasis(change, present))
    throw new BackendError({ reason: 'refused', code: 'ChangedElsewhere' }, { state: present });
}

/** The write has not left: whatever kept the read from its answer, the change had no effect. A refusal of the read is one of the change. */
function beforeWriting(cause: unknown): never {
  if (!(cause instanceof BackendError) || cause.failure.reason === 'refused') throw cause;
  throw new BackendError({ ...cause.failure, unsent: true }, { cause, retryAfterMs: cause.retryAfterMs });
}

/**
 * Why it is not known whether a write took effect: what was told of it does not say, and the read behind it did not either. A refusal
 * that nobody could look behind is no end: the browser may have sent the write twice, and the refusal be of the second.
 */
function undecided(told: BackendError, read: BackendError): BackendError {
  const retryAfterMs = Math.max(told.retryAfterMs ?? 0, read.retryAfterMs ?? 0) || null;
  const isEnd = !effectPossible(told.failure) && read.failure.reason !== 'refused';
  return new BackendError(isEnd ? { reason: 'noAnswer' } : told.failure, { cause: read, retryAfterMs });
}
