import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as v from 'valibot';
import { listen } from './listen';

/** A ledger as CONTRIBUTING's kind of backend asks it: it keeps a Partner ID for each name, and nothing else. */
export interface Ledger {
  readonly url: string;
  /** It lets in whoever has this one. */
  readonly token: string;
  /** What was written, oldest first: of which subscription, and which Partner ID; null for none. */
  readonly writes: readonly { readonly id: string; readonly partnerId: string | null }[];
  /** The next write takes effect, and its answer ends in its middle. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

const bodySchema = v.object({ partnerId: v.nullable(v.string()) });

/** Starts one on loopback. */
export async function startLedger(): Promise<Ledger> {
  const writes: { readonly id: string; readonly partnerId: string | null }[] = [];
  const token = crypto.randomUUID();
  let losesNext = false;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end();
      return;
    }
    const id = decodeURIComponent((request.url ?? '/').slice(1));
    if (request.method === 'PUT') {
      const { partnerId } = v.parse(bodySchema, JSON.parse(await textOf(request)));
      writes.push({ id, partnerId });
    }
    const held = writes.findLast((write) => write.id === id)?.partnerId ?? null;
    const answer = JSON.stringify({ partnerId: held });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    if (request.method !== 'PUT' || !losesNext) {
      response.end(answer);
      return;
    }
    losesNext = false;
    // Before any of an answer Chromium would send the request again by itself, on a connection that it has used before.
    response.write(answer.slice(0, 5), () => request.socket.destroy());
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const { port, close } = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    writes,
    loseNextAnswer() {
      losesNext = true;
    },
    close,
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
