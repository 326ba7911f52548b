import type { NodemailerError } from 'nodemailer';
import { type AnswerKind, judge, type Verdict } from './verdict';

/** What an attempt met that did not hand the mail over. */
export interface Answer extends Verdict {
  /** The command that was answered; null where nothing was. */
  readonly command: string | null;
  /** The server's own words, in one line; null where it said nothing. */
  readonly reply: string | null;
  /** It may have taken the mail all the same: it had all of it, and never answered. */
  readonly mayGoOutTwice: boolean;
}

/** A mail was not taken; the message is a sentence with what the server said, or what was met in its place. */
export class MailNotTaken extends Error {
  constructor(
    message: string,
    readonly answer: Answer,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Says what became of a mail that nodemailer (10.6) could not send. `handedOver`: the server may have all of it. */
export function notTaken(cause: unknown, handedOver: boolean): MailNotTaken {
  const error: NodemailerError = cause instanceof Error ? cause : new Error(String(cause));
  const { command = 'CONN', response } = error;
  if (response === undefined) {
    const kind = kindOfSilence(error);
    const why = oneLine(innermost(error).message);
    return silentFailure(kind, `${handedOver ? HANDED_OVER : SENTENCES[kind]} ${why}`, cause, handedOver);
  }
  const reply = oneLine(response);
  const what = command === 'DATA' && handedOver ? 'end of DATA' : command;
  const answer = { ...judge({ command, text: response }), command: what, reply, mayGoOutTwice: false };
  return new MailNotTaken(`The mail server answered ${what} with: ${reply}`, answer, { cause });
}

/** A failure in which no server had a say. */
export function silentFailure(kind: AnswerKind, sentence: string, cause: unknown, mayGoOutTwice = false): MailNotTaken {
  const none = { final: false, smtpCode: null, enhancedCode: null, command: null, reply: null };
  return new MailNotTaken(sentence, { ...none, kind, mayGoOutTwice }, { cause });
}

type Silence = 'notReached' | 'certificate' | 'notEncrypted' | 'mailRefused' | 'noAnswer' | 'brokenOff';
const SENTENCES: Record<Silence, string> = {
  notReached: 'The mail server cannot be reached.',
  certificate:
    'The certificate of the mail server is not trusted. If your own authority made it, name that in SMTP_CA_FILE; SMTP_TLS=unverified lets any certificate pass.',
  notEncrypted: 'The connection to the mail server cannot be encrypted.',
  mailRefused: 'The mail is larger than the mail server takes.',
  noAnswer: 'The mail server broke off, or did not answer.',
  brokenOff: 'The attempt was ended before the mail was handed over.',
};
const HANDED_OVER =
  'The mail server did not say whether it took the mail, which may go out a second time under the same Message-ID.';

/** The codes with which Node's TLS refuses a certificate: OpenSSL's `X509_V_ERR_…`, and its own for the name in it. */
const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_C|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;
const ENCRYPTION = /^(?:ETLS$|EPROTO$|ERR_SSL_)/;

function kindOfSilence(error: NodemailerError): Silence {
  const code = error.originalCode ?? error.code ?? '';
  const { timeoutType } = error;
  if (error.name === 'AbortError') return 'brokenOff';
  if (CERTIFICATE.test(code)) return 'certificate';
  if (error.code === 'ETLS' || ENCRYPTION.test(code) || timeoutType === 'UPGRADE_TIMEOUT') return 'notEncrypted';
  // Node's words (20.20): it has no code of its own for that.
  if (error.message.includes('before secure TLS connection')) return 'notEncrypted';
  // An AggregateError: the name has several addresses, and none of them was there.
  if (error instanceof AggregateError || error.syscall === 'connect' || error.code === 'EDNS') return 'notReached';
  if (timeoutType === 'CONNECT_TIMEOUT' || timeoutType === 'GREETING_TIMEOUT') return 'notReached';
  return error.code === 'EMESSAGE' ? 'mailRefused' : 'noAnswer';
}

/** Where its words are: an AggregateError has none of its own, and an abort has its reason within. */
function innermost(error: Error): Error {
  const within = error instanceof AggregateError ? error.errors[0] : error.cause;
  return (error instanceof AggregateError || error.name === 'AbortError') && within instanceof Error ? within : error;
}

const LONGEST_REPLY = 1000;

/** Somebody else's text as a log line and a database take it: without line breaks, NULs or halves of surrogate pairs. */
function oneLine(text: string): string {
  return text
    .slice(0, LONGEST_REPLY)
    .replaceAll(/[\p{Cc}\p{Surrogate}]+/gu, ' ')
    .trim();
}
