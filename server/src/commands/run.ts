import path from 'node:path';
import { ENGLISH } from '../../words/english';
import { wordsOf } from '../../words/words';
import type { Configuration } from '../configuration';
import { type Database, openDatabase } from '../database/database';
import { forgetOldKeys } from '../idempotency';
import { createIdentityProvider } from '../identity-provider';
import { openDelivery } from '../mail/delivery';
import { letterheadOf } from '../mail/letterhead';
import { createMailPulse } from '../mail/pulse';
import { sendMails } from '../mail/sender';
import { type MetricsServer, measure, serveMetrics } from '../metrics';
import { partnerCenterLookUp } from '../partner-center';
import { readPartnerPage } from '../partner-page';
import { listeningPort } from '../plugins/loopback-guard';
import { BASE_PATH, PARTNER_PATH } from '../plugins/public-address';
import { buildService } from '../service';
import { createTokenUses } from '../token-uses';
import { readMailAuthority } from './mail-authority';
import { stopSignal } from './stop-signal';
import { tell } from './terminal';

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
  const database = await openDatabase(configuration.database, {
    onIdleError: (error) => app.log.warn({ err: error }, 'A database connection was lost while idle'),
  });
  const mailPulse = createMailPulse();
  const tokenUses = createTokenUses(database, (error) =>
    app.log.warn({ err: error }, 'The last use of access tokens is not written down yet'),
  );
  const { openIdConnect, mail, partnerCenter } = configuration;
  const identityProvider =
    openIdConnect && createIdentityProvider(openIdConnect, (error, what) => app.log.warn({ err: error }, what));
  const lookUpPartner =
    partnerCenter && partnerCenterLookUp(partnerCenter, (error, what) => app.log.warn({ err: error }, what));
  const { app, stop } = buildService(
    {
      database,
      clock,
      lookUpPartner,
      identityProvider,
      partnerPage: await readPartnerPage(PARTNER_PAGE_FOLDER, words),
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
  let telling: MetricsServer | undefined;
  try {
    await prepare?.(database);
    await app.listen({ host: configuration.host, port: configuration.port });
    const address = addressOf(configuration.host, listeningPort(app));
    const baseUrl = address + BASE_PATH;
    const partnerPageUrl = (configuration.publicUrl ?? address) + PARTNER_PATH;
    const { letterhead, warnings } = letterheadOf(configuration.letterhead, {
      partnerPageUrl,
      isPublic: configuration.publicUrl !== null,
      isSent: mail.kind === 'server',
    });
    for (const warning of warnings) tell(warning);
    if (metrics !== null) telling = await serveMetrics(metrics, configuration.metricsPort ?? 0);
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
    const forgetting = setInterval(() => {
      forgetAllOldKeys(database, clock()).catch((error) =>
        app.log.error({ err: error }, 'Old keys were not forgotten'),
      );
    }, FORGET_EVERY_MS);
    const writing = setInterval(tokenUses.write, WRITE_TOKEN_USES_EVERY_MS);
    const signal = await told;
    clearInterval(forgetting);
    clearInterval(writing);
    app.log.info({ event: 'stopping', signal }, 'Stopping');
  } finally {
    stopping.abort();
    await Promise.all([stop(), sending]);
    await tokenUses.write();
    await telling?.close();
    delivery.close();
    await database.close();
  }
  app.log.info({ event: 'stopped' }, 'Stopped');
}

async function forgetAllOldKeys(database: Database, now: Date): Promise<void> {
  while (!(await database.transaction((trx) => forgetOldKeys(trx, now))));
}

function addressOf(host: string, port: number | null): string {
  const authority = host.includes(':') ? `[${host}]` : host;
  return `http://${authority}:${port}`;
}
