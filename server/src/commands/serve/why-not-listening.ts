import { codeOf } from '../../thrown';

/** Where the service was to listen, and the variables that say so. */
export interface ListeningPlace {
  readonly host: string;
  readonly port: number;
  /** The variable of the port. */
  readonly variable: 'PORT' | 'METRICS_PORT';
}

type Sentence = (place: ListeningPlace) => string;

const noSuchHost: Sentence = ({ host }) =>
  `HOST is ${host}, which is no address of this machine. Choose one that is, or localhost.`;

const BY_CODE: Readonly<Record<string, Sentence>> = {
  EADDRINUSE: ({ host, port, variable }) =>
    `Port ${port} of ${host} is in use by another program, perhaps by this service. End it, or choose another port with ${variable}.`,
  EACCES: ({ host, port, variable }) =>
    `The service's user may not listen on port ${port} of ${host}. Choose a port above 1023 with ${variable}, and let a reverse proxy have the other one.`,
  EADDRNOTAVAIL: noSuchHost,
  ENOTFOUND: noSuchHost,
  EAI_AGAIN: noSuchHost,
  EINVAL: noSuchHost,
  EAFNOSUPPORT: ({ host }) =>
    `HOST is ${host}, but this machine has no addresses of that kind. Choose one of the other kind, such as 127.0.0.1.`,
};

/** Why nobody can listen there, for the person who started the service; null for an error that is not about listening. */
export function whyNotListening(error: unknown, place: ListeningPlace): string | null {
  return BY_CODE[codeOf(error) ?? '']?.(place) ?? null;
}
