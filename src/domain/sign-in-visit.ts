/** Somebody who was led to the options to sign in, and is to be taken back once they have. */
export interface SignInVisit {
  /** `notSignedIn`: no token is held; `refused`: the service refused it; `notAllowed`: the browser or the person has to allow something first. */
  readonly why: 'notSignedIn' | 'refused' | 'notAllowed';
  /** The tab to go back to; null when it is not known. */
  readonly tabId: number | null;
  /** They came from the popup over that tab. */
  readonly popup: boolean;
  /** When they were led there, in milliseconds since the epoch. */
  readonly at: number;
}

/** Long enough to fetch a token from somewhere; who comes back to the page after that came by themselves. */
export const VISIT_LASTS_MS = 15 * 60_000;

/** For how long it still counts, in milliseconds; 0 when it is over. A clock that was put back ends it. */
export function visitLeftMs({ at }: SignInVisit, now: number): number {
  return now < at ? 0 : Math.max(0, at + VISIT_LASTS_MS - now);
}
