import type { FastifyInstance } from 'fastify';
import { METRICS_HOST, type Measurements, type MetricsServer, serveMetrics } from '../../metrics';
import { listeningPort } from '../../plugins/loopback-guard';
import { CommandError } from '../terminal';
import { type ListeningPlace, whyNotListening } from './why-not-listening';

/**
 * Listens for callers and returns the address, without a slash at its end. Throws a {@link CommandError} where that place is not to be
 * had.
 */
export async function listenForCallers(
  app: FastifyInstance,
  { host, port }: Pick<ListeningPlace, 'host' | 'port'>,
): Promise<string> {
  await orWhyNot(app.listen({ host, port }), { host, port, variable: 'PORT' });
  const authority = host.includes(':') ? `[${host}]` : host;
  return `http://${authority}:${listeningPort(app)}`;
}

/** Listens for who reads the measurements. Throws a {@link CommandError} where that port is not to be had. */
export function listenForMetrics(measurements: Measurements, port: number): Promise<MetricsServer> {
  return orWhyNot(serveMetrics(measurements, port), { host: METRICS_HOST, port, variable: 'METRICS_PORT' });
}

async function orWhyNot<T>(listening: Promise<T>, place: ListeningPlace): Promise<T> {
  return listening.catch((error: unknown) => {
    const sentence = whyNotListening(error, place);
    throw sentence === null ? error : new CommandError(sentence, { cause: error });
  });
}
