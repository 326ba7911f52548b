import { nameOrId, type SubscriptionId } from './subscription';

/**
 * What a change is made to: a subscription's Partner of Record, or the link of one person's sign-in in one tenant. It is always
 * one of a connection's: the same subscription at another connection is another record.
 */
export type Target =
  | { readonly kind: 'subscription'; readonly connectionId: string; readonly id: SubscriptionId }
  | { readonly kind: 'signIn'; readonly connectionId: string; readonly tenant: string; readonly user: string };

/** The link of one account in one tenant. */
export type LinkTarget = Extract<Target, { readonly kind: 'signIn' }>;

/** A subscription of that connection, as a target. */
export function subscriptionTarget(connectionId: string, id: SubscriptionId): Target {
  return { kind: 'subscription', connectionId, id };
}

/** One text per target: one change at a time is open for it. */
export function targetKey(target: Target): string {
  switch (target.kind) {
    case 'subscription':
      return JSON.stringify(['subscription', target.connectionId, target.id]);
    case 'signIn':
      return JSON.stringify(['signIn', target.connectionId, target.tenant, target.user]);
  }
}

/** The texts by which people look for a target. */
export function targetTexts(target: Target): readonly string[] {
  switch (target.kind) {
    case 'subscription':
      return [target.id];
    case 'signIn':
      return [target.tenant, target.user];
  }
}

/** What people call a target: by the backend's name for it, or by the texts that they look for it by. */
export function targetNameOf(target: Target, name: string | null | undefined): string {
  return nameOrId(name, targetTexts(target).join(' '));
}
