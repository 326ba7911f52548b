import type { Connection } from '../../domain/connection';
import type { Handlers } from '../../messaging/serve';
import { type AzureParts, createAzureHandlers } from './azure';
import { type BatchParts, createBatchHandlers } from './batches';
import { type ChangeParts, createChangeHandlers } from './changes';
import { type CheckParts, createCheckHandlers } from './checks';
import { type ConnectionParts, createConnectionHandlers } from './connections';
import { createForeignHandlers, type ForeignParts } from './foreign';
import { createLinkHandlers, type LinkParts } from './links';
import { createListHandlers, type ListParts } from './lists';
import { createPanelHandlers, type PanelParts } from './panel';
import { createSettingsHandlers, type SettingsParts } from './settings';
import { createSignInHandlers, type SignInParts } from './sign-in';
import { createSubscriptionHandlers, type SubscriptionParts } from './subscriptions';
import { createTenantHandlers, type TenantParts } from './tenants';
import { createMessageScope, type MessageScopeParts } from '../message-scope';

type Made = 'scope' | 'noteSignedIn';
export type HandlerParts = Omit<
  AzureParts &
    BatchParts &
    ChangeParts &
    CheckParts &
    ConnectionParts &
    ForeignParts &
    LinkParts &
    ListParts &
    PanelParts &
    SettingsParts &
    SignInParts &
    SubscriptionParts &
    TenantParts,
  Made
> &
  MessageScopeParts;

/** What the worker does for each message, put together from one file a subject. */
export function createHandlers(parts: HandlerParts): Handlers {
  const all = { ...parts, scope: createMessageScope(parts), noteSignedIn };

  async function noteSignedIn(connection: Connection): Promise<void> {
    const person = await parts.person(connection);
    await parts.engine.noteOpen(connection.id, { type: 'signedIn', at: parts.clock.now(), person });
  }

  return {
    ...createPanelHandlers(all),
    ...createSubscriptionHandlers(all),
    ...createListHandlers(all),
    ...createCheckHandlers(all),
    ...createChangeHandlers(all),
    ...createBatchHandlers(all),
    ...createForeignHandlers(all),
    ...createLinkHandlers(all),
    ...createSignInHandlers(all),
    ...createAzureHandlers(all),
    ...createConnectionHandlers(all),
    ...createTenantHandlers(all),
    ...createSettingsHandlers(all),
  };
}
