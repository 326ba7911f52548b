import type { Failure } from './failure';

/** The longest that a service may say about whom to ask, in characters. */
export const LONGEST_SUPPORT = 200;

/** A mail address and nothing more: neither a second addressee nor a subject can hide in a link made of it. */
const MAIL = /^[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

/**
 * Where the words about whom to ask lead, when they are a mail address or an https address alone; null when they are a text, or
 * hold a sign-in of their own, which no address to be shown has.
 */
export function supportLink(support: string): string | null {
  if (MAIL.test(support)) return `mailto:${support}`;
  if (!/^https:\/\/[\x21-\x7e]+$/i.test(support) || !URL.canParse(support)) return null;
  const { href, username, password } = new URL(support);
  return username === '' && password === '' ? href : null;
}

/** Whether the organisation's support may help after a failure, and not the person's own waiting, network or options. */
export function supportMayHelp({ reason, status, detail }: Failure): boolean {
  switch (reason) {
    case 'signInNeeded':
      // Who never signed in was refused nothing.
      return status !== undefined;
    case 'noAnswer':
      // What cuts answers short is on the service's side.
      return detail?.code === 'cutShort';
    case 'refused':
    case 'serverError':
    case 'redirected':
    case 'unreadable':
    case 'tooLarge':
    case 'wrongContract':
    case 'gaveUp':
      return true;
    case 'notConfigured':
    case 'permissionMissing':
    case 'keptOut':
    case 'timedOut':
    case 'busy':
    case 'otherPerson':
    case 'interrupted':
    case 'connectionChanged':
    case 'kindUnknown':
    case 'keyExpired':
      return false;
  }
}
