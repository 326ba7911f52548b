import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import {
  type Answer,
  must,
  mustEqual,
  mustNameEtag,
  mustRefuse,
  NotChecked,
  pageOf,
  partnerSchema,
  read,
  recordOf,
  recordSchema,
} from './client';
import type { ChangeWish, Ground } from './ground';

/** One promise of the contract, and how it is put to the test: the check throws when it does not hold. */
export interface Line {
  readonly says: string;
  readonly check: (ground: Ground) => Promise<void>;
}

const AT_ONCE = 10;
const WRONG_TOKEN = 'not-a-token-of-anyone';
const NOT_PARTNER_IDS = ['1234', '12345678901', 'fabrikam', '5f0d3c1e-2b4a-4c6d-8e9f-0a1b2c3d4e5f'];
const NOT_PAGE_SIZES = ['0', '201', '-1', '1.5', 'ten'];
const NOT_KEYS = [null, 'key', '123'];
/** Rule 7 of the domain: what a partner sees, and no more. */
const PARTNER_VIEW = [
  'associatedAt',
  'customer',
  'displayName',
  'endDate',
  'service',
  'startDate',
  'subscriptionId',
  'usage',
];
const USE = ['amount', 'currency', 'month', 'seats', 'service'];

const changeSchema = v.object({
  changeId: v.string(),
  kind: v.string(),
  before: v.nullable(partnerSchema),
  after: v.nullable(partnerSchema),
  byId: v.optional(v.string()),
  idempotencyKey: v.optional(v.string()),
});
const meSchema = v.object({ principalId: v.pipe(v.string(), v.trim(), v.nonEmpty()) });
const healthSchema = v.object({ status: v.literal('ok'), contract: v.literal(1) });
const viewSchema = v.looseObject({ subscriptionId: v.string(), usage: v.array(v.record(v.string(), v.unknown())) });
const preconditionSchema = v.object({
  error: v.object({ details: v.looseTuple([v.object({ record: recordSchema })]) }),
});

const isOfSchema = (schema: v.GenericSchema, answer: Answer) => v.safeParse(schema, answer.json).success;
const mustBe = (answer: Answer, status: number) =>
  must(answer.status === status, `${answer.what} should be answered ${status}, but is answered ${answer.status}`);
const principalIdOf = (answer: Answer) => {
  mustBe(answer, 200);
  return read(meSchema, answer.json, answer.what).principalId;
};
/** How people write digits where full-width ones are usual. */
const fullWidth = (digits: string) =>
  digits.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));

const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

const everyCall = (partnerId: string, path: string): [string, string][] => [
  ['GET', '/me'],
  ['GET', `/partners/${partnerId}`],
  ['GET', `/partners/${partnerId}/subscriptions`],
  ['GET', '/subscriptions'],
  ['GET', path],
  ['GET', `${path}/changes`],
  ['PUT', `${path}/partnerOfRecord`],
  ['DELETE', `${path}/partnerOfRecord`],
];

async function changesOf({ call, path }: Ground, count: number) {
  return pageOf(await call('GET', `${path}/changes?pageSize=${count}`), changeSchema).rows;
}

/** The latest change's ID; null when there never was one. */
async function latestChange(ground: Ground): Promise<string | null> {
  return (await changesOf(ground, 1))[0]?.changeId ?? null;
}

/** Sends a change that must be refused, as assignment and as removal, each with all that a later check would refuse. */
async function mustBothRefuse(ground: Ground, wish: ChangeWish, status: number, code: string): Promise<void> {
  mustRefuse(await ground.put(ground.unknownPartner, wish), status, code);
  mustRefuse(await ground.remove(wish), status, code);
}

