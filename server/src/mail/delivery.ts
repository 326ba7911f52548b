import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { visibleText } from '../../../src/domain/visible-text';
import { makeFolder } from '../make-folder';
import { messageOf } from '../thrown';
import { shortText } from './header-line';
import { notTaken, silentFailure } from './not-taken';
import type { Letter } from './notice';

/** A mail as it is handed over: to one partner, under a Message-ID that each attempt at it has. */
export interface Mail {
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly date: Date;
  readonly letter: Letter;
}

/** An attempt at a mail, as both sides of it see it. */
interface Attempt {
  /** Ends it. */
  readonly signal: AbortSignal;
  /**
   * Called at the last moment at which nobody else can have the whole mail yet: whoever ends the attempt in this call still stops
   * it, and whoever ends it later may send it twice.
   */
  handingOver(): void;
}

/** Where mails go. */
export interface Delivery {
  /** Resolves once somebody else has taken the mail over for good. Throws {@link MailNotTaken}. */
  send(mail: Mail, attempt: Attempt): Promise<void>;
  close(): void;
}

/** How a mail server is spoken to. `asOffered`: encrypted where it offers that, whatever its certificate; else not. */
export type Encryption =
  | { readonly kind: 'verified'; readonly authorityFile: string | null }
  | { readonly kind: 'unverified' | 'none' | 'asOffered' };

/** Where mails go, and the address they come from. */
export type MailConfiguration =
  | { readonly kind: 'server'; readonly url: string; readonly encryption: Encryption; readonly from: string }
  | { readonly kind: 'folder'; readonly folder: string; readonly from: string };

/** `authority`: certificates in PEM, by which that of the mail server is judged instead of the well-known ones. */
export function openDelivery(configuration: MailConfiguration, authority: string | null = null): Delivery {
  return configuration.kind === 'server'
    ? smtpDelivery(configuration, authority)
    : folderDelivery(configuration.folder, configuration.from);
}

const MINUTE_MS = 60_000;
/**
 * RFC 5321, 4.5.3.2: a server has 5 minutes for its greeting and for most commands, 10 for its answer to the mail itself, and no
 * client may be quicker to leave: one that leaves a slow server sends the mail again to whoever took it. nodemailer (10.6) has
 * one limit for every silence but the greeting's, so it is the longest.
 */
export const SMTP_LIMITS_MS = {
  greetingTimeout: 5 * MINUTE_MS,
  socketTimeout: 10 * MINUTE_MS,
  // It includes the greeting and the change to TLS. Where nobody is there, the system gives up by itself, on Linux within two minutes.
  connectionTimeout: 15 * MINUTE_MS,
} as const;

/** Where nobody is left to send to, the connection is ended before the server tires of it: Postfix under stress waits 10 s. */
const IDLE_MS = 5000;

/** Hands mails to a server, one after another over one connection. */
function smtpDelivery(
  { url, encryption, from }: Extract<MailConfiguration, { kind: 'server' }>,
  authority: string | null,
): Delivery {
  const transport = createTransport({
    url,
    ...encryptionOptions(encryption, authority),
    ...SMTP_LIMITS_MS,
    pool: true,
    maxConnections: 1,
    idleTimeout: IDLE_MS,
    // nodemailer would itself try again when a connection that it had kept turns out to be gone: that is for the outbox to decide.
    maxRequeues: 0,
  });
  // nodemailer says that a mail was taken, and not that it was handed over. It reads a composed mail to its end and then writes
  // the dot, in the same turn of the event loop (measured): at the end of the mail no dot is on the wire yet, and nothing comes
  // between the two.
  const handingOver = new Map<string, () => void>();
  transport.use('stream', ({ data, message: composed }, done) => {
    composed.processFunc((source) => source.once('end', () => handingOver.get(data.messageId ?? '')?.()));
    done();
  });
  return {
    async send(mail, attempt) {
      let handedOver = false;
      handingOver.set(mail.messageId, () => {
        attempt.handingOver();
        handedOver = !attempt.signal.aborted;
      });
      try {
        await transport.sendMail({ ...message(mail, from), signal: attempt.signal });
      } catch (error) {
        throw notTaken(error, handedOver);
      } finally {
        handingOver.delete(mail.messageId);
      }
    },
    close: () => transport.close(),
  };
}

function encryptionOptions(encryption: Encryption, authority: string | null) {
  switch (encryption.kind) {
    case 'verified':
      return { requireTLS: true, tls: authority === null ? {} : { ca: authority } };
    case 'unverified':
      return { requireTLS: true, tls: { rejectUnauthorized: false } };
    case 'none':
      return { ignoreTLS: true };
    case 'asOffered':
      return { opportunisticTLS: true, tls: { rejectUnauthorized: false } };
  }
}

/** Writes mails as `.eml` files into the folder, one for each Message-ID however often it is sent. */
function folderDelivery(folder: string, from: string): Delivery {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async send(mail) {
      try {
        const { message: bytes } = await composer.sendMail(message(mail, from));
        await makeFolder(folder);
        const name = `${mail.date.toISOString().replaceAll(':', '-')}-${fileSafe(mail.messageId)}.eml`;
        const file = path.join(folder, name);
        await writeFile(`${file}.unfinished`, bytes);
        await rename(`${file}.unfinished`, file);
      } catch (error) {
        const sentence = `The mail cannot be written to the folder ${folder}: ${messageOf(error)}`;
        throw silentFailure('notReached', sentence, error);
      }
    },
    close: () => composer.close(),
  };
}

function fileSafe(messageId: string): string {
  return messageId.replaceAll(/[^\w.-]/g, '');
}

function message({ messageId, to, date, letter }: Mail, from: string): SendMailOptions {
  return {
    messageId,
    date,
    from: { name: letter.senderName, address: from },
    ...(letter.replyTo !== null && { replyTo: letter.replyTo }),
    to: { name: shortText(visibleText(to.name)), address: to.address },
    // Said apart from the headers, so that nothing in a header can add a recipient.
    envelope: { from, to: [to.address] },
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
    headers: { ...letter.headers, 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
