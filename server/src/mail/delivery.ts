import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport, type NodemailerError, type SendMailOptions } from 'nodemailer';
import { visibleText } from '../../../src/domain/visible-text';
import type { Letter } from './notice';

/** A mail as it is handed over: to one partner, under a Message-ID that each attempt at it has. */
export interface Mail {
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly date: Date;
  readonly letter: Letter;
}

/** Where mails go. */
export interface Delivery {
  /** Resolves once somebody else has taken the mail over for good. Throws {@link MailRefused}, or any other error to try again. */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Where mails go, and the address they come from. */
export type MailConfiguration =
  | { readonly kind: 'server'; readonly url: string; readonly from: string }
  | { readonly kind: 'folder'; readonly folder: string; readonly from: string };

export function openDelivery(configuration: MailConfiguration): Delivery {
  return configuration.kind === 'server'
    ? smtpDelivery(configuration.url, configuration.from)
    : folderDelivery(configuration.folder, configuration.from);
}

/** The mail server will never take this mail; its answer is the message. */
export class MailRefused extends Error {}

const CONNECT_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 20_000;

/**
 * Hands mails to the server at `url`, coming from the address `from`. Off this machine the connection must be encrypted, unless
 * the address itself says otherwise (`?requireTLS=false`).
 */
function smtpDelivery(url: string, from: string): Delivery {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 1,
    // nodemailer would itself send again after a lost connection, which may be a second time: that is for the outbox to decide.
    maxRequeues: 0,
    requireTLS: needsTls(url),
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
  });
  return {
    async send(mail, signal) {
      try {
        await transport.sendMail({ ...message(mail, from), signal });
      } catch (error) {
        throw isRefusedForGood(error) ? new MailRefused(error.message, { cause: error }) : error;
      }
    },
    close: () => transport.close(),
  };
}

function needsTls(url: string): boolean {
  const { hostname, searchParams } = new URL(url);
  return searchParams.get('requireTLS') !== 'false' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/**
 * Whether a reply of 5xx was about this mail, its recipient or content. One that was about us (signing in, the sender's
 * address) says nothing of the mail, and goes away when somebody mends the configuration.
 */
function isRefusedForGood(error: unknown): error is NodemailerError {
  if (!(error instanceof Error)) return false;
  const { permanent, command }: NodemailerError = error;
  return permanent === true && (command === 'RCPT TO' || command === 'DATA');
}

/** Writes mails as `.eml` files into the folder, one for each Message-ID however often it is sent. */
function folderDelivery(folder: string, from: string): Delivery {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async send(mail) {
      const { message: bytes } = await composer.sendMail(message(mail, from));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = path.join(folder, `${mail.date.toISOString().replaceAll(':', '-')}-${fileSafe(mail.messageId)}.eml`);
      await writeFile(`${file}.unfinished`, bytes);
      await rename(`${file}.unfinished`, file);
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
    to: { name: visibleText(to.name), address: to.address },
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