const inGeneral: Line[] = [
  {
    says: 'GET /health answers without sign-in that the service is well and speaks version 1',
    check: async ({ call }) => {
      const answer = await call('GET', '/health', { token: null });
      must(answer.status === 200 && isOfSchema(healthSchema, answer), `it is answered ${answer.status} ${answer.text}`);
    },
  },
  {
    says: 'Every call but /health wants sign-in: 401 SignInRequired with WWW-Authenticate',
    check: async ({ call, first, path }) => {
      for (const [method, address] of everyCall(first.partnerId, path)) {
        for (const token of [null, WRONG_TOKEN]) {
          const answer = await call(method, address, { token });
          mustRefuse(answer, 401, 'SignInRequired');
          must('www-authenticate' in answer.headers, `${answer.what} 401 has no WWW-Authenticate`);
        }
      }
    },
  },
  {
    says: 'An unknown address is 404 NotFound',
    check: async ({ call }) => mustRefuse(await call('GET', '/there-is-no-such-thing'), 404, 'NotFound'),
  },
  {
    says: 'A method that an address does not take is 405 MethodNotAllowed with Allow',
    check: async ({ call, path }) => {
      for (const [method, address] of [
        ['POST', '/me'],
        ['GET', `${path}/partnerOfRecord`],
      ] as const) {
        const answer = await call(method, address);
        mustRefuse(answer, 405, 'MethodNotAllowed');
        must('allow' in answer.headers, `${answer.what} 405 has no Allow`);
      }
    },
  },
];

const callerAndPartners: Line[] = [
  {
    says: "GET /me tells who is signed in, by a principalId that is the same each time and nobody else's",
    check: async ({ call, otherToken, partnerToken }) => {
      const id = principalIdOf(await call('GET', '/me'));
      mustEqual(principalIdOf(await call('GET', '/me')), id, 'the principalId the second time');
      for (const token of [otherToken, partnerToken]) {
        if (token === undefined) continue;
        must(principalIdOf(await call('GET', '/me', { token })) !== id, `another caller has ${id} too`);
      }
    },
  },
  {
    says: 'GET /partners/{partnerId} tells the partner of that ID, spaces around it and full-width digits forgiven',
    check: async ({ call, first }) => {
      for (const written of [first.partnerId, ` ${first.partnerId} `, fullWidth(first.partnerId)]) {
        const answer = await call('GET', `/partners/${encodeURIComponent(written)}`);
        mustBe(answer, 200);
        must(
          isOfSchema(v.object({ partnerId: v.literal(first.partnerId) }), answer),
          `${answer.what} is another partner`,
        );
      }
    },
  },
  {
    says: 'GET /partners/{partnerId} of what is no Partner ID is 400 InvalidPartnerId',
    check: async ({ call }) => {
      for (const id of NOT_PARTNER_IDS) mustRefuse(await call('GET', `/partners/${id}`), 400, 'InvalidPartnerId');
    },
  },
  {
    says: 'GET /partners/{partnerId} of an ID that nobody has is 404 PartnerNotFound',
    check: async ({ call, unknownPartner }) =>
      mustRefuse(await call('GET', `/partners/${unknownPartner}`), 404, 'PartnerNotFound'),
  },
];

