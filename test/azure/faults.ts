import type { TenantSignIn } from '../../src/domain/person';

/** What a request is for. `read` and `write`: of a link. */
export type Operation = 'read' | 'write' | 'tenants' | 'subscriptions' | 'subscription' | 'permissions' | 'billing';

/** What goes wrong. `when`: before or after the request was carried out. */
export type Fault =
  /** 429; `retryAfter` as the header says it, null for none. */
  | { readonly kind: 'throttled'; readonly retryAfter: string | null }
  | {
      readonly kind: 'serverError';
      readonly status: 408 | 500 | 502 | 503 | 504;
      readonly when: 'before' | 'after';
      readonly retryAfter?: string;
    }
  /** The socket is closed in place of an answer. */
  | { readonly kind: 'answerLost'; readonly when: 'before' | 'after' }
  /** No answer comes until the promise is kept. */
  | { readonly kind: 'held'; readonly when: 'before' | 'after'; readonly until: Promise<void> }
  /** The token has expired just now, and is no good any more. */
  | { readonly kind: 'expired' }
  /** 401 until the token has `value` among its claims; `claims`: what is asked for, JSON. */
  | { readonly kind: 'claims'; readonly claims: string; readonly value: string }
  | { readonly kind: 'forbidden' | 'cspRefusal' | 'notFound' | 'noSuchInterface' | 'alreadyLinked' }
  /** It is carried out and answered, and says that no more of its kind is taken for now. */
  | { readonly kind: 'nothingLeft' }
  /** Somebody changes the account's link right before the request is carried out; null removes it. */
  | { readonly kind: 'changedElsewhere'; readonly to: string | null }
  /** A gateway that knows of no such address says so, in place of Azure; the request is not carried out. */
  | { readonly kind: 'gateway404'; readonly body: string }
  /** A page for people in place of an answer, as a proxy's sign-in; the request is not carried out. */
  | { readonly kind: 'webPage'; readonly status: number }
  /** The answer is this, whatever it should be. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown };

export interface FaultPlace {
  /** Reads and writes of links, unless given. */
  readonly on?: readonly Operation[];
  /** Of whom; everybody, unless given. */
  readonly of?: TenantSignIn;
  /** How often; once, unless given. */
  readonly times?: number;
}

export interface StartedFault {
  /** How often it was met so far. */
  met(): number;
  stop(): void;
}

/** The faults that are switched on, the first first. */
export function createFaults() {
  const started: { readonly fault: Fault; readonly place: FaultPlace; left: number; met: number }[] = [];
  return {
    start(fault: Fault, place: FaultPlace = {}): StartedFault {
      const one = { fault, place, left: place.times ?? 1, met: 0 };
      started.push(one);
      return {
        met: () => one.met,
        stop() {
          one.left = 0;
        },
      };
    },
    /** What goes wrong with that request, and counts it; null where nothing does. */
    next(operation: Operation, of: TenantSignIn | null, isMet: (fault: Fault) => boolean): Fault | null {
      const found = started.find(({ fault, place, left }) => {
        const isOf = place.of === undefined || (place.of.user === of?.user && place.of.tenant === of.tenant);
        return left > 0 && isOf && (place.on ?? ['read', 'write']).includes(operation) && isMet(fault);
      });
      if (found === undefined) return null;
      found.left -= 1;
      found.met += 1;
      return found.fault;
    },
  };
}
