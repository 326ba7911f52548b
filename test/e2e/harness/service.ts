import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import PostalMime from 'postal-mime';
import * as v from 'valibot';
import { freePort } from '../../../scripts/counterparts/free-port';
import { subscriptionRecordSchema } from '../../../src/domain/schemas';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { NODE_SWITCHES } from '../../server/support/node-switches';
import { copyFolder } from '../../support/copy-folder';
import { within } from '../../within';

/** The partner that one of the demo's callers belongs to. */
export const DEMO_PARTNER_ID = '4852013';
const DEMO_PARTNERS_CALLER = 'pat.lindqvist@fabrikam.example';

/** Whom the service says to ask. */
export const SUPPORT = 'por-desk@contoso.example';

/** What its start, with all the demo's data, may take on a machine that has much else to do. */
const START_LIMIT_MS = 120_000;

/** The variable that names a data folder which holds the demo's data already, for all who start a service of their own. */
export const LOADED_DEMO = 'LOADED_DEMO';

/** The service as it was built. */
export const SERVICE_COMMAND = join(import.meta.dirname, '../../../dist/service/main.js');

/** What the demo writes for scripts to read: its address, and its callers with access tokens made for this run. */
const startedSchema = v.object({
  baseUrl: v.string(),
  callers: v.array(v.object({ principalId: v.string(), name: v.string(), token: v.string() })),
});

const recordsPage = v.object({ value: v.array(subscriptionRecordSchema), nextLink: v.exactOptional(v.string()) });
const changesPage = v.object({
  value: v.array(
    v.object({
      changeId: v.string(),
      kind: v.picklist(['assign', 'change', 'remove']),
      before: v.nullable(v.object({ partnerId: v.string() })),
      after: v.nullable(v.object({ partnerId: v.string() })),
      at: v.pipe(v.string(), v.isoTimestamp()),
      idempotencyKey: v.exactOptional(v.string()),
    }),
  ),
  nextLink: v.exactOptional(v.string()),
});
const partnerViewPage = v.object({
  value: v.array(v.object({ subscriptionId: v.string(), associatedAt: v.string(), usage: v.array(v.unknown()) })),
  nextLink: v.exactOptional(v.string()),
});
/** One row of what a partner sees. */
export type SeenByPartner = v.InferOutput<typeof partnerViewPage>['value'][number];

export type Effect = v.InferOutput<typeof changesPage>['value'][number];

/** A mail to a partner, as the service wrote it. */
export interface SentMail {
  readonly to: string;
  readonly subject: string;
}