const lists: Line[] = [
  {
    says: 'GET /subscriptions has every subscription once, in the same order over pages of any size',
    check: async ({ listed, listAll }) => {
      const ids = listed.map(({ subscriptionId }) => subscriptionId);
      mustEqual(new Set(ids).size, ids.length, 'the number of different subscriptions');
      for (const pageSize of [Math.ceil(ids.length / 4), Math.ceil(ids.length / 3)]) {
        const again = await listAll(`/subscriptions?pageSize=${Math.min(pageSize, 200)}`);
        mustEqual(
          again.map(({ subscriptionId }) => subscriptionId),
          ids,
          `the order in pages of ${pageSize}`,
        );
      }
    },
  },
  {
    says: 'A page has as many rows as pageSize says, 50 when it is not said, and a nextLink when there are more',
    check: async ({ call, listed }) => {
      for (const [query, size] of [
        ['', 50],
        ['?pageSize=1', 1],
        ['?pageSize=200', 200],
      ] as const) {
        const answer = await call('GET', `/subscriptions${query}`);
        const { rows, nextLink } = pageOf(answer, recordSchema);
        mustEqual(rows.length, Math.min(size, listed.length), `the number of rows of ${answer.what}`);
        mustEqual(nextLink !== undefined, listed.length > size, `whether ${answer.what} has a nextLink`);
      }
    },
  },
  {
    says: 'nextLink is absolute, on the origin of the request and under the base',
    check: async ({ call, listed, baseUrl }) => {
      if (listed.length < 2) throw new NotChecked('a second page needs two subscriptions');
      const { nextLink = '' } = pageOf(await call('GET', '/subscriptions?pageSize=1'), recordSchema);
      must(nextLink.startsWith(`${baseUrl}/`), `it is ${nextLink}`);
    },
  },
  {
    says: 'A pageSize out of range is 400 InvalidQuery',
    check: async ({ call, path }) => {
      for (const size of NOT_PAGE_SIZES) {
        for (const list of ['/subscriptions', `${path}/changes`]) {
          mustRefuse(await call('GET', `${list}?pageSize=${size}`), 400, 'InvalidQuery');
        }
      }
    },
  },
  {
    says: 'filter finds text in any letter case in the name or ID of subscription, customer and partner, on every page',
    check: async ({ bringTo, call, first, subject, listAll }) => {
      await bringTo(first.partnerId);
      const texts = [subject.displayName, subject.subscriptionId, subject.customer.name, subject.customer.id];
      for (const text of [...texts, first.name, first.partnerId]) {
        for (const written of [text.toUpperCase(), text.toLowerCase()]) {
          // A letter such as ß has no single upper case: that is another text then.
          if (written.toLowerCase() !== text.toLowerCase()) continue;
          const found = await listAll(`/subscriptions?pageSize=100&filter=${encodeURIComponent(written)}`);
          must(
            found.some(({ subscriptionId }) => subscriptionId === subject.subscriptionId),
            `${JSON.stringify(written)} does not find ${subject.subscriptionId}`,
          );
          for (const { subscriptionId, displayName, customer, partnerOfRecord: partner } of found) {
            const where = [subscriptionId, displayName, customer.id, customer.name, partner?.partnerId, partner?.name];
            must(
              where.some((place) => place?.toLowerCase().includes(text.toLowerCase())),
              `${JSON.stringify(written)} finds ${subscriptionId}, which does not have it`,
            );
          }
        }
      }
      const none = pageOf(await call('GET', `/subscriptions?filter=${randomUUID()}`), recordSchema);
      mustEqual(none.rows.length, 0, 'the number of rows for a text that nothing has');
    },
  },
];

