import type { Replay } from './change-request';

/** What a kind of backend can do beyond what every one does: plain data, by which a screen has its controls. */
export interface Capabilities {
  /** It tells whose a Partner ID is before it is saved. */
  readonly check: boolean;
  /** It lists the subscriptions that somebody may see. */
  readonly list: boolean;
  /** It keeps a log of the changes that took effect, whoever made them. */
  readonly changeLog: boolean;
  /** It tells the partners of a change by mail. */
  readonly mails: boolean;
  /** It shows a partner what `PARTNER_WILL_SEE` names, from when it was chosen on. */
  readonly shares: boolean;
  /** What makes it safe to send a change again. */
  readonly replay: Replay;
}
