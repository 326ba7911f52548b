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
export type Treatment = 'take' | ({ readonly refuse: Command } & Refusal) | { readonly die: 'inData' | 'beforeReply' };

type Command = 'MAIL FROM' | 'RCPT TO' | 'DATA';
type Step = (mail: Pick<ReceivedMail, 'recipients'>, command: Command) => Treatment | Promise<Treatment>;

interface Refusal {
  readonly code: number;
  /** What follows the code, an enhanced one first. */
  readonly text?: string;
}

interface ServerOptions {
  readonly host?: string;
  /** With one it offers encryption, and takes nothing without. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** Whether it takes mails from those only who sign in. */
  readonly asksForSignIn?: boolean;
}

/** A real SMTP server that treats each mail as `decide` says. */
export async function startMailServer({ host = '127.0.0.1', certificate, asksForSignIn = false }: ServerOptions = {}) {
  const received: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const rules: {
    /** Before it greets a client, whom it may turn away. */
    greet: () => Promise<Refusal | undefined> | Refusal | undefined;
    signIn: () => Refusal | undefined;
    decide: Step;
    beforeReply: (mail: ReceivedMail) => Promise<void> | void;
  } = { greet: () => undefined, signIn: () => undefined, decide: () => 'take', beforeReply: () => undefined };
  const refusal = ({ code, text = 'refused by the test' }: Refusal) =>
    Object.assign(new Error(text), { responseCode: code });
  const disabledCommands = [...(certificate ? [] : ['STARTTLS']), ...(asksForSignIn ? [] : ['AUTH'])];
  /** Each connection there was. */
  const counted = { connections: 0 };

  const server = new SMTPServer({
    authOptional: !asksForSignIn,
    allowInsecureAuth: true,
    disabledCommands,
    ...certificate,
    disableReverseLookup: true,
    async onConnect(_session, done) {
      const refused = await rules.greet();
      if (refused !== undefined) return done(refusal(refused));
      done();
    },
    onAuth({ username }, _session, done) {
      const refused = rules.signIn();
      if (refused !== undefined) return done(refusal(refused));
      done(null, { user: username });
    },
    async onMailFrom(_address, { secure }, done) {
      const treatment = await rules.decide({ recipients: [] }, 'MAIL FROM');
      if (certificate !== undefined && !secure) return done(refusal({ code: 530, text: '5.7.0 STARTTLS first' }));
      if (typeof treatment === 'object' && 'refuse' in treatment && treatment.refuse === 'MAIL FROM') {
        return done(refusal(treatment));
      }
      done();
    },
    async onRcptTo({ address }, _session, done) {
      const treatment = await rules.decide({ recipients: [address] }, 'RCPT TO');
      if (typeof treatment === 'object' && 'refuse' in treatment && treatment.refuse === 'RCPT TO') {
        return done(refusal(treatment));
      }
      done();
    },
    async onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      const treatment = await rules.decide({ recipients }, 'DATA');
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
      if (typeof treatment === 'object' && 'refuse' in treatment) return done(refusal(treatment));
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
    counted.connections++;
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
    counted,
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await within('the mail server to close', closed);
    },
  };
}

export type MailServer = Awaited<ReturnType<typeof startMailServer>>;