const oneSubscription: Line[] = [
  {
    says: 'GET /subscriptions/{id} is the record that the list has',
    check: async ({ listAll, readRecord, subject }) => {
      const listed = await listAll(`/subscriptions?filter=${encodeURIComponent(subject.subscriptionId)}`);
      mustEqual(
        await readRecord(),
        listed.find(({ subscriptionId }) => subscriptionId === subject.subscriptionId),
        'the record',
      );
    },
  },
  {
    says: 'The etag of the record is strong and in quotes, and the ETag header is the same but for what proxies do to it',
    check: async ({ call, path }) => {
      const answer = await call('GET', path);
      const { etag } = recordOf(answer);
      must(/^"[^"]+"$/.test(etag), `the etag is ${etag}`);
      mustNameEtag(answer, etag);
    },
  },
  {
    says: 'A subscription is found by its ID in any letter case, and answered with the ID in lower case',
    check: async ({ call, subject }) => {
      const id = subject.subscriptionId;
      mustEqual(id, id.toLowerCase(), 'the ID');
      if (id.toUpperCase().toLowerCase() !== id || id.toUpperCase() === id) {
        throw new NotChecked('the ID has no letters with an upper case');
      }
      const answer = await call('GET', `/subscriptions/${encodeURIComponent(id.toUpperCase())}`);
      mustEqual(recordOf(answer).subscriptionId, id, 'the ID of the answer');
    },
  },
  {
    says: 'If-None-Match with the present etag is 304 without a body; with another one it is 200',
    check: async ({ call, path, readRecord }) => {
      const { etag } = await readRecord();
      for (const header of [etag, `"other", ${etag}`, `W/${etag}`]) {
        const same = await call('GET', path, { headers: { 'if-none-match': header } });
        must(same.status === 304, `If-None-Match: ${header} is answered ${same.status}`);
        mustEqual(same.text, '', 'the body of 304');
        mustNameEtag(same, etag);
      }
      mustBe(await call('GET', path, { headers: { 'if-none-match': '"other"' } }), 200);
    },
  },
  {
    says: 'A subscription that is not there is 404 SubscriptionNotFound, its changes too',
    check: async ({ call, unknownSubscription }) => {
      for (const address of ['', '/changes']) {
        const answer = await call('GET', `/subscriptions/${unknownSubscription}${address}`);
        mustRefuse(answer, 404, 'SubscriptionNotFound');
      }
    },
  },
];

const changes: Line[] = [
  {
    says: 'PUT and DELETE assign, change and remove, and answer the record as it then is, with its ETag',
    check: async ({ bringTo, first, put, readRecord, remove, second }) => {
      await bringTo(null);
      for (const [wanted, change] of [
        [first, () => put(first.partnerId)],
        [second, () => put(second.partnerId)],
        [null, () => remove()],
      ] as const) {
        const answer = await change();
        const record = recordOf(answer);
        const { partnerOfRecord: partner } = record;
        mustEqual(
          partner && { partnerId: partner.partnerId, name: partner.name },
          wanted,
          `the partner by ${answer.what}`,
        );
        mustEqual(await readRecord(), record, 'the record read afterwards');
        mustNameEtag(answer, record.etag);
      }
    },
  },
  {
    says: 'Every effect makes a new etag, and none comes back',
    check: async ({ bringTo, first, second }) => {
      const etags: string[] = [];
      for (const partnerId of [null, first.partnerId, second.partnerId, first.partnerId, null]) {
        etags.push((await bringTo(partnerId)).etag);
      }
      mustEqual(new Set(etags).size, etags.length, 'the number of different etags');
    },
  },
  {
    says: 'Every effect is one entry of /changes, newest first, with what was before and after, in pages',
    check: async (ground) => {
      const { bringTo, call, first, path, second } = ground;
      const name = ({ partnerId, name }: { partnerId: string; name: string }) => ({ partnerId, name });
      await bringTo(null);
      for (const partnerId of [first.partnerId, second.partnerId, null]) await bringTo(partnerId);
      const rows = await changesOf(ground, 3);
      mustEqual(
        rows.map(({ kind, before, after }) => ({ kind, before, after })),
        [
          { kind: 'remove', before: name(second), after: null },
          { kind: 'change', before: name(first), after: name(second) },
          { kind: 'assign', before: null, after: name(first) },
        ],
        'the newest three',
      );
      const page = pageOf(await call('GET', `${path}/changes?pageSize=1`), changeSchema);
      must(page.nextLink !== undefined, 'a page of one has no nextLink');
      const next = pageOf(await call('GET', page.nextLink), changeSchema);
      mustEqual([...page.rows, ...next.rows], rows.slice(0, 2), 'the first two, page by page');
    },
  },
  {
    says: 'Assigning the partner already there, or removing where there is none, is 200 and changes nothing',
    check: async (ground) => {
      const { bringTo, first, put, remove } = ground;
      for (const [partnerId, again] of [
        [null, () => remove()],
        [first.partnerId, () => put(first.partnerId)],
      ] as const) {
        const before = await bringTo(partnerId);
        const latest = await latestChange(ground);
        mustEqual(recordOf(await again()), before, 'the record');
        mustEqual(await latestChange(ground), latest, 'the latest change');
      }
    },
  },
  {
    says: 'Fields of the body that are not known are ignored, spaces and full-width digits in partnerId forgiven',
    check: async ({ bringTo, first, put }) => {
      await bringTo(null);
      const body = { partnerId: ` ${fullWidth(first.partnerId)} `, somethingElse: { not: 'known' } };
      const record = recordOf(await put(first.partnerId, { body }));
      mustEqual(record.partnerOfRecord?.partnerId, first.partnerId, 'the Partner ID');
    },
  },
  {
    says: 'Who made a change is told by name and by the principalId of /me: assignedById and byId',
    check: async (ground) => {
      const { bringTo, call, first } = ground;
      const id = principalIdOf(await call('GET', '/me'));
      await bringTo(null);
      const { assignedById } = (await bringTo(first.partnerId)).partnerOfRecord ?? {};
      const [latest] = await changesOf(ground, 1);
      if (assignedById === undefined && latest?.byId === undefined) {
        throw new NotChecked('the backend tells names alone');
      }
      mustEqual([assignedById, latest?.byId], [id, id], 'assignedById and byId');
    },
  },
];

