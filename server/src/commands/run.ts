import type { Configuration } from '../configuration';
import { type Database, openDatabase } from '../database/database';
import { forgetOldKeys } from '../idempotency';
import { listeningPort } from '../plugins/loopback-guard';
import { BASE_PATH, buildService } from '../service';

const FORGET_EVERY_MS = 60 * 60 * 1000;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

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
  const database = await openDatabase(configuration.database, (error) =>
    app.log.warn({ err: error }, 'A database connection was lost while idle'),
  );
  const { app, stop } = buildService(
    { database, clock },
    { level: configuration.logLevel, redact: ['req.headers.authorization', 'headers.authorization'] },
  );
  try {
    await prepare?.(database);
    await app.listen({ host: configuration.host, port: configuration.port });
    const baseUrl = baseUrlOf(configuration.host, listeningPort(app));
    await started?.(database, baseUrl);
    app.log.info({ event: 'listening', baseUrl }, 'Listening');

    const forgetting = setInterval(() => {
      forgetOldKeys(database.db, clock()).catch((error) =>
        app.log.error({ err: error }, 'Old keys were not forgotten'),
      );
    }, FORGET_EVERY_MS);
    const signal = await stopSignal();
    clearInterval(forgetting);
    app.log.info({ event: 'stopping', signal }, 'Stopping');
  } finally {
    await stop();
    await database.close();
  }
  app.log.info({ event: 'stopped' }, 'Stopped');
}

function baseUrlOf(host: string, port: number | null): string {
  const authority = host.includes(':') ? `[${host}]` : host;
  return `http://${authority}:${port}${BASE_PATH}`;
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
  });
}
