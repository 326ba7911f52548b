import type { FastifyBaseLogger } from 'fastify';
import type { Configuration } from '../configuration';
import type { Database } from '../database/database';
import { letterheadOf } from '../mail/letterhead';
import { type MetricsServer, measure } from '../metrics';
import { BASE_PATH, PARTNER_PATH } from '../plugins/public-address';
import { buildService } from '../service';
import { makeMailFolder } from './private-folders';
import { listenForCallers, listenForMetrics } from './serve/listen';
import { openParts } from './serve/open-parts';
import { whyLimitsAreShared } from './serve/why-limits-are-shared';
import { workAside } from './serve/work-aside';
import { limitStop } from './stop-limit';
import { stopSignal } from './stop-signal';
import { print } from './terminal';

/** Moments at which a command adds its own to the running of the service. */
interface RunSteps {
  /** Before the first request can come. */
  readonly prepare?: (database: Database) => Promise<void>;
  /** Once the service answers at `baseUrl`. */
  readonly started?: (database: Database, baseUrl: string) => Promise<void>;
}

/**
 * Serves until a signal stops the process; then everything under way is finished and the database is closed, or the process ended
 * where that takes too long.
 */
export async function run(configuration: Configuration, { prepare, started }: RunSteps = {}): Promise<void> {
  const { mail, gathering, metricsPort, openIdConnect, support, logLevel, stopNoticeSeconds } = configuration;
  const clock = () => new Date();

  let log: FastifyBaseLogger | null = null;
  const parts = await openParts(configuration, (fields, what) => {
    // A connection can be lost while the database is still being opened, and there is no log yet.
    if (log === null) print(`${what}.`);
    else log.warn(fields, what);
  });
  const { database, delivery, mailPulse, tokenUses } = parts;
  const logger = { level: logLevel, redact: ['req.headers.authorization', 'headers.authorization'] };
  const { app, giveNotice, stop } = buildService({ ...parts, clock, support }, logger, configuration);
  log = app.log;
  const measurements = metricsPort === null ? null : measure(app, database, mailPulse);

  // Listened for before anybody can learn that the service is there, and stop it.
  const stopAsked = stopSignal();
  const over = new AbortController();
  let metrics: MetricsServer | undefined;
  let working: Promise<void> | undefined;
  try {
    if (mail.kind === 'folder') await makeMailFolder(mail.folder);
    await prepare?.(database);

    const address = await listenForCallers(app, configuration);
    const baseUrl = address + BASE_PATH;
    const partnerPageUrl = (configuration.publicUrl ?? address) + PARTNER_PATH;
    const { letterhead, warnings } = letterheadOf(configuration.letterhead, {
      partnerPageUrl,
      isPublic: configuration.publicUrl !== null,
      isSent: mail.kind === 'server',
    });
    for (const warning of warnings) print(warning);
    const shared = whyLimitsAreShared(configuration);
    if (shared !== null) print(shared);

    if (measurements !== null) metrics = await listenForMetrics(measurements, metricsPort ?? 0);
    await started?.(database, baseUrl);
    app.log.info({ event: 'listening', baseUrl, metricsUrl: metrics?.url }, 'Listening');
    if (openIdConnect?.clientId) {
      print(
        `The partner's page signs in as ${openIdConnect.clientId}. Its redirect address, to be registered at the identity provider: ${partnerPageUrl}`,
      );
    }

    working = workAside({ ...parts, from: mail.from, letterhead, gathering, log: app.log, clock }, over.signal);
    app.log.info({ event: 'stopping', signal: await stopAsked }, 'Stopping');
    await giveNotice(stopNoticeSeconds * 1000);
  } finally {
    over.abort();
    const { until } = limitStop(app.log);
    await Promise.all([
      // With what the last requests noted.
      until('requests', stop()).then(() => until('the last use of access tokens', tokenUses.write())),
      until('mails and other work aside', Promise.resolve(working)),
    ]);
    await metrics?.close();
    delivery.close();
    await until('the database', database.close());
  }
  app.log.info({ event: 'stopped' }, 'Stopped');
}