/** Each is sent with all that the checks after it would refuse, so that only the right order gives the right answer. */
const order: Line[] = [
  {
    says: 'Check 1: without sign-in a change is 401, whatever else is wrong',
    check: async ({ put, remove, unknownSubscription: id }) => {
      const wish = { id, token: null, key: 'no key', ifMatch: null };
      mustRefuse(await put('', { ...wish, body: 'no JSON' }), 401, 'SignInRequired');
      mustRefuse(await remove(wish), 401, 'SignInRequired');
    },
  },
  {
    says: 'Check 2: a body that is no JSON with a Partner ID is 400 InvalidBody or InvalidPartnerId',
    check: async ({ put, unknownSubscription: id }) => {
      const wish = { id, key: 'no key', ifMatch: null };
      for (const body of ['no JSON', '[]', '{}', '{"partnerId":7}']) {
        mustRefuse(await put('', { ...wish, body }), 400, 'InvalidBody');
      }
      mustRefuse(await put('12', wish), 400, 'InvalidPartnerId');
    },
  },
  {
    says: 'Check 3: an Idempotency-Key that is missing or no UUID is 400 InvalidIdempotencyKey',
    check: async (ground) => {
      for (const key of NOT_KEYS) {
        const wish = { id: ground.unknownSubscription, key, ifMatch: null };
        await mustBothRefuse(ground, wish, 400, 'InvalidIdempotencyKey');
      }
    },
  },
  {
    says: 'Check 4: a key that another request had an answer with is 422 IdempotencyKeyReused',
    check: async (ground) => {
      const { bringTo, first, put, unknownSubscription: id } = ground;
      await bringTo(null);
      const key = randomUUID();
      recordOf(await put(first.partnerId, { key }));
      await mustBothRefuse(ground, { id, key, ifMatch: null }, 422, 'IdempotencyKeyReused');
    },
  },
  {
    says: 'Check 5: a subscription that is not there is 404 SubscriptionNotFound',
    check: async (ground) =>
      mustBothRefuse(ground, { id: ground.unknownSubscription, ifMatch: null }, 404, 'SubscriptionNotFound'),
  },
  {
    says: 'Check 6: a role that may not change the partner is 403 NotPermitted',
    check: async (ground) => {
      const { readOnly } = ground;
      if (readOnly === undefined)
        throw new NotChecked('the caller may change the partner of every subscription listed');
      await mustBothRefuse(ground, { id: readOnly.subscriptionId, ifMatch: null }, 403, 'NotPermitted');
    },
  },
  {
    says: 'Check 7: a change without If-Match is 428 PreconditionRequired',
    check: async (ground) => mustBothRefuse(ground, { ifMatch: null }, 428, 'PreconditionRequired'),
  },
  {
    says: 'Check 8: an If-Match that does not name the present etag, a weak one or * is 412 PreconditionFailed',
    check: async (ground) => {
      const { etag } = await ground.readRecord();
      for (const ifMatch of ['"other"', `W/${etag}`, '*']) {
        await mustBothRefuse(ground, { ifMatch }, 412, 'PreconditionFailed');
      }
    },
  },
  {
    says: 'Check 9: a partner that nobody is, is 404 PartnerNotFound',
    check: async ({ put, unknownPartner }) => mustRefuse(await put(unknownPartner), 404, 'PartnerNotFound'),
  },
  {
    says: '412 shows the present record in error.details[0].record',
    check: async ({ bringTo, first, put, readRecord }) => {
      const stale = (await bringTo(null)).etag;
      await bringTo(first.partnerId);
      const answer = await put(first.partnerId, { ifMatch: stale });
      mustBe(answer, 412);
      const shown = v.safeParse(preconditionSchema, answer.json);
      must(shown.success, 'there is none');
      mustEqual(shown.output.error.details[0].record, await readRecord(), 'the record shown');
    },
  },
];

