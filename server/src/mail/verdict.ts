/** What an attempt to hand a mail over met, as one of a few kinds that can be counted. */
export const ANSWER_KINDS = [
  /** No connection: an unknown name, nobody there, no greeting. */
  'notReached',
  /** A connection whose certificate is not trusted. */
  'certificate',
  /** A connection that is to be encrypted and cannot be. */
  'notEncrypted',
  /** The greeting or EHLO was refused: the server wants nothing of us, or not now. */
  'turnedAway',
  'signInRefused',
  'senderRefused',
  /** An answer to RCPT of 4xx: greylisting, a full mailbox, too much at once. */
  'recipientDeferred',
  /** An answer to RCPT of 5xx. Relays delay the refusal of sender and client to it. */
  'recipientRefused',
  /** An answer of 4xx to DATA or to the mail itself. */
  'mailDeferred',
  /** The same of 5xx: its content, its size, a quota. */
  'mailRefused',
  /** The connection broke or fell silent in the midst. */
  'noAnswer',
  /** We ended the attempt. */
  'brokenOff',
] as const;

export type AnswerKind = (typeof ANSWER_KINDS)[number];

/** A mail server's reply, or the lack of one, to a command of ours. */
export interface Reply {
  /** The command as it was sent, without what follows it (`RCPT TO`); `CONN` when there was none yet. */
  readonly command: string;
  /** All its lines as they came. */
  readonly text: string;
}

export interface Verdict {
  readonly kind: AnswerKind;
  /** The recipient's address is wrong for good: the same mail to it would get the same answer on any day. */
  readonly final: boolean;
  readonly smtpCode: number | null;
  /** As in RFC 3463, `5.1.1`; null when no line has one. */
  readonly enhancedCode: string | null;
}

/** RFC 3463: no such mailbox, no such domain, an address that is none, moved without a trace, a domain that takes no mail. */
const FINAL_CODES = ['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10'];

/**
 * Judges a reply by its enhanced status code. Only an answer to RCPT can be about the recipient; only the few codes that say
 * that the address is wrong are. Whatever else a server says, for good or not, can be about us (a quota, a client or sender
 * that it does not like, a filter), and goes away when somebody mends that.
 */
export function judge({ command, text }: Reply): Verdict {
  const lines = text.split(/\r?\n/);
  const smtpCode = Number(/^[2-5]\d\d(?=[ -]|$)/.exec(lines.at(-1) ?? '')?.[0] ?? Number.NaN);
  const codes = lines.flatMap((line) => /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(line)?.[1] ?? []);
  const refused = smtpCode >= 500;
  return {
    kind: kindOf(command.toUpperCase(), refused),
    final: /^RCPT/i.test(command) && refused && codes.length > 0 && codes.every((code) => FINAL_CODES.includes(code)),
    smtpCode: Number.isNaN(smtpCode) ? null : smtpCode,
    enhancedCode: codes[0] ?? null,
  };
}

function kindOf(command: string, refused: boolean): AnswerKind {
  if (command.startsWith('RCPT')) return refused ? 'recipientRefused' : 'recipientDeferred';
  if (command.startsWith('DATA')) return refused ? 'mailRefused' : 'mailDeferred';
  if (command.startsWith('MAIL')) return 'senderRefused';
  if (command.startsWith('AUTH')) return 'signInRefused';
  return command === 'STARTTLS' ? 'notEncrypted' : 'turnedAway';
}
