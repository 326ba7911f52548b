import path from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { ENGLISH } from '../../words/english';
import { wordsOf } from '../../words/words';
import type { Configuration } from '../configuration';
import { type Database, openDatabase } from '../database/database';
import { logged, loggedTrouble } from '../errors-in-the-log';
import { forgetOldKeys } from '../subscriptions/idempotency-keys';
import { createIdentityProvider } from '../callers/identity-provider';
import { openDelivery } from '../mail/delivery';
import { letterheadOf } from '../mail/letterhead';
import { createMailPulse } from '../mail/pulse';
import { sendMails } from '../mail/sender';
import { METRICS_HOST, type MetricsServer, measure, serveMetrics } from '../metrics';
import { partnerCenterLookUp } from '../partners/partner-center';
import { readPartnerPage } from '../partners/page';
import { listeningPort } from '../plugins/loopback-guard';
import { BASE_PATH, PARTNER_PATH } from '../plugins/public-address';
import { whyLimitsAreShared } from '../plugins/rate-limits';
import { foldAnew } from '../database/search';
import { buildService } from '../service';
import { createTokenUses } from '../callers/token-uses';
import { readMailAuthority } from './mail-authority';
import { makeMailFolder } from './private-folders';
import { stopSignal } from './stop-signal';
import { CommandError, tell } from './terminal';
import { type ListeningPlace, whyNotListening } from './why-not-listening';

const FORGET_EVERY_MS = 60 * 60 * 1000;
const WRITE_TOKEN_USES_EVERY_MS = 60 * 1000;
/** The build puts it beside the service's one file. */
const PARTNER_PAGE_FOLDER = path.join(import.meta.dirname, 'partner-page');

/** Moments at which a command adds its own to the running of the service. */
interface RunSteps {
  /** Before the first request can come. */
  readonly prepare?: (database: Database) => Promise<void>;
  /** Once the service answers at `baseUrl`. */
  readonly started?: (database: Database, baseUrl: string) => Promise<void>;
}

/** Serves until the process is told to stop; then everything under way is finished and the database is closed. */
export async function run(configuration: Configuration, { prepare, started }: RunSteps = {}): Promise<void> {
  const clock = () => new Date();
  const mailAuthority = await readMailAuthority(configuration);
  // Nobody knows what a mail's reader speaks, or who asks for the page.
  const words = wordsOf(ENGLISH, null);
  const partnerPage = await readPartnerPage(PARTNER_PAGE_FOLDER, words);
  const database = await openDatabase(configuration.database, {
    onIdleError: (error) => app.log.warn(loggedTrouble(error), 'A database connection was lost while idle'),
    tell,
  });
  const mailPulse = createMailPulse();
  const tokenUses = createTokenUses(database, (error) =>
    app.log.warn(logged(error), 'The last use of access tokens is not written down yet'),
  );
  const { openIdConnect, mail, partnerCenter } = configuration;
  const identityProvider =
    openIdConnect &&
    createIdentityProvider(openIdConnect, (error, what) =>
      app.log.warn({ issuer: openIdConnect.issuer, ...loggedTrouble(error) }, what),
    );
  const lookUpPartner =
    partnerCenter && partnerCenterLookUp(partnerCenter, (error, what) => app.log.warn(loggedTrouble(error), what));
  const { app, stop } = buildService(
    {
      database,
      clock,
      lookUpPartner,
      identityProvider,
      partnerPage,
      support: configuration.support,
      mailPulse,
      tokenUses,
    },
    { level: configuration.logLevel, redact: ['req.headers.authorization', 'headers.authorization'] },
    configuration,
  );
  const metrics = configuration.metricsPort === null ? null : measure(app, database, mailPulse);
  const delivery = openDelivery(mail, mailAuthority);
  const stopping = new AbortController();
  // Listened for before anybody can learn that the service is there, and tell it to stop.
  const told = stopSignal();
  let sending: Promise<void> | undefined;
  let folding: Promise<void> | undefined;
  let telling: MetricsServer | undefined;
  try {
    if (mail.kind === 'folder') await makeMailFolder(mail.folder);
    await prepare?.(database);
    const { host, port, metricsPort } = configuration;
    await listening(app.listen({ host, port }), { host, port, variable: 'PORT' });
    const address = addressOf(host, listeningPort(app));
    const baseUrl = address + BASE_PATH;
    const partnerPageUrl = (configuration.publicUrl ?? address) + PARTNER_PATH;
    const { letterhead, warnings } = letterheadOf(configuration.letterhead, {
      partnerPageUrl,
      isPublic: configuration.publicUrl !== null,
      isSent: mail.kind === 'server',
    });
    for (const warning of warnings) tell(warning);
    const shared = whyLimitsAreShared(configuration);
    if (shared !== null) tell(shared);
    if (metrics !== null) {
      const place = { host: METRICS_HOST, port: metricsPort ?? 0, variable: 'METRICS_PORT' } as const;
      telling = await listening(serveMetrics(metrics, place.port), place);
    }
    await started?.(database, baseUrl);
    app.log.info({ event: 'listening', baseUrl, metricsUrl: telling?.url }, 'Listening');
    if (openIdConnect?.clientId) {
      tell(
        `The partner's page signs in as ${openIdConnect.clientId}. Its redirect address, to be registered at the identity provider: ${partnerPageUrl}`,
      );
    }

    sending = sendMails(
      { database, delivery, from: mail.from, words, letterhead, log: app.log, pulse: mailPulse },
      stopping.signal,
    );
    folding = foldNamesAnew(database, app.log, stopping.signal);
    const forgetting = setInterval(() => {
      forgetAllOldKeys(database, clock()).catch((error) => app.log.error(logged(error), 'Old keys were not forgotten'));
    }, FORGET_EVERY_MS);
    const writing = setInterval(tokenUses.write, WRITE_TOKEN_USES_EVERY_MS);
    const signal = await told;
    clearInterval(forgetting);
    clearInterval(writing);
    app.log.info({ event: 'stopping', signal }, 'Stopping');
  } finally {
    stopping.abort();
    await Promise.all([stop(), sending, folding]);
    await tokenUses.write();
    await telling?.close();
    delivery.close();
    await database.close();
  }
  app.log.info({ event: 'stopped' }, 'Stopped');
}

/** The work of listening. Throws a {@link CommandError} where that place is not to be had. */
async function listening<T>(work: Promise<T>, place: ListeningPlace): Promise<T> {
  return work.catch((error: unknown) => {
    const sentence = whyNotListening(error, place);
    throw sentence === null ? error : new CommandError(sentence, { cause: error });
  });
}

/** Never fails: what is left the next start takes up. */
async function foldNamesAnew(database: Database, log: FastifyBaseLogger, signal: AbortSignal): Promise<void> {
  try {
    const rows = await foldAnew(database, {
      signal,
      onTrouble: (error) => log.warn(loggedTrouble(error), 'Names are not folded anew for searching yet'),
    });
    if (rows > 0) log.info({ event: 'foldedAnew', rows }, 'Names were folded anew for searching');
  } catch (error) {
    log.error(logged(error), 'Names were not folded anew for searching');
  }
}

async function forgetAllOldKeys(database: Database, now: Date): Promise<void> {
  while (!(await database.transaction((trx) => forgetOldKeys(trx, now))));
}

function addressOf(host: string, port: number): string {
  const authority = host.includes(':') ? `[${host}]` : host;
  return `http://${authority}:${port}`;
}
