import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from './database/database';
import { logged } from './errors-in-the-log';
import { isLoopbackHost } from './hosts';
import { countUnsentMails, type UnsentMails } from './mail/mails-repository';
import type { MailPulse } from './mail/pulse';
import { arrivalOptions, TIME_LIMITS } from './plugins/time-limits';

/** Where the measurements are answered. */
export const METRICS_HOST = '127.0.0.1';
const PATH = '/metrics';
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is read at `/metrics`, in Prometheus' format. */
export type Measurements = Pick<Registry, 'metrics' | 'contentType'>;

/** Measures what the service does: its answers by route and status, its connections to the database, its mails, and its process. */
export function measure(app: FastifyInstance, database: Database, mailPulse?: MailPulse): Measurements {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const answers = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long answers took, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // The route and not the address: there are as many addresses as there are subscriptions.
    const route = request.routeOptions.url ?? 'none';
    answers.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  new Gauge({
    name: 'database_connections',
    help: 'Connections to the database that are open, those of them that are idle, and requests waiting for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(database.connections())) this.set({ state }, count);
    },
  });
  new Counter({
    name: 'database_troubles_total',
    help: 'Connections that were not to be had, that broke, or that were broken off for want of an answer; locks not had in time.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [kind, count] of Object.entries(database.troubles())) this.inc({ kind }, count);
    },
  });
  if (mailPulse !== undefined) {
    new Gauge({
      name: 'mails_seconds_since_turn',
      help: 'How long ago the outbox was last worked on, or looked at and found without work, or a mail in hand was kept so.',
      registers: [registry],
      collect() {
        this.set(mailPulse.secondsSinceBeat());
      },
    });
  }
  // All three are asked for at once, and one count answers them.
  let counting: Promise<UnsentMails | null> | null = null;
  const countOnce = () => {
    counting ??= countUnsentMails(database.db)
      .catch((error: unknown) => {
        app.log.warn(logged(error), 'The mails cannot be counted');
        return null;
      })
      .finally(() => {
        counting = null;
      });
    return counting;
  };
  new Gauge({
    name: 'mails_not_sent',
    help: 'Mails to partners that are waiting to be sent, given up, or without an address.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const unsent = await countOnce();
      // What is not known is left out: a number of before would pass for one of now.
      this.reset();
      for (const [state, count] of Object.entries(unsent?.byState ?? {})) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'mails_waiting',
    help: 'Those that are waiting, by what their last attempt met; none: there was no attempt yet.',
    labelNames: ['answer'],
    registers: [registry],
    async collect() {
      const unsent = await countOnce();
      this.reset();
      for (const [answer, count] of unsent?.waitingByAnswer ?? []) this.set({ answer }, count);
    },
  });
  new Gauge({
    name: 'mail_notices_in_no_mail',
    help: 'Changes that a partner is to be told of and that are in no mail yet, since more may come.',
    registers: [registry],
    async collect() {
      const unsent = await countOnce();
      this.reset();
      if (unsent !== null) this.set(unsent.noticesInNoMail);
    },
  });
  return registry;
}

export interface MetricsServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Answers the measurements on a port of this machine alone, in Prometheus' format, and to no page in this machine's browsers that had
 * its own name resolve to here.
 */
export async function serveMetrics(measurements: Measurements, port: number): Promise<MetricsServer> {
  const { http } = arrivalOptions(TIME_LIMITS);
  const server = createServer(http, async (request, reply) => {
    const refusal = whyRefused(request, request.socket.localPort ?? port);
    if (refusal !== null) {
      reply.writeHead(refusal.status, refusal.headers).end(refusal.sentence);
      return;
    }
    const content = await measurements.metrics();
    reply.writeHead(200, { 'content-type': measurements.contentType }).end(content);
  });
  server.listen(port, METRICS_HOST);
  await once(server, 'listening');
  const address = server.address();
  const actual = typeof address === 'object' ? address?.port : port;
  return {
    url: `http://${METRICS_HOST}:${actual}${PATH}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Null for a request that is to be answered. */
function whyRefused(
  { headers, url, method }: IncomingMessage,
  port: number,
): { status: number; headers?: OutgoingHttpHeaders; sentence?: string } | null {
  if (!isLoopbackHost(headers.host, port)) {
    const sentence = `Ask for http://${METRICS_HOST}:${port}${PATH}: no other Host than this machine's, with this port, is answered.\n`;
    return { status: 403, headers: { 'content-type': 'text/plain; charset=utf-8' }, sentence };
  }
  if (url?.split('?')[0] !== PATH) return { status: 404 };
  return method === 'GET' || method === 'HEAD' ? null : { status: 405, headers: { allow: 'GET, HEAD' } };
}
