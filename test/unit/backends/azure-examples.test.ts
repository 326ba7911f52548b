import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import description from '../../azure/examples/ManagementPartner.json';
import deleted from '../../azure/examples/DeletePartnerDetails.json';
import operations from '../../azure/examples/GetOperations.json';
import ofPartner from '../../azure/examples/GetPartnerDetails.json';
import own from '../../azure/examples/GetPartnerDetailsNoPartnerId.json';
import patched from '../../azure/examples/PatchPartnerDetails.json';
import put from '../../azure/examples/PutPartnerDetails.json';
import type { IsSender } from '../../../src/backends/backend';
import { createAzurePal } from '../../../src/backends/azure-pal';
import type { Partner } from '../../../src/domain/partner';
import { aRequest } from '../../support/changes';
import { OLD, partner } from '../../support/partners';
import { sentTo, signInAt, startAzure } from './azure-world';

const signal = new AbortController().signal;
const EXAMPLE = partner('123456');
/** The link that the examples are of. */
const TENANT = '1b1121dd-6900-412a-af73-e8d44f81e1c1';
const OBJECT_ID = 'aa67f786-0552-423e-8849-244ed12bf581';
const LINKED = {
  partnerOfRecord: {
    partnerId: '123456',
    name: 'Test_jefl',
    assignedAt: '2018-01-20T01:52:57.9126052Z',
    assignedBy: null,
    state: 'Active',
  },
  version: '3',
};

const anybody: IsSender = async () => true;

/** A backend that gets these answers, one after another, in the tenant of the examples. */
async function answered(...bodies: readonly (unknown | 404)[]) {
  const { connection, ports, endpoints } = await startAzure();
  const user = `${OBJECT_ID}.${TENANT}`;
  const sent: string[] = [];
  const backend = createAzurePal(connection, {
    ...ports,
    credential: async () => ({
      token: 'example',
      person: { kind: 'openIdConnect', issuer: endpoints.signIn, sub: user, name: null },
      directoryUser: { tenantId: TENANT, objectId: OBJECT_ID },
    }),
    fetch: async (url, init) => {
      const body = bodies[sent.length];
      sent.push(`${init?.method} ${new URL(String(url)).pathname}`);
      if (body === 404) return Response.json({ error: { code: 'NotFound', message: 'None' } }, { status: 404 });
      return new Response(body === '' ? '' : JSON.stringify(body));
    },
  });
  if (backend === null) throw new Error('The address is one of Azure’s');
  const target = { kind: 'signIn', connectionId: connection.id, tenant: TENANT, user } as const;
  const change = (kind: 'assign' | 'change' | 'remove', before: Partner | null, after: Partner | null) =>
    backend.apply(
      aRequest({ target, kind, before, after, basedOn: before && '3', replay: 'readFirst' }),
      anybody,
      signal,
    );
  return { sent, read: () => backend.read(target, signal), change };
}

test('Azure’s example of the own link is read', async () => {
  const { read } = await answered(own.responses['200'].body);
  expect(await read()).toMatchObject(LINKED);
});

test('Azure’s example of a link without a name, whose version is a text, is read', async () => {
  const { read } = await answered(ofPartner.responses['200'].body);
  expect(await read()).toMatchObject({ version: '3', partnerOfRecord: { ...LINKED.partnerOfRecord, name: null } });
});

test('Azure’s example of a new link is read as its answer', async () => {
  const { change, sent } = await answered(404, put.responses['200'].body);
  expect(await change('assign', null, EXAMPLE)).toMatchObject(LINKED);
  expect(sent).toEqual([`GET ${PARTNERS}`, `PUT ${PARTNERS}/${put.parameters.partnerId}`]);
});

test('Azure’s example of a changed link is read as its answer', async () => {
  const present = { ...own.responses['200'].body, etag: 3 };
  const before = { ...present, properties: { ...present.properties, partnerId: OLD.partnerId } };
  const { change, sent } = await answered(before, patched.responses['200'].body);
  expect(await change('change', OLD, EXAMPLE)).toMatchObject(LINKED);
  expect(sent.at(-1)).toBe(`PATCH ${PARTNERS}/${patched.parameters.partnerId}`);
});

test('Azure’s example of a removal is read as its answer', async () => {
  const { change, sent } = await answered(own.responses['200'].body, deleted.responses['200'].body);
  expect((await change('remove', EXAMPLE, null)).partnerOfRecord).toBeNull();
  expect(sent.at(-1)).toBe(`DELETE ${PARTNERS}/${deleted.parameters.partnerId}`);
});

const PARTNERS = '/providers/Microsoft.ManagementPartner/partners';

/** What each method of a link is called among the provider's operations. */
const ACTIONS = { GET: 'read', PUT: 'write', PATCH: 'action', DELETE: 'delete' } as const;

test('what is sent for links are the operations that the provider has, at paths that its description names', async () => {
  const azure = await startAzure();
  const of = signInAt(azure.directory);
  const target = { kind: 'signIn', connectionId: azure.connection.id, ...of } as const;
  for (const after of [OLD, EXAMPLE, null]) {
    const { partnerOfRecord, version } = await azure.backend.read(target, signal);
    const request = aRequest({ target, before: partnerOfRecord, after, basedOn: version, replay: 'readFirst' });
    await azure.backend.apply(request, anybody, signal);
    azure.server.nextChange(of);
  }
  const methods = new Set(azure.server.requests.map(({ method }) => method));
  const called = Object.entries(ACTIONS).flatMap(([method, action]) => (methods.has(method) ? action : []));
  const actions = operations.responses['200'].body.value.map(({ name }) => name.replace(/^.*\//, ''));
  expect(called.toSorted()).toEqual(actions.toSorted());

  const described = new Map(Object.entries<Record<string, unknown>>(description.paths));
  for (const sent of new Set(sentTo(azure.server).map((line) => line.replace(/\/\d+$/, '/{partnerId}')))) {
    const [method = '', path = ''] = sent.split(' ');
    const operation = described.get(`/providers/Microsoft.ManagementPartner${path}`);
    expect(operation?.[method.toLowerCase()], sent).toBeDefined();
  }
  for (const { query } of azure.server.requests) expect(query).toBe(`?api-version=${description.info.version}`);
});

test('no example is left unread', () => {
  const folder = new URL('../../azure/examples/', import.meta.url);
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  for (const name of readdirSync(folder)) if (name !== 'SOURCE.md') expect(source).toContain(`/${name}'`);
});
