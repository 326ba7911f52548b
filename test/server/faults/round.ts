import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { type Database, openDatabase } from '../../../server/src/database/database';
import { type DirectoryInput, directorySchema } from '../../../server/src/directory/directory';
import { loadDirectory } from '../../../server/src/directory/load';
import { issueToken } from '../../../server/src/callers/tokens';
import { within } from '../../within';
import { aSubscription } from '../support/directory';
import { type MailServer, startMailServer } from '../support/mail-server';
import { oweMails } from '../support/mails';
import { type Running, start } from '../support/process';
import { type Met, startAsker, startWriter } from './callers';
import { type Fault, LOCKED_SUBSCRIPTIONS } from './faults';
import type { Ground } from './ground';

const WRITERS = 50;
/** More than are sent in a round, so that there is always one due. */
const MAILS_OWED = 1500;
/** No part of what is judged: how long a busy machine may take until all are at work. */
const AT_WORK_WITHIN_MS = 120_000;
/** Within this time after a fault everything must be as before. */
const WELL_AGAIN_MS = 60_000;
/** Above what an unanswered query and a held lock take together on a busy machine; one that waited for the end of a lease took a minute. */
const MAIL_PAUSE_MS = 45_000;
const STOP_WITHIN_MS = 30_000;
/** A page that takes so long shows a machine with too much else to do for all answers to come in time. */
const BUSY_MS = 500;
const ADMIN = 'ada@contoso.example';
const PARTNERS = ['4852013', '5120846', '7777001'];

/** What came of one fault under load. */
export interface RoundResult {
  /** What should not have been, one sentence each. */
  readonly problems: readonly string[];
  readonly done: number;
  readonly unavailable: number;
  readonly slowestMs: number;
  readonly mails: number;
  readonly longestMailPauseMs: number;
}

/** Has one fault happen to a service under 50 writers and with a full outbox, and looks at all that came of it. */
export async function runRound(main: string, ground: Ground, fault: Fault, round: number): Promise<RoundResult> {
  const roundDatabase = await ground.createDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'por-round-'));
  const mailServer = await startMailServer();
  const { database, token, subscriptions } = await fill(roundDatabase.directUrl);
  const service = start(main, [], {
    DATABASE_URL: roundDatabase.serviceUrl,
    DATA_DIR: folder,
    SMTP_URL: mailServer.url,
    MAIL_FROM: 'partner-of-record@service.example',
    RATE_LIMIT_PER_CALLER: '0',
    RATE_LIMIT_PER_ADDRESS: '0',
  });
  const problems: string[] = [];
  const met: Met = { done: [], wrong: [], unavailable: 0, slowestMs: 0 };
  try {
    const asking = { base: String((await service.event('listening'))['baseUrl']), token, met };
    const mailTimes = timesOf(mailServer);
    const statuses = { health: [] as number[], reads: [] as number[] };
    /** How long a page took, of which no database knows: where that is long, it is the machine that keeps answers. */
    const pageMs: number[] = [];
    const others = [
      startAsker(asking, '/health', (status) => statuses.health.push(status)),
      startAsker(asking, '/subscriptions?pageSize=10', (status) => statuses.reads.push(status)),
      startAsker(asking, '/../partner/', (_status, ms) => pageMs.push(ms)),
    ];
    const writers = subscriptions.map((subscription) => startWriter(asking, subscription, PARTNERS));
    const allDone = () => Promise.all(writers.map((writer) => writer.nextDone()));
    await within('a first change of each writer', allDone(), AT_WORK_WITHIN_MS);

    const begun = {
      health: statuses.health.length,
      reads: statuses.reads.length,
      pages: pageMs.length,
      at: performance.now(),
    };
    await fault.happen(ground, roundDatabase, round);
    const over = performance.now();
    if (fault.sparesOthers) {
      for (const [what, all] of [
        ['health', statuses.health.slice(begun.health)],
        ['reads', statuses.reads.slice(begun.reads)],
      ] as const) {
        const well = all.filter((status) => status === 200);
        const isBusy = Math.max(...pageMs.slice(begun.pages)) > BUSY_MS;
        const isSpared = isBusy ? well.length * 2 > all.length : well.length === all.length;
        if (all.length === 0 || !isSpared) problems.push(`${what} were answered ${all}`);
      }
    }
    await within('a change of each writer again', allDone(), WELL_AGAIN_MS).catch(note(problems));
    await within('mails to go on', mailTimes.next(over), MAIL_PAUSE_MS).catch(note(problems));

    const stopped = Promise.all([...writers, ...others].map(({ stop }) => stop()));
    await within('writers to end', stopped, WELL_AGAIN_MS).catch(note(problems));
    const longestMailPauseMs = mailTimes.longestPause(begun.at);
    if (longestMailPauseMs > MAIL_PAUSE_MS) problems.push(`no mail was sent for ${Math.round(longestMailPauseMs)} ms`);
    problems.push(...(await stopWell(service)));
    problems.push(...met.wrong.slice(0, 10));
    problems.push(...(await compare(database, met, mailServer)));
    return {
      problems,
      done: met.done.length,
      unavailable: met.unavailable,
      slowestMs: met.slowestMs,
      mails: mailServer.received.length,
      longestMailPauseMs,
    };
  } finally {
    service.child.kill('SIGKILL');
    await service.ended;
    await database.close();
    await mailServer.close();
    await roundDatabase.drop();
    await rm(folder, { recursive: true });
  }
}

