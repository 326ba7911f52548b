import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CALLER_ROLES } from '../../src/domain/rights';
import { CLOUD_SERVICES } from '../../src/domain/cloud-service';
import { deferred } from '../support/deferred';
import { within } from '../within';
import { copyMadeDatabase } from './support/made-database';
import { startPartnerCenter } from './support/partner-center';
import { buildCommand, killAll, type Running, start } from './support/process';

interface DemoTokens {
  readonly baseUrl: string;
  readonly callers: { readonly principalId: string; readonly name: string; readonly token: string }[];
}

interface DemoRecord {
  readonly subscriptionId: string;
  readonly etag: string;
  readonly service: string;
  readonly customer: { readonly id: string };
  readonly caller: { readonly role: string; readonly canChangePartner: boolean };
  readonly partnerOfRecord: { readonly name: string } | null;
}

const TOKEN = /por_[\w-]{43}/g;

// Each start opens a database, and a first start makes one: seconds each on a busy machine.
describe('the service as a command', () => {
  let main: string;
  let disposeBuild: () => Promise<void>;
  let folder: string;
  const running: Running[] = [];

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
    folder = await mkdtemp(path.join(tmpdir(), 'por-data-'));
    // The first start is the one to make a database.
    for (const name of ['demo', 'own']) await copyMadeDatabase(path.join(folder, name), 'tables');
  });
  afterAll(async () => {
    await killAll(running);
    await disposeBuild();
    await rm(folder, { recursive: true, force: true });
  });

  function run(args: readonly string[], env: Record<string, string> = {}): Running {
    const process = start(main, args, { DATA_DIR: path.join(folder, 'demo'), ...env });
    running.push(process);
    return process;
  }

  async function stop({ child, ended }: Running): Promise<number | null> {
    child.kill('SIGTERM');
    return ended;
  }

  async function get(url: string, token: string) {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, body: await answer.json() };
  }

  async function all(baseUrl: string, token: string): Promise<DemoRecord[]> {
    const records: DemoRecord[] = [];
    for (let link = `${baseUrl}/subscriptions`; link !== ''; ) {
      const { body } = await get(link, token);
      records.push(...body.value);
      link = body.nextLink ?? '';
    }
    return records;
  }

  async function demoWithTokens(
    env: Record<string, string> = {},
  ): Promise<{ service: Running; tokens: DemoTokens; token: string }> {
    const file = path.join(folder, 'tokens.json');
    const service = run(['demo', '--tokens-file', file], env);
    await service.event('listening');
    const tokens: DemoTokens = JSON.parse(await readFile(file, 'utf8'));
    return { service, tokens, token: tokens.callers[0]?.token ?? '' };
  }

  async function allBytesUnder(directory: string): Promise<string> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const contents = await Promise.all(
      files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'latin1')),
    );
    return contents.join('\n');
  }

  it('shows the tokens of the demo once, and keeps none of them', async () => {
    const data = path.join(folder, 'first-start');
    const first = run(['demo'], { DATA_DIR: data });
    const { baseUrl } = await first.event('listening');
    // The log and what people read come through two pipes, in no order.
    await expect.poll(() => first.output.told.match(TOKEN)).toHaveLength(4);
    // It takes long, so a person hears of it at once.
    expect(first.output.told).toMatch(
      /^Making the database in .*first-start, which takes some seconds…\nThe database in .*first-start is made\.\n/,
    );
    const tokens = first.output.told.match(TOKEN) ?? [];
    for (const token of tokens) expect((await get(`${baseUrl}/me`, token)).status).toBe(200);
    expect(await stop(first)).toBe(0);
    expect(first.output.log).not.toMatch(TOKEN);

    const stored = await allBytesUnder(data);
    for (const token of tokens) expect(stored).not.toContain(token);

    const second = run(['demo'], { DATA_DIR: data });
    const again = await second.event('listening');
    expect(second.output.told).not.toMatch(TOKEN);
    expect(second.output.told).not.toMatch(/aking the database/);
    for (const token of tokens) expect((await get(`${again['baseUrl']}/me`, token)).status).toBe(200);
    expect(await stop(second)).toBe(0);
  });

  it('serves a demo with every service, role and two customers, and writes its tokens for scripts', async () => {
    const { service, tokens, token } = await demoWithTokens();
    expect((await stat(path.join(folder, 'tokens.json'))).mode & 0o777).toBe(0o600);
    const records = await all(tokens.baseUrl, token);
    expect(records.length).toBeGreaterThanOrEqual(40);
    expect(new Set(records.map((record) => record.subscriptionId)).size).toBe(records.length);
    expect(new Set(records.map((record) => record.service))).toEqual(new Set(CLOUD_SERVICES));
    expect(new Set(records.map((record) => record.caller.role))).toEqual(new Set(CALLER_ROLES));
    expect(new Set(records.map((record) => record.customer.id)).size).toBe(2);
    for (const { subscriptionId } of records)
      expect(subscriptionId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const hostile = await get(`${tokens.baseUrl}/partners/9999999`, token);
    expect(hostile.body.name).toBe('<img src=x onerror=alert(1)>=1+1');
    const partnerSide = tokens.callers.at(-1)?.token ?? '';
    const view = await get(`${tokens.baseUrl}/partners/4852013/subscriptions`, partnerSide);
    expect(view.body.value[0].usage).toHaveLength(12);
    expect(await stop(service)).toBe(0);
  });

  it('answers what is under way before it stops, and 503 with Retry-After to what comes later', async () => {
    const center = await startPartnerCenter('a-token');
    onTestFinished(() => center.close());
    const [asked, answered] = [deferred(), deferred()];
    const partnerId = '6100200';
    center.state.answer = async (_request, response) => {
      asked.resolve();
      await answered.promise;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ mpnId: partnerId, partnerName: 'Relecloud' }));
    };
    const env = { PARTNER_CENTER_URL: center.url, PARTNER_CENTER_TOKEN: 'a-token' };
    const { service, tokens, token } = await demoWithTokens(env);
    const record = (await all(tokens.baseUrl, token)).find(
      (one) => one.caller.canChangePartner && !one.partnerOfRecord,
    );
    const changed = fetch(`${tokens.baseUrl}/subscriptions/${record?.subscriptionId}/partnerOfRecord`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'if-match': record?.etag ?? '',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ partnerId }),
    });
    await within('the service to ask for the partner', asked.promise);

    // As where npm passes on what the terminal has told both.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) service.child.kill(signal);
    await service.event('stopping');
    const late = await fetch(`${tokens.baseUrl}/health`);
    expect([late.status, late.headers.get('retry-after'), (await late.json()).error.code]).toEqual([
      503,
      '5',
      'Stopping',
    ]);
    expect(late.headers.get('x-request-id')).toMatch(/./);

    answered.resolve();
    expect((await changed).status).toBe(200);
    expect(await service.ended).toBe(0);
    expect((await readdir(path.join(folder, 'demo'))).toSorted()).toEqual(['mail', 'postgres']);

    const next = await demoWithTokens();
    const after = await get(`${next.tokens.baseUrl}/subscriptions/${record?.subscriptionId}`, next.token);
    expect(after.body.partnerOfRecord.name).toBe('Relecloud');
    expect(await stop(next.service)).toBe(0);
  });

  it('is refused a data folder that another service holds, and takes over one whose service was killed, with its changes', async () => {
    const first = await demoWithTokens();
    const second = run([]);
    expect(await second.ended).toBe(1);
    expect(second.output.told).toContain('demo is in use by another service. Stop it first');

    const records = await all(first.tokens.baseUrl, first.token);
    const record = records.find((one) => one.caller.canChangePartner && !one.partnerOfRecord);
    const path = `subscriptions/${record?.subscriptionId}`;
    const changed = await fetch(`${first.tokens.baseUrl}/${path}/partnerOfRecord`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${first.token}`,
        'content-type': 'application/json',
        'if-match': record?.etag ?? '',
        'idempotency-key': randomUUID(),
      },
      body: '{"partnerId":"5120846"}',
    });
    expect(changed.status).toBe(200);
    first.service.child.kill('SIGKILL');
    await first.service.ended;

    const third = run([]);
    const { baseUrl } = await third.event('listening');
    expect((await get(`${baseUrl}/${path}`, first.token)).body).toEqual(await changed.json());
    expect(await stop(third)).toBe(0);
  });

  it('writes a structured log line for each answer, with its request id and without tokens', async () => {
    const { service, tokens, token } = await demoWithTokens();
    const answer = await fetch(`${tokens.baseUrl}/subscriptions?filter=${token}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const id = answer.headers.get('x-request-id');
    expect(await stop(service)).toBe(0);
    const lines = service.output.log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.find((line) => line.reqId === id)).toMatchObject({
      method: 'GET',
      path: '/v1/subscriptions',
      status: 200,
      principalId: tokens.callers[0]?.principalId,
    });
    expect(service.output.log + service.output.told).not.toMatch(TOKEN);
  });

  it('answers bytes that are no HTTP in the one shape', async () => {
    const { service, tokens } = await demoWithTokens();
    const { port, hostname } = new URL(tokens.baseUrl);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.write('this is no HTTP\r\n\r\n');
    await within('the service to close the connection', once(socket, 'close'));
    expect(received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(received).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/);
    expect(JSON.parse(received.split('\r\n\r\n')[1] ?? '').error.code).toBe('InvalidRequest');
    expect(await stop(service)).toBe(0);
  });

  it('serves what was imported, to whom a token was made for, until the token is ended', async () => {
    const data = { DATA_DIR: path.join(folder, 'own') };
    const file = path.join(folder, 'directory.json');
    const directory = {
      partners: [{ partnerId: '123456', name: 'Own Partner' }],
      customers: [{ id: 'own', name: 'Own Customer' }],
      callers: [{ principalId: 'me@own.example', name: 'Me', organization: 'Own' }],
      subscriptions: [
        {
          subscriptionId: 'OWN-1',
          displayName: 'First',
          service: 'ems',
          state: 'Active',
          startDate: '2026-01-01T00:00:00Z',
          endDate: '2027-01-01T00:00:00Z',
          customerId: 'own',
          roles: { 'me@own.example': 'AccountAdministrator' },
        },
      ],
    };
    await writeFile(file, JSON.stringify({ ...directory, partners: [{ partnerId: '12', name: '' }] }));
    const refused = run(['import', file], data);
    expect(await refused.ended).toBe(1);
    expect(refused.output.told).toContain(
      'partners, entry 1 (12): partnerId: "12": a Partner ID has at least 5 digits.',
    );
    expect(refused.output.told).toContain('partners, entry 1 (12): name: "": a text is empty');

    // A pipe can be read once only.
    const piped = run(['import', '/dev/stdin'], data);
    piped.child.stdin.end(`\ufeff${JSON.stringify(directory)}`);
    expect(await piped.ended).toBe(0);
    const csv = path.join(folder, 'partners.csv');
    await writeFile(csv, 'partnerId,name,mail\n654321,Second Partner,mail@second.example\n12,Too short,\n123456,,\n');
    const bad = run(['partners', 'import', csv], data);
    expect(await bad.ended).toBe(1);
    expect(bad.output.told).toMatch(
      /partners\.csv was not imported:\n {2}Line 3, partnerId: .*at least 5 digits.\n {2}Line 4, name: The name is empty/,
    );
    const rows =
      'sep=;\r\npartnerId;name;mail;country\r\n654321;Second Partner;mail@second.example;US\r\n123456;Own Partner & Co;;\r\n';
    await writeFile(csv, `\ufeff${rows}`, 'utf16le');
    const imported = run(['partners', 'import', csv], data);
    expect(await imported.ended).toBe(0);
    expect(imported.output.told).toContain('partners.csv has columns that are not read: country.');
    expect(imported.output.told).toContain('Imported 2 partners.');
    // As it is pasted from a web page.
    const made = run(['token', 'add', ' me@\u200bown.example\u00a0', '--expires', '90d\u200b'], data);
    expect(await made.ended).toBe(0);
    const token = made.output.log.trim();
    expect(made.output.told).toMatch(/me@own\.example, good until \d{4}-\d\d-\d\d \d\d:\d\d UTC, shown this once:/);
    const service = run(['serve'], { ...data, PUBLIC_URL: 'http://localhost:1/por' });
    const { baseUrl } = await service.event('listening');
    const warnings = /^ORGANIZATION_NAME is not set, .*localhost:1\..*\nMAIL_CONTACT is not set, .*localhost:1 .*$/m;
    await expect.poll(() => service.output.told).toMatch(warnings);
    expect((await all(String(baseUrl), token)).map((record) => record.subscriptionId)).toEqual(['own-1']);
    expect((await get(`${baseUrl}/partners/654321`, token)).body).toEqual({
      partnerId: '654321',
      name: 'Second Partner',
    });
    expect((await get(`${baseUrl}/partners/123456`, token)).body.name).toBe('Own Partner & Co');
    expect(await stop(service)).toBe(0);

    const listing = run(['token', 'list'], data);
    expect(await listing.ended).toBe(0);
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`;
    expect(listing.output.log).toMatch(
      new RegExp(
        `^number  caller +made \\(UTC\\) +ends \\(UTC\\) +last used \\(UTC\\)\n1 +me@own\\.example( +${time}){3}\n$`,
      ),
    );

    expect(await run(['token', 'revoke', 'me@own.example', '1'], data).ended).toBe(0);
    for (const [args, code, sentence] of [
      [['token', 'revoke', 'me@own.example'], 1, 'me@own.example has no access token, so none was ended.'],
      [
        ['token', 'add', 'me'],
        1,
        `There is no caller me in the data folder ${data.DATA_DIR} (DATABASE_URL is not set).`,
      ],
      [['mail', 'retry'], 0, 'No mail was given up. Those that wait are tried again by themselves.'],
    ] as const) {
      const { ended, output } = run(args, data);
      expect([await ended, output.told]).toEqual([code, expect.stringContaining(sentence)]);
    }
    const again = run(['serve'], { ...data, ORGANIZATION_NAME: 'Own', MAIL_CONTACT: 'me@own.example' });
    expect((await get(`${(await again.event('listening'))['baseUrl']}/me`, token)).status).toBe(401);
    expect(again.output.told).not.toContain('is not set');
    expect(await stop(again)).toBe(0);
  });

  it.each([
    [[], { PORT: '99999', LOG_LEVEL: 'loud' }, /PORT is .*99999[\s\S]*LOG_LEVEL is .*loud/],
    [[], { DATABASE_URL: 'mysql://root:secret@localhost/x' }, 'DATABASE_URL must begin with postgres://'],
    [
      [],
      { DATABASE_URL: 'postgres://root:secret@127.0.0.1:1/x' },
      /^No database server listens at 127\.0\.0\.1:1 \(ECONNREFUSED\)/,
    ],
    [[], { SMTP_URL: 'me:secret@mail.example', MAIL_FROM: 'a\r\nb@c.example' }, /SMTP_URL must be.*\nMAIL_FROM is .*/],
    [['partners', 'import', '/nowhere.csv'], {}, '/nowhere.csv cannot be read: there is no such file'],
    [
      ['token', 'add', 'me', '--expires', '90'],
      {},
      '--expires is 90, but must be a number of days such as 90d, or the',
    ],
    [['token', 'revoke', 'me', 'all'], {}, 'all is no number of an access token. token list me shows the numbers.'],
  ] as const)('tells what is wrong with %j and %j', async (args, env, sentence) => {
    const { output, ended } = run(args, { ...env });
    expect(await ended).toBe(1);
    expect(output.told).toMatch(sentence);
    expect(output.told).not.toContain('secret');
    expect(output.told).not.toMatch(/^\s+at /m);
  });
});
