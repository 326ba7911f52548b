import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

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
  readonly close: () => Promise<void>;
}

interface Pair {
  readonly ends: readonly Socket[];
  vanished: boolean;
}

/** Opens a wire to a server. */
export async function openWire(target: NetConnectOpts): Promise<Wire> {
  const pairs = new Set<Pair>();
  let trigger: { readonly text: string; readonly vanished: (count: number) => void } | null = null;

  const server = createServer((client) => {
    const peer = connect(target);
    const pair: Pair = { ends: [client, peer], vanished: false };
    pairs.add(pair);
    join(pair, client, peer, (bytes) => {
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
  function join(pair: Pair, from: Socket, to: Socket, see: (bytes: Buffer) => void = () => undefined): void {
    from.setNoDelay(true);
    from.on('data', (bytes) => {
      if (pair.vanished) return;
      to.write(bytes);
      see(bytes);
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
