import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { within } from '../../test/within';

/** What an answer was on the wire, before anything decodes it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded when it came compressed. */
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** The certificate that is trusted, in PEM. */
  readonly certificate?: string;
}

/** Asks as a client that takes compressed answers. The path goes out as it is written, whatever stands in it. */
export async function ask(
  address: string,
  { method = 'GET', token, headers, body, certificate }: Asked,
): Promise<Answer> {
  const { protocol } = new URL(address);
  const send = protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(address, {
    method,
    ca: certificate,
    headers: {
      'accept-encoding': 'gzip',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response]: IncomingMessage[] = await within(`${method} ${address} to be answered`, once(request, 'response'));
  if (response === undefined) throw new Error(`${method} ${address} was not answered.`);
  const bytes = await within(`the answer to ${method} ${address}`, buffer(response));
  const isCompressed = response.headers['content-encoding'] === 'gzip';
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: (isCompressed ? gunzipSync(bytes) : bytes).toString('utf8'),
  };
}
