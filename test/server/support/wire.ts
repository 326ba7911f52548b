import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import pg from 'pg';

/** A stretch of network that a test can have swallow what is under way. */
export interface Wire {
  /** Where it is entered, on 127.0.0.1. */
  readonly port: number;
  /**
   * From the next message on that holds the text, nothing passes any more over the connections that there are, in either direction,
   * and no end of one is told to the other: as when a router forgets them. New ones work. The message itself still arrives.
   * Resolves with how many connections vanished.
   */
  readonly vanishAfter: (text: string) => Promise<number>;
  /**
   * Keeps the message after the next one that holds the text from the server, or its answer from the client, and all that comes
   * behind it on that connection. Resolves once it is kept, with what lets everything go on.
   */
  readonly holdAfter: (text: string, what: 'message' | 'answer') => Promise<() => void>;
  readonly close: () => Promise<void>;
}

interface Pair {
  readonly ends: readonly Socket[];
  vanished: boolean;
  /** What is kept from an end, in its order. */
  readonly kept: Map<Socket, Buffer[]>;
}

/** Where the driver would connect to. */
export function targetOf(url: URL): NetConnectOpts {
  const { host, port } = new pg.Client({ connectionString: url.href });
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
}

const ignore = (_bytes: Buffer): void => undefined;

/** Opens a wire to a server. */
export async function openWire(target: NetConnectOpts): Promise<Wire> {
  const pairs = new Set<Pair>();
  let holding: {
    readonly text: string;
    readonly what: 'message' | 'answer';
    readonly held: (letGo: () => void) => void;
    /** The one on which the text has passed. */
    pair: Pair | null;
  } | null = null;
  let trigger: { readonly text: string; readonly vanished: (count: number) => void } | null = null;

  const server = createServer((client) => {
    const peer = connect(target);
    const pair: Pair = { ends: [client, peer], vanished: false, kept: new Map() };
    pairs.add(pair);
    const keepAsAsked = (bytes: Buffer) => {
      if (holding === null) return;
      if (holding.pair !== pair) {
        if (bytes.includes(holding.text)) holding.pair = pair;
        return;
      }
      const { what, held } = holding;
      holding = null;
      const to = what === 'message' ? peer : client;
      const kept: Buffer[] = [];
      pair.kept.set(to, kept);
      held(() => {
        pair.kept.delete(to);
        for (const one of kept) to.write(one);
      });
    };
    join(pair, client, peer, keepAsAsked, (bytes) => {
      if (trigger === null || !bytes.includes(trigger.text)) return;
      const { vanished } = trigger;
      trigger = null;
      for (const other of pairs) other.vanished = true;
      vanished(pairs.size);
    });
    join(pair, peer, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  /** Hands on what comes from one end, and its end, while the pair is there. */
  function join(pair: Pair, from: Socket, to: Socket, before = ignore, after = ignore): void {
    from.setNoDelay(true);
    from.on('data', (bytes) => {
      if (pair.vanished) return;
      before(bytes);
      const kept = pair.kept.get(to);
      if (kept === undefined) to.write(bytes);
      else kept.push(bytes);
      after(bytes);
    });
    // A reset is one way for a connection to end, and `close` follows it.
    from.on('error', () => from.destroy());
    from.on('close', () => {
      if (pair.vanished) return;
      pairs.delete(pair);
      to.destroy();
    });
  }

  return {
    holdAfter: (text, what) =>
      new Promise((resolve) => {
        holding = { text, what, held: resolve, pair: null };
      }),
    port: (server.address() as AddressInfo).port,
    vanishAfter: (text) =>
      new Promise((resolve) => {
        trigger = { text, vanished: resolve };
      }),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const { ends } of pairs) for (const end of ends) end.destroy();
      await closed;
    },
  };
}