async function fill(url: string) {
  const database = await openDatabase({ kind: 'server', url, connections: 2 });
  const subscriptions = Array.from({ length: WRITERS }, () => randomUUID());
  const forMails = randomUUID();
  const directory: DirectoryInput = {
    partners: PARTNERS.map((partnerId) => ({
      partnerId,
      name: `Partner ${partnerId}`,
      mail: `mail@p${partnerId}.example`,
    })),
    customers: [{ id: 'contoso', name: 'Contoso Ltd' }],
    callers: [{ principalId: ADMIN, name: 'Ada', organization: 'Contoso Ltd' }],
    subscriptions: [...subscriptions, forMails].map((subscriptionId, index) =>
      aSubscription({
        subscriptionId,
        displayName: index < LOCKED_SUBSCRIPTIONS ? 'Held' : 'Free',
        roles: { [ADMIN]: 'AccountAdministrator' },
      }),
    ),
  };
  const token = await database.transaction(async (trx) => {
    await loadDirectory(trx, v.parse(directorySchema, directory));
    return issueToken(trx, ADMIN, new Date());
  });
  await oweMails(database, forMails, { partnerId: PARTNERS[0] ?? '', name: 'Partner' }, MAILS_OWED);
  return { database, token, subscriptions };
}

/** When mails came in. */
function timesOf(mailServer: MailServer) {
  const times: number[] = [];
  const waiting = new Set<() => void>();
  mailServer.rules.beforeReply = () => {
    times.push(performance.now());
    for (const look of waiting) look();
  };
  return {
    /** Resolves once one has come in after the time. */
    next: (after: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if ((times.at(-1) ?? 0) <= after) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    longestPause: (from: number) => {
      const moments = [from, ...times.filter((time) => time > from), performance.now()];
      return Math.max(...moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0)));
    },
  };
}

/** The process must have lived until it is told to stop, and stop then. */
async function stopWell({ child, ended, output }: Running): Promise<string[]> {
  if (child.exitCode !== null || child.signalCode !== null) return [`the service ended: ${output.told}`];
  child.kill('SIGTERM');
  const code = await within('the service to stop', ended, STOP_WITHIN_MS).catch((error: Error) => error.message);
  return code === 0 ? [] : [`the service ended with ${code}`];
}

/** No answered change lost, none doubled, and none that nobody asked for; no mail sent twice or said to be sent that was not. */
async function compare({ db }: Database, met: Met, mailServer: MailServer): Promise<string[]> {
  const problems: string[] = [];
  const rows = await db
    .selectFrom('changes')
    .where('idempotency_key', 'is not', null)
    .orderBy('sequence')
    .select(['subscription_id', 'idempotency_key', 'before_partner_id', 'after_partner_id'])
    .execute();
  const partners = await db.selectFrom('subscriptions').select(['subscription_id', 'partner_id']).execute();
  const effects = rows.map((row) => row.idempotency_key ?? '');
  const answered = met.done.map(({ key }) => key);
  problems.push(...complain('was answered and is lost', answered, (key) => !effects.includes(key)));
  problems.push(...complain('was done and never answered', effects, (key) => !answered.includes(key)));
  problems.push(...complain('was done twice', effects, (key, index) => effects.indexOf(key) !== index));
  const present = new Map<string, string | null>();
  for (const row of rows) {
    if (row.before_partner_id !== (present.get(row.subscription_id) ?? null)) {
      problems.push(`a change of ${row.subscription_id} does not follow from the one before it`);
    }
    present.set(row.subscription_id, row.after_partner_id);
  }
  for (const { subscription_id, partner_id } of partners) {
    if (partner_id !== (present.get(subscription_id) ?? null))
      problems.push(`${subscription_id} is not as last changed`);
  }

  const received = mailServer.received.map(({ mail }) => mail.messageId);
  const sentRows = await db.selectFrom('mails').where('state', '=', 'sent').select('message_id').execute();
  const sent = new Set(sentRows.map(({ message_id }) => message_id));
  problems.push(...complain('was sent twice', received, (id, index) => received.indexOf(id) !== index));
  problems.push(...complain('is written down as sent and was not', [...sent], (id) => !received.includes(id ?? '')));
  problems.push(...complain('was sent and is not written down', received, (id) => !sent.has(id ?? null)));
  return problems;
}

function complain<T>(what: string, all: readonly T[], isWrong: (one: T, index: number) => boolean): string[] {
  const wrong = all.filter(isWrong);
  return wrong.length === 0 ? [] : [`${wrong.length} of ${all.length}: ${wrong[0]} ${what}`];
}

function note(problems: string[]): (error: Error) => void {
  return (error) => {
    problems.push(error.message);
  };
}