/** The real service with the demo's data, and a straight line to it that the extension has no part in. */
export interface Service {
  /** The Service URL. */
  readonly url: string;
  /** The main caller's access token. */
  readonly token: string;
  subscriptions(): Promise<SubscriptionRecord[]>;
  read(subscriptionId: string): Promise<SubscriptionRecord>;
  /** What took effect on a subscription, newest first. */
  effects(subscriptionId: string): Promise<Effect[]>;
  /** The mails to partners so far, oldest first. */
  mails(): Promise<SentMail[]>;
  /** What the demo's partner, {@link DEMO_PARTNER_ID}, sees when one of its own people asks. */
  seenByPartner(): Promise<SeenByPartner[]>;
  /** Changes the partner behind the extension's back, whatever it is by then; null removes it. Answers the key it used. */
  setPartner(subscriptionId: string, partnerId: string | null): Promise<string>;
  /** Ends it in the middle of whatever it does, by its own stop or at once, and starts it again at the same address on the same data. */
  restart(how: 'stop' | 'kill'): Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Kept when given, else made for this run and deleted after. */
  readonly dataFolder?: string;
  /** Further settings of it. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the built service's demo on loopback and waits until it answers. */
export async function startService({ dataFolder, settings = {} }: ServiceOptions = {}): Promise<Service> {
  const folder = dataFolder ?? (await newDataFolder());
  const tokensFile = join(folder, 'demo-tokens.json');
  const dataDir = join(folder, 'database');
  const mailFolder = join(dataDir, 'mail');
  const env = {
    ...process.env,
    // It is started again at the same address: no port that the system gives to somebody else meanwhile.
    PORT: String(await freePort()),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    SUPPORT_CONTACT: SUPPORT,
    ...settings,
  };
  let running = await startDemo(['--tokens-file', tokensFile], env);
  const { baseUrl: url, callers } = v.parse(startedSchema, JSON.parse(await readFile(tokensFile, 'utf8')));
  const [main] = callers;
  const partnersCaller = callers.find(({ principalId }) => principalId === DEMO_PARTNERS_CALLER);
  if (main === undefined || partnersCaller === undefined) throw new Error('The demo lacks a caller');
  const { token } = main;

  function send(path: string, init: RequestInit = {}): Promise<Response> {
    const address = path.startsWith('http') ? path : url + path;
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    return within(`the service to answer ${address}`, fetch(address, { ...init, headers }));
  }
  async function answered(response: Response): Promise<unknown> {
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
    return response.json();
  }
  async function all<T>(
    path: string,
    schema: v.GenericSchema<unknown, { readonly value: readonly T[]; readonly nextLink?: string }>,
    init: RequestInit = {},
  ): Promise<T[]> {
    const values: T[] = [];
    for (let next: string | undefined = `${path}?pageSize=200`; next !== undefined; ) {
      const page: { readonly value: readonly T[]; readonly nextLink?: string } = v.parse(
        schema,
        await answered(await send(next, init)),
      );
      values.push(...page.value);
      next = page.nextLink;
    }
    return values;
  }
  const pathOf = (subscriptionId: string) => `/subscriptions/${encodeURIComponent(subscriptionId)}`;
  const read = async (subscriptionId: string) =>
    v.parse(subscriptionRecordSchema, await answered(await send(pathOf(subscriptionId))));

  return {
    url,
    token,
    read,
    subscriptions: () => all('/subscriptions', recordsPage),
    effects: (subscriptionId) => all(`${pathOf(subscriptionId)}/changes`, changesPage),
    async mails() {
      // The service makes the folder for its first mail.
      if (!existsSync(mailFolder)) return [];
      const files = (await readdir(mailFolder)).filter((file) => file.endsWith('.eml')).sort();
      return Promise.all(files.map(async (file) => readMail(await readFile(join(mailFolder, file)))));
    },
    seenByPartner: () =>
      all(`/partners/${DEMO_PARTNER_ID}/subscriptions`, partnerViewPage, {
        headers: { authorization: `Bearer ${partnersCaller.token}` },
      }),
    async setPartner(subscriptionId, partnerId) {
      for (;;) {
        const { etag } = await read(subscriptionId);
        const key = crypto.randomUUID();
        const response = await send(`${pathOf(subscriptionId)}/partnerOfRecord`, {
          method: partnerId === null ? 'DELETE' : 'PUT',
          headers: {
            'if-match': etag,
            'idempotency-key': key,
            ...(partnerId !== null && { 'content-type': 'application/json' }),
          },
          ...(partnerId !== null && { body: JSON.stringify({ partnerId }) }),
        });
        // Somebody else was quicker.
        if (response.status === 412) continue;
        await answered(response);
        return key;
      }
    },
    async restart(how) {
      await running.end(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
      // With a tokens file it would end the tokens that it has told.
      running = await startDemo([], { ...env, PORT: new URL(url).port });
    },
    async stop() {
      await running.end('SIGTERM');
      if (dataFolder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the demo's process and waits until it answers. */
async function startDemo(words: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [...NODE_SWITCHES, SERVICE_COMMAND, 'demo', ...words], {
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const exited = once(child, 'exit');
  // Should this process end without stopping it.
  const orphan = () => child.kill();
  process.once('exit', orphan);
  const answers = new Promise<void>((resolve, reject) => {
    const said: string[] = [];
    createInterface(child.stderr)
      .on('line', (line) => {
        said.push(line);
        if (line.includes('answers at')) resolve();
      })
      .once('close', () => reject(new Error(`The service did not start:\n${said.join('\n')}`)));
  });
  const endNow = (error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  };
  await within('the service to start', answers, START_LIMIT_MS).catch(endNow);
  return {
    async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
      child.kill(signal);
      await within('the service to stop', exited).catch(endNow);
      process.off('exit', orphan);
    },
  };
}

/** A folder with the demo's data in its `database`. */
export async function newDataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'partner-of-record-service-'));
  const loaded = process.env[LOADED_DEMO];
  if (loaded !== undefined) await copyFolder(loaded, folder);
  return folder;
}

async function readMail(bytes: Buffer): Promise<SentMail> {
  const { to, subject = '' } = await PostalMime.parse(bytes);
  return { to: (to ?? []).map(({ name, address }) => `${name} <${address}>`).join(', '), subject };
}
