import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { within } from '../../within';

/** A mail that came whole, whether or not the server then said so. */
export interface ReceivedMail {
  /** The recipients as the sender named them to the server, which is where a mail really goes. */
  readonly recipients: readonly string[];
  readonly raw: string;
  readonly mail: Email;
}

/**
 * What the server does with a mail. `die` breaks the connection: in the midst of the mail, or after it came whole and before
 * any answer.
 */
export type Treatment =
  | 'take'
  | { readonly refuse: 'MAIL FROM' | 'RCPT TO' | 'DATA'; readonly code: number }
  | { readonly die: 'inData' | 'beforeReply' };

type Step = (mail: Pick<ReceivedMail, 'recipients'>) => Treatment | Promise<Treatment>;

/** A real SMTP server without encryption, that treats each mail as `decide` says. */
export async function startMailServer(host = '127.0.0.1') {
  const received: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const rules: { decide: Step; beforeReply: (mail: ReceivedMail) => Promise<void> | void } = {
    decide: () => 'take',
    beforeReply: () => undefined,
  };
  const refusal = (code: number) => Object.assign(new Error('refused by the test'), { responseCode: code });

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    async onMailFrom(_address, _session, done) {
      const treatment = await rules.decide({ recipients: [] });
      if (typeof treatment === 'object' && 'refuse' in treatment && treatment.refuse === 'MAIL FROM') {
        return done(refusal(treatment.code));
      }
      done();
    },
    async onRcptTo({ address }, _session, done) {
      const treatment = await rules.decide({ recipients: [address] });
      if (typeof treatment === 'object' && 'refuse' in treatment && treatment.refuse === 'RCPT TO') {
        return done(refusal(treatment.code));
      }
      done();
    },
    async onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      const treatment = await rules.decide({ recipients });
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of stream) {
          if (typeof treatment === 'object' && 'die' in treatment && treatment.die === 'inData')
            return cut(session.remotePort);
          chunks.push(chunk);
        }
      } catch (error) {
        // A client that breaks off in the middle has sent no mail.
        return done(error instanceof Error ? error : new Error(String(error)));
      }
      if (typeof treatment === 'object' && 'refuse' in treatment) return done(refusal(treatment.code));
      const bytes = Buffer.concat(chunks);
      const mail = { recipients, raw: bytes.toString('utf8'), mail: await PostalMime.parse(bytes) };
      received.push(mail);
      await rules.beforeReply(mail);
      if (typeof treatment === 'object') return cut(session.remotePort);
      done();
    },
  });
  // A client that is killed resets its connection, which is what these tests are about.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;

  function cut(remotePort: number): void {
    for (const socket of sockets) if (socket.remotePort === remotePort) socket.destroy();
  }

  return {
    url: `smtp://${host}:${port}`,
    received,
    rules,
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await within('the mail server to close', closed);
    },
  };
}

export type MailServer = Awaited<ReturnType<typeof startMailServer>>;
