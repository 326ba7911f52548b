import type { Person } from '../../../../src/domain/person';
import type { SubscriptionId, SubscriptionRecord } from '../../../../src/domain/subscription';
import { fingerprintOf } from '../../../../src/storage/secrets';
import { attached, OLD, partner } from '../../../support/partners';
import { aRecord } from '../../../support/records';
import { subscriptionId } from '../../../support/targets';

/** A write as it reached a service. */
export interface Write {
  /** The Service URL that it came to. */
  readonly serviceUrl: string;
  /** Its `Idempotency-Key`, which is the change's id. */
  readonly key: string;
  /** Null: it came without one. */
  readonly token: string | null;
  /** Whose the token is; null where there was none, or nobody's. */
  readonly person: Person | null;
}

/** What becomes of the requests of one kind: `lost` ends without an answer, of a write after its effect. */
export type Mood = 'fine' | 'away' | 'unreadable' | 'lost' | 'refused';

export interface RecordingService {
  readonly writes: Write[];
  /** The keys of the writes that took effect, in their order. */
  readonly effects: string[];
  /** How often it told whose a token is, by the token. */
  readonly asked: Map<string, number>;
  moods: { me: Mood; write: Mood; read: Mood };
  /** Gives everybody another `principalId` than before. */
  renames: boolean;
  /** What happens once while the next write is on the wire. */
  meanwhile: (() => Promise<void>) | null;
  /** The tokens that it does not take any more. */
  readonly expired: Set<string>;
  /** Whose a token is, as a change knows persons. */
  personOf(token: string | null, serviceUrl: string): Person | null;
  /** Whom a fingerprint stands for, of the tokens there are. */
  ownerOf(fingerprint: string, serviceUrl: string): Promise<Person | null>;
  answer(url: URL, init: RequestInit): Promise<Response>;
}

/** Every pasted token there is says in its name whose it is; for the extension it is a text like any other. */
export const pasted = (owner: string, number: number): string => `pasted-${owner}-${number}`;
const PASTED = /^pasted-(\w+)-\d$/;

/**
 * A service in memory that keeps to the contract, at every address that is given, and notes each write with its token.
 * @param tokens the pasted ones there are
 * @param issuer of the access tokens that an identity provider gave
 */
export function createRecordingService(
  addresses: readonly string[],
  issuer: string,
  tokens: readonly string[],
): RecordingService {
  const kept = new Map<string, Response>();
  const records = new Map<string, SubscriptionRecord>();

  function personOf(token: string | null, serviceUrl: string): Person | null {
    if (token === null) return null;
    const owner = PASTED.exec(token)?.[1];
    if (owner !== undefined)
      return { kind: 'principal', issuer: serviceUrl, principalId: owner, name: `${owner}’s name` };
    const sub: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')).sub;
    return { kind: 'openIdConnect', issuer, sub: String(sub), name: null };
  }

  const refusal = (status: number, code: string, details: object[] = []) =>
    Response.json({ error: { code, message: code, details } }, { status, headers: { 'x-request-id': 'r1' } });
  const shown = (one: SubscriptionRecord) => Response.json(one, { headers: { etag: one.etag } });

  function inMood(mood: Mood, answer: () => Response): Response {
    switch (mood) {
      case 'fine':
        return answer();
      case 'away':
        return refusal(503, 'Unavailable');
      case 'unreadable':
        return new Response('<html>A proxy’s page</html>', { headers: { 'content-type': 'text/html' } });
      case 'refused':
        return refusal(401, 'NotSignedIn');
      case 'lost':
        answer();
        throw new TypeError('Failed to fetch');
    }
  }

  const recordOf = (serviceUrl: string, id: SubscriptionId): SubscriptionRecord =>
    records.get(serviceUrl + id) ?? aRecord({ subscriptionId: id, partnerOfRecord: attached(OLD) });

  function write(serviceUrl: string, path: string, init: RequestInit, caller: string): Response {
    const headers = new Headers(init.headers);
    const key = `${serviceUrl} ${caller} ${headers.get('idempotency-key')}`;
    const first = kept.get(key);
    if (first !== undefined) return first.clone();
    const id = subscriptionId(decodeURIComponent(path.split('/')[2] ?? ''));
    const present = recordOf(serviceUrl, id);
    if (headers.get('if-match') !== present.etag) return refusal(412, 'PreconditionFailed', [{ record: present }]);
    const wanted = init.method === 'DELETE' ? null : JSON.parse(String(init.body)).partnerId;
    const partnerOfRecord = wanted === null ? null : attached(partner(wanted));
    const etag = `"${Number(present.etag.slice(1, -1)) + 1}"`;
    const written = aRecord({ subscriptionId: id, partnerOfRecord, etag });
    records.set(serviceUrl + id, written);
    service.effects.push(headers.get('idempotency-key') ?? '');
    const answer = shown(written);
    kept.set(key, answer.clone());
    return answer;
  }

  const service: RecordingService = {
    writes: [],
    effects: [],
    asked: new Map(),
    moods: { me: 'fine', write: 'fine', read: 'fine' },
    renames: false,
    meanwhile: null,
    expired: new Set(),
    personOf,

    async ownerOf(fingerprint, serviceUrl) {
      for (const token of tokens) {
        if ((await fingerprintOf(token)) === fingerprint) return personOf(token, serviceUrl);
      }
      return null;
    },

    async answer(url, init) {
      const serviceUrl = addresses.find((address) => url.href.startsWith(`${address}/`));
      if (serviceUrl === undefined) return refusal(404, 'NotFound');
      const path = url.href.slice(serviceUrl.length).split('?')[0] ?? '';
      const headers = new Headers(init.headers);
      const token = headers.get('authorization')?.replace(/^Bearer /, '') ?? null;
      const isWrite = init.method === 'PUT' || init.method === 'DELETE';
      if (isWrite) {
        const person = personOf(token, serviceUrl);
        service.writes.push({ serviceUrl, key: headers.get('idempotency-key') ?? '', token, person });
        const { meanwhile } = service;
        service.meanwhile = null;
        await meanwhile?.();
      }
      const isSignedOut = token !== null && service.expired.has(token);
      if (isSignedOut) return refusal(401, 'NotSignedIn');
      if (path === '/health') return Response.json({ status: 'ok', contract: 1 });
      if (path === '/me') {
        if (token !== null) service.asked.set(token, (service.asked.get(token) ?? 0) + 1);
        const principalId = PASTED.exec(token ?? '')?.[1] ?? 'nobody';
        const renamed = service.renames ? `${principalId}-renamed` : principalId;
        const me = { name: `${principalId}’s name`, principalId: renamed, organization: 'Contoso' };
        return inMood(service.moods.me, () => Response.json(me));
      }
      if (path.startsWith('/partners/')) {
        const partnerId = path.split('/')[2] ?? '';
        return Response.json({ partnerId, name: `Partner ${partnerId}` });
      }
      if (isWrite) return inMood(service.moods.write, () => write(serviceUrl, path, init, token ?? ''));
      const id = subscriptionId(decodeURIComponent(path.split('/')[2] ?? ''));
      return inMood(service.moods.read, () => shown(recordOf(serviceUrl, id)));
    },
  };
  return service;
}