const keys: Line[] = [
  {
    says: 'The same request with the same key has its first answer again and no second effect, even after other changes',
    check: async (ground) => {
      const { bringTo, first, put, readRecord, second } = ground;
      const { etag } = await bringTo(null);
      const wish = { key: randomUUID(), ifMatch: etag };
      const answer = await put(first.partnerId, wish);
      mustBe(answer, 200);
      await bringTo(second.partnerId);
      const latest = await latestChange(ground);
      const again = await put(first.partnerId, wish);
      mustBe(again, 200);
      mustEqual(again.json, answer.json, 'the second answer');
      mustNameEtag(again, recordOf(answer).etag);
      mustEqual((await readRecord()).partnerOfRecord?.partnerId, second.partnerId, 'the partner afterwards');
      mustEqual(await latestChange(ground), latest, 'the latest change');
    },
  },
  {
    says: 'A key with another partner, If-Match or method is 422 IdempotencyKeyReused and has no effect',
    check: async ({ bringTo, first, put, readRecord, remove, second }) => {
      const { etag } = await bringTo(null);
      const wish = { key: randomUUID(), ifMatch: etag };
      const record = recordOf(await put(first.partnerId, wish));
      for (const answer of [
        await put(second.partnerId, wish),
        await put(first.partnerId, { ...wish, ifMatch: record.etag }),
        await remove(wish),
      ]) {
        mustRefuse(answer, 422, 'IdempotencyKeyReused');
      }
      mustEqual(await readRecord(), record, 'the record');
    },
  },
  {
    says: 'After a refusal the key is free',
    check: async ({ bringTo, first, put }) => {
      await bringTo(null);
      const key = randomUUID();
      mustBe(await put(first.partnerId, { key, ifMatch: '"other"' }), 412);
      mustBe(await put(first.partnerId, { key }), 200);
    },
  },
  {
    says: `Of ${AT_ONCE} sent at once with one key, one has an effect and all have its answer`,
    check: async (ground) => {
      const { bringTo, first, put } = ground;
      const { etag } = await bringTo(null);
      const latest = await latestChange(ground);
      const key = randomUUID();
      const answers = await times(AT_ONCE, () => put(first.partnerId, { key, ifMatch: etag }));
      for (const answer of answers) mustBe(answer, 200);
      mustEqual(new Set(answers.map(({ text }) => text)).size, 1, 'the number of different answers');
      mustEqual((await changesOf(ground, 2))[1]?.changeId ?? null, latest, 'the change before the latest');
    },
  },
  {
    says: `Of ${AT_ONCE} sent at once and based on one record, one gets through and the others have 412`,
    check: async ({ bringTo, first, put, second }) => {
      const { etag } = await bringTo(null);
      const answers = await times(AT_ONCE, (index) =>
        put((index % 2 === 0 ? first : second).partnerId, { ifMatch: etag }),
      );
      const through = answers.filter(({ status }) => status === 200).length;
      const late = answers.filter(({ status }) => status === 412).length;
      mustEqual({ through, late }, { through: 1, late: AT_ONCE - 1 }, 'how many got through and how many came late');
    },
  },
  {
    says: 'A key belongs to its caller',
    check: async ({ bringTo, first, otherMayChange, otherToken, put, second }) => {
      if (otherToken === undefined || !otherMayChange) {
        throw new NotChecked('it needs a second caller who may change the same partner: --other TOKEN');
      }
      await bringTo(null);
      const key = randomUUID();
      mustBe(await put(first.partnerId, { key }), 200);
      mustBe(await put(second.partnerId, { key, token: otherToken }), 200);
    },
  },
];

