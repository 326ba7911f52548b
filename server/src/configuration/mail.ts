import path from 'node:path';
import * as v from 'valibot';
import { isLoopbackName } from '../hosts';
import { asciiAddress } from '../mail/address';
import type { Encryption, MailConfiguration } from '../mail/delivery';
import type { LetterheadSettings } from '../mail/letterhead';
import { isPageAddress } from './addresses';
import { countSet, type Rule } from './rule';
import { contact, line, wholeNumber } from './values';

const LONGEST_ORGANIZATION = 100;
/** What a mail shows of a text. */
const LONGEST_PAGE_ADDRESS = 200;
/** A host's name, or an address in brackets. nodemailer (10.6) would read one like 1e5 as a number. */
const CLIENT_NAME = /^(?:[a-z][\w-]*|[\w-]+(?:\.[\w-]+)+|\[[\w.:]+\])$/i;
const SMTP_TLS = ['verify', 'unverified', 'none'] as const;

export const mailEntries = {
  SMTP_URL: v.optional(
    v.pipe(
      v.string(),
      // The address can hold a password, so the sentence does not repeat it.
      v.check(
        (text) => /^smtps?:\/\/[^/]/.test(text) && URL.canParse(text),
        'SMTP_URL must be written like smtps://user:password@mail.example.com.',
      ),
      // What stands behind a bare / or # of a password was meant for it, and what stands before is then another server.
      v.check(
        endsBehindHost,
        'SMTP_URL must end behind the host and port, or with ?name=. In user and password write / as %2F, # as %23, ? as %3F, @ as %40, % as %25.',
      ),
      v.check(
        hasWholeSignIn,
        'SMTP_URL has one of user and password: give both, as in smtps://user:password@mail.example.com, or none.',
      ),
      v.check(
        (text) => !parametersOf(text).has('requireTLS'),
        'SMTP_URL has ?requireTLS, which is SMTP_TLS now: SMTP_TLS=none for a mail server that has no encryption, SMTP_TLS=unverified for one whose certificate nobody vouches for.',
      ),
      v.check(
        (text) => [...parametersOf(text).keys()].every((name) => ['name', 'requireTLS'].includes(name)),
        'SMTP_URL has a parameter that is not known. There is one: ?name=, how the service calls itself to the mail server. What concerns encryption is in SMTP_TLS and SMTP_CA_FILE.',
      ),
      v.check(hasClientName, 'SMTP_URL must have ?name= once, with a name such as por.example.com.'),
    ),
  ),
  SMTP_TLS: v.optional(
    v.picklist(SMTP_TLS, ({ received }) => `SMTP_TLS is ${received}, but must be one of ${SMTP_TLS.join(', ')}.`),
  ),
  SMTP_CA_FILE: v.optional(v.pipe(v.string(), v.nonEmpty('SMTP_CA_FILE is empty, but must name a file.'))),
  MAIL_FROM: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => asciiAddress(text) !== null,
        ({ received }) => `MAIL_FROM is ${received}, but must be a mail address.`,
      ),
      v.transform((text) => asciiAddress(text) ?? text),
    ),
  ),
  ORGANIZATION_NAME: v.optional(line('ORGANIZATION_NAME', LONGEST_ORGANIZATION, 'the name of your organisation')),
  MAIL_CONTACT: v.optional(contact('MAIL_CONTACT')),
  PARTNER_PAGE_URL: v.optional(
    v.pipe(
      v.string(),
      v.check(
        isPageAddress,
        // The address can hold a password, so the sentence does not repeat it.
        'PARTNER_PAGE_URL must be an https address, or http on this machine, without a sign-in in it.',
      ),
      v.maxLength(LONGEST_PAGE_ADDRESS, `PARTNER_PAGE_URL is longer than ${LONGEST_PAGE_ADDRESS} characters.`),
    ),
  ),
  MAIL_GATHER_SECONDS: v.optional(wholeNumber('MAIL_GATHER_SECONDS', 0, 3600), '60'),
};

type MailSettings = v.InferOutput<v.ObjectSchema<typeof mailEntries, undefined>>;

export const mailRules: readonly Rule[] = [
  {
    holds: (env) => countSet(env, 'SMTP_URL') === 0 || countSet(env, 'MAIL_FROM') === 1,
    problem: () => 'MAIL_FROM is missing: with SMTP_URL it must be the address that mails come from.',
  },
  {
    holds: (env) => countSet(env, 'SMTP_URL') === 1 || countSet(env, 'SMTP_TLS', 'SMTP_CA_FILE') === 0,
    problem: () => 'SMTP_URL is missing: SMTP_TLS and SMTP_CA_FILE say how the mail server there is spoken to.',
  },
  {
    holds: (env) => env['SMTP_TLS'] !== 'none' || !/^smtps:/i.test(env['SMTP_URL'] ?? ''),
    problem: () =>
      'SMTP_TLS is none, but SMTP_URL begins with smtps://, which is encrypted from the first byte: use smtp://.',
  },
  {
    holds: (env) => countSet(env, 'SMTP_CA_FILE') === 0 || (env['SMTP_TLS'] ?? 'verify') === 'verify',
    problem: (env) =>
      `SMTP_CA_FILE says whose certificates are trusted, but with SMTP_TLS=${env['SMTP_TLS']} none is looked at: set one of the two.`,
  },
];

function parametersOf(url: string): URLSearchParams {
  return URL.canParse(url) ? new URL(url).searchParams : new URLSearchParams();
}

/** Whether the address is that of a host alone. A text that is none is another check's to refuse. */
function endsBehindHost(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { pathname, hash } = new URL(text);
  return ['', '/'].includes(pathname) && hash === '';
}

function hasWholeSignIn(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return (username === '') === (password === '');
}

function hasClientName(text: string): boolean {
  const [name, ...more] = parametersOf(text).getAll('name');
  return name === undefined || (more.length === 0 && CLIENT_NAME.test(name));
}

/** Where mails go; files are written within the data folder. */
export function mailOf(env: MailSettings, dataFolder: string): MailConfiguration {
  const { SMTP_URL: url, MAIL_FROM: from = 'partner-of-record@localhost' } = env;
  return url === undefined
    ? { kind: 'folder', folder: path.join(dataFolder, 'mail'), from }
    : { kind: 'server', url, encryption: encryptionOf(env, new URL(url).hostname), from };
}

/**
 * A mail server on this machine is known without a certificate, and has one that nobody vouches for: Debian's Postfix makes its
 * own. So there the certificate is looked at only where a setting asks for it.
 */
function encryptionOf({ SMTP_TLS, SMTP_CA_FILE }: MailSettings, hostname: string): Encryption {
  if (SMTP_TLS === 'unverified' || SMTP_TLS === 'none') return { kind: SMTP_TLS };
  const isAsked = SMTP_TLS === 'verify' || SMTP_CA_FILE !== undefined;
  return isAsked || !isLoopbackName(hostname)
    ? { kind: 'verified', authorityFile: SMTP_CA_FILE ?? null }
    : { kind: 'asOffered' };
}

export function letterheadSettingsOf(env: MailSettings): LetterheadSettings {
  return {
    organization: env.ORGANIZATION_NAME ?? null,
    contact: env.MAIL_CONTACT ?? null,
    partnerPageUrl: env.PARTNER_PAGE_URL ?? null,
  };
}
