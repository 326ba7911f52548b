import { supportLink } from '../../../src/domain/support';
import { asciiAddress } from './address';

/** What the operator has said of whom mails come from; null: not said. */
export interface LetterheadSettings {
  /** The organisation's name, in one line. */
  readonly organization: string | null;
  /** Whom a partner turns to: an address or a text, in one line. */
  readonly contact: string | null;
  /** Where a partner's people see what is shared with them. */
  readonly partnerPageUrl: string | null;
}

/** Whom mails come from, and where their readers turn to. */
export interface Letterhead {
  readonly organization: string;
  readonly contact: Contact;
  readonly partnerPageUrl: string;
}

/** `nobody` is named: then the address of the service has to do, for what it is worth. */
export type Contact =
  /** `address`: as it stands on the wire. */
  | { readonly kind: 'mail'; readonly text: string; readonly href: string; readonly address: string }
  | { readonly kind: 'page'; readonly text: string; readonly href: string }
  | { readonly kind: 'words' | 'nobody'; readonly text: string };

/** Where the service is, and what of it the operator has not said. */
interface Place {
  /** The service's own page for partners, at the address by which they reach it. */
  readonly partnerPageUrl: string;
  /** Whether others than this machine's own people reach it there. */
  readonly isPublic: boolean;
  /** Whether mails leave this machine. */
  readonly isSent: boolean;
}

/** The letterhead, and a sentence to the operator for each setting that is missing, in whose place it has the service's address. */
export function letterheadOf(
  { organization, contact, partnerPageUrl }: LetterheadSettings,
  { partnerPageUrl: ownPage, isPublic, isSent }: Place,
): { readonly letterhead: Letterhead; readonly warnings: readonly string[] } {
  const { host } = new URL(ownPage);
  const warnings = [
    organization === null &&
      `ORGANIZATION_NAME is not set, so mails to partners come from ${host}. Set it to the name of your organisation.`,
    contact === null &&
      `MAIL_CONTACT is not set, so mails to partners say that ${host} can be asked. Set it to the address that partners can write to.`,
    partnerPageUrl === null &&
      isSent &&
      !isPublic &&
      `PARTNER_PAGE_URL and PUBLIC_URL are not set, so mails to partners lead to ${ownPage}, which opens on this machine alone. Set one of them.`,
  ];
  return {
    letterhead: {
      organization: organization ?? host,
      contact: contact === null ? { kind: 'nobody', text: host } : contactOf(contact),
      partnerPageUrl: partnerPageUrl ?? ownPage,
    },
    warnings: warnings.filter((warning) => warning !== false),
  };
}

function contactOf(text: string): Contact {
  const address = asciiAddress(text);
  if (address !== null) return { kind: 'mail', text, href: mailLink(address), address };
  const href = supportLink(text);
  return href === null ? { kind: 'words', text } : { kind: 'page', text, href };
}

/** Nothing that an address may have before its @ (`?`, `&`, `%`) can add to the link, say a second addressee. */
function mailLink(address: string): string {
  const at = address.lastIndexOf('@');
  return `mailto:${encodeURIComponent(address.slice(0, at))}${address.slice(at)}`;
}