const partnersView: Line[] = [
  {
    says: "GET /partners/{partnerId}/subscriptions is 403 NotPermitted to all but the partner's own callers",
    check: async ({ call, first, second, partnerToken }) => {
      for (const { partnerId } of [first, second]) {
        mustRefuse(await call('GET', `/partners/${partnerId}/subscriptions`), 403, 'NotPermitted');
      }
      if (partnerToken === undefined) return;
      const own = await times(2, (index) =>
        call('GET', `/partners/${(index === 0 ? first : second).partnerId}/subscriptions`, { token: partnerToken }),
      );
      must(
        own.some(({ status }) => status === 403),
        "one of a partner's own people sees what another partner does",
      );
    },
  },
  {
    says: 'A partner sees a subscription from the association until its end, and no more of it than it may',
    check: async ({ bringTo, call, first, partnerToken: token, second, subject }) => {
      if (token === undefined) throw new NotChecked("it needs one of a partner's own people: --partner-caller TOKEN");
      const isOwn = async ({ partnerId }: { partnerId: string }) =>
        (await call('GET', `/partners/${partnerId}/subscriptions`, { token })).status === 200;
      const [mine, others] = (await isOwn(first)) ? [first, second] : [second, first];
      if (mine === second && !(await isOwn(second))) {
        throw new NotChecked(
          `the caller of --partner-caller is of neither ${first.partnerId} nor ${second.partnerId}: name theirs with --partner ID`,
        );
      }
      const seen = async () => {
        for (let link: string | undefined = `/partners/${mine.partnerId}/subscriptions?pageSize=200`; link; ) {
          const page: { rows: v.InferOutput<typeof viewSchema>[]; nextLink: string | undefined } = pageOf(
            await call('GET', link, { token }),
            viewSchema,
          );
          const row = page.rows.find(({ subscriptionId }) => subscriptionId === subject.subscriptionId);
          if (row !== undefined) return row;
          link = page.nextLink;
        }
        return null;
      };
      await bringTo(null);
      mustEqual(await seen(), null, 'what is seen before the association');
      await bringTo(mine.partnerId);
      const row = await seen();
      must(row !== null, 'the subscription is not seen while it names the partner');
      mustEqual(Object.keys(row).toSorted(), PARTNER_VIEW, 'what is seen');
      for (const use of row.usage) {
        must(
          Object.keys(use).every((key) => USE.includes(key)),
          `usage has ${Object.keys(use)}`,
        );
      }
      await bringTo(others.partnerId);
      mustEqual(await seen(), null, 'what is seen after the association');
    },
  },
];

/** The lines in the order they are checked; the general ones, about all answers alike, come after them. */
export const LINES: readonly Line[] = [
  ...inGeneral,
  ...callerAndPartners,
  ...lists,
  ...oneSubscription,
  ...changes,
  ...order,
  ...keys,
  ...partnersView,
];
