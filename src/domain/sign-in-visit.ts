/** Somebody who was led to the options to sign in, and is to be taken back once they have. */
export interface SignInVisit {
  /** `notSignedIn`: no token is held; `refused`: the service refused it; `notAllowed`: the browser or the person has to allow something first. */
  readonly why: 'notSignedIn' | 'refused' | 'notAllowed';
  /** The tab to go back to; null when it is not known. */
  readonly tabId: number | null;
  /** They came from the popup over that tab. */
  readonly popup: boolean;
}
