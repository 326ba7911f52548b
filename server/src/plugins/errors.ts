import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseAway } from '../database/away';
import { logged } from '../errors-in-the-log';
import { envelope, Refusal, unavailable } from '../refusal';
import { type RefusalCode, REFUSALS } from '../refusals';
import { publicPathOf } from './public-address';
import type { AddressLimit } from './rate-limits';
import { newRequestId, REQUEST_ID_HEADER } from './request-ids';

/** Answers every error, Fastify's own among them, and every unknown route as the contract's envelope. */
export function addErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler<Error>((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    answer(new Refusal('NotFound', { sentence: whatIsNotThere(request) }), reply),
  );
}

/** A path that is of the service, behind another one. */
const BEHIND_A_PATH = /^((?!\/v1\/|\/\.well-known\/)\/[^/].*?)\/(?:v1|partner)(?:\/|$)/;

/** Says also what a proxy is to do otherwise, where the path looks as one leaves it that is not set up well. */
function whatIsNotThere({ url, server }: FastifyRequest): string {
  const because = REFUSALS.NotFound.because;
  const [path = ''] = url.split('?');
  const prefix = publicPathOf(server);
  if (prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`))) return because.notTakenOff(path, prefix);
  if (path.startsWith('//')) return because.twoSlashes(path);
  const before = BEHIND_A_PATH.exec(path)?.[1];
  return before === undefined ? because.path(path) : because.behindAPath(path, before);
}

/** Answers and counts an error that Fastify met before the request had a route, so that no hook has run yet. */
export function answerFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  ofAddress: AddressLimit,
): void {
  reply.header(REQUEST_ID_HEADER, request.id);
  if (request.server.toldToStop.aborted) reply.header('connection', 'close');
  const counted = ofAddress.countRequest(request.raw);
  answerError(counted instanceof Refusal ? counted : error, request, reply);
}

function answerError(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalFor(error);
  // The page and the extension say only that a token was refused: what to mend, at the provider or here, is for the operator.
  if (refusal.status === 401) request.log.info({ reason: refusal.message }, 'Not let in');
  const trouble = refusal === error ? error.cause : error;
  if (refusal.status >= 500 && trouble !== undefined) request.log.error(logged(trouble), 'The request failed');
  return answer(refusal, reply);
}

function answer(refusal: Refusal, reply: FastifyReply): FastifyReply {
  return reply
    .code(refusal.status)
    .headers({ 'cache-control': 'no-store', ...refusal.extras.headers })
    .send(envelope(refusal));
}

function refusalFor(error: Error): Refusal {
  if (error instanceof Refusal) return error;
  const isOfTheRequest = 'statusCode' in error && typeof error.statusCode === 'number';
  // A caller who hangs up in the body does so by the same code as a database that does.
  if (!isOfTheRequest && isDatabaseAway(error)) return unavailable();
  const status = isOfTheRequest ? error.statusCode : 500;
  switch (status) {
    case 400:
      return isAboutTheBody(error) ? new Refusal('InvalidBody') : new Refusal('InvalidRequest');
    case 413:
      return new Refusal('BodyTooLarge');
    case 415:
      return new Refusal('UnsupportedMediaType', { target: 'Content-Type' });
    case 414:
      return new Refusal('InvalidRequest', { sentence: REFUSALS.InvalidRequest.because.addressTooLong });
    default:
      return new Refusal('InternalError');
  }
}

function isAboutTheBody(error: Error): boolean {
  return error instanceof SyntaxError || ('code' in error && String(error.code).startsWith('FST_ERR_CTP'));
}

/** Time for the answer to arrive before the connection ends, which would take it along. */
const HANGS_UP_WITHIN_MS = 1000;

const UNREADABLE: Record<string, RefusalCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'RequestTimeout',
  HPE_HEADER_OVERFLOW: 'HeadersTooLarge',
};

function whyUnreadable(code: RefusalCode | undefined): Refusal {
  return code === undefined
    ? new Refusal('InvalidRequest', { sentence: REFUSALS.InvalidRequest.because.notHttp })
    : new Refusal(code);
}

/** Answers bytes that are no HTTP request, and counts them. There is no request and no reply yet, so this writes to the socket itself. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket, ofAddress: AddressLimit): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const counted = ofAddress.countUnreadable(socket);
  const refusal = counted instanceof Refusal ? counted : whyUnreadable(UNREADABLE[error.code ?? '']);
  const body = JSON.stringify(envelope(refusal));
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `${REQUEST_ID_HEADER}: ${newRequestId()}`,
      ...Object.entries(refusal.extras.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  // Who reads no answer and never hangs up would keep the connection for ever.
  const limit = setTimeout(() => socket.destroy(), HANGS_UP_WITHIN_MS);
  socket.once('close', () => clearTimeout(limit));
}
