import { isObject } from './objects';

type Stored = Readonly<Record<string, unknown>>;

/**
 * A change as versions before kept it, with its connection beside its target, in the shape that has it inside; what it was based on
 * is a version that a backend may not have, and its waits have a beginning and a length. There was no other kind of backend than
 * the service, which keeps keys.
 */
export function withTargetInside(change: Stored): object {
  const { connectionId, target, life, askedAt, ...asked } = change;
  if (!isObject(target) || typeof connectionId !== 'string') return change;
  return {
    replay: 'key',
    ...asked,
    askedAt,
    target: { ...target, connectionId },
    life: isObject(life) ? withWait(life, numberOr(askedAt, 0)) : life,
  };
}

/** A change made elsewhere, in the same shape. */
export function foreignWithTarget(foreign: Stored): object {
  const { connectionId, subscriptionId, subscriptionName, ...found } = foreign;
  if (typeof connectionId !== 'string') return foreign;
  return { ...found, target: { kind: 'subscription', connectionId, id: subscriptionId }, targetName: subscriptionName };
}

/** A record or an outcome whose etag is its version. */
export function withVersion(held: Stored): object {
  const { etag, ...rest } = held;
  return etag === undefined ? held : { version: etag, ...rest };
}

/** A person whom a service knows, by who says so. */
export function withIssuer(person: Stored): object {
  const { serviceUrl, ...rest } = person;
  return serviceUrl === undefined ? person : { issuer: serviceUrl, ...rest };
}

/** The same of whatever was stored: what is no object stays as it is. */
export function inPresentWords(person: unknown): unknown {
  return isObject(person) ? withIssuer(person) : person;
}

function withWait(life: Stored, askedAt: number): object {
  const { tryingSince, nextAt, sentAt, ...rest } = life;
  const { state, attempts } = rest;
  // Earlier requests were not noted apart; the first cannot have left before it was asked for.
  const sent = { triedMs: 0, firstSentAt: numberOr(attempts, 0) > 0 ? askedAt : null };
  switch (state) {
    case 'waiting': {
      if (typeof nextAt !== 'number') return life;
      // It was tried since then, by the clock on the wall: served as one wait, that is the same.
      const from = Math.min(numberOr(tryingSince, askedAt), nextAt);
      return { ...sent, lastSentAt: null, ...rest, wait: { from, ms: nextAt - from } };
    }
    case 'sending':
      return typeof sentAt === 'number' ? { ...sent, lastSentAt: sentAt, ...rest } : life;
    case 'unknown':
      return { found: null, ...life };
    default:
      return life;
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
