import type { ColumnType, Generated } from 'kysely';
import type { PartnerId } from '../../../src/domain/partner';
import type { CallerRole } from '../../../src/domain/rights';
import type { CloudService } from '../../../src/domain/cloud-service';
import type { SubscriptionId } from '../../../src/domain/subscription';

/** A `bigint` column counted by the database; the driver hands it over as text. */
type Counter = ColumnType<string, never, never>;

export interface PartnersTable {
  partner_id: PartnerId;
  name: string;
  location: string | null;
  /** The address that mails about the partner's associations go to. */
  mail: string | null;
  /** Who named the partner: the organisation's own directory, or Partner Center when it was asked. */
  source: Generated<'directory' | 'partnerCenter'>;
  /** When Partner Center last knew a partner that it named; null once it does not any more. */
  confirmed_at: Date | null;
  /** Name and ID as they are searched, folded so that both databases find alike. */
  search_text: string;
  /** By which fold `search_text` was made of `search_name`; it counts only while that is the name, see the migration. */
  search_fold: number | null;
  search_name: string | null;
}

export interface CustomersTable {
  customer_id: string;
  name: string;
  search_text: string;
  search_fold: number | null;
  search_name: string | null;
}

export interface SubscriptionsTable {
  subscription_id: SubscriptionId;
  display_name: string;
  service: CloudService;
  state: string;
  start_date: Date;
  end_date: Date;
  customer_id: string;
  partner_id: PartnerId | null;
  assigned_at: Date | null;
  assigned_by: string | null;
  /** The principal ID of who assigned the partner; null when it was loaded with the subscription. */
  assigned_by_id: string | null;
  /** Grows by one with every effect, so that no etag ever comes back. */
  revision: Generated<number>;
  search_text: string;
  search_fold: number | null;
  search_name: string | null;
}

export interface CallersTable {
  principal_id: string;
  name: string;
  organization: string;
  /** Set for a partner's own people. */
  partner_id: PartnerId | null;
}

export interface CallerRolesTable {
  principal_id: string;
  subscription_id: SubscriptionId;
  role: CallerRole;
}

export interface AccessTokensTable {
  /** SHA-256 of the token, in hexadecimal. The token itself is kept nowhere. */
  token_hash: string;
  principal_id: string;
  created_at: Date;
  /** What people call the token by: it says nothing of it. */
  number: Counter;
  /** Null for one without an end. */
  ends_at: Date | null;
  /** At most an hour behind the last use; null for one that was never used. */
  last_used_at: Date | null;
}

export interface IdempotencyKeysTable {
  principal_id: string;
  idempotency_key: string;
  fingerprint: string;
  /** Null only inside the transaction that is at work on the key. */
  etag: string | null;
  body: string | null;
  created_at: Date;
}

export type ChangeKind = 'assign' | 'change' | 'remove';

/** The log of effects: one row for each change that took effect, written in the change's own transaction. */
export interface ChangesTable {
  sequence: Counter;
  change_id: string;
  subscription_id: SubscriptionId;
  kind: ChangeKind;
  before_partner_id: PartnerId | null;
  before_name: string | null;
  after_partner_id: PartnerId | null;
  after_name: string | null;
  changed_at: Date;
  changed_by: string;
  /** Null when the change was not asked for by a caller but loaded with the subscription. */
  principal_id: string | null;
  idempotency_key: string | null;
  request_id: string | null;
}

export interface UsageTable {
  subscription_id: SubscriptionId;
  /** `YYYY-MM`. */
  month: string;
  service: CloudService;
  /** What was metered; empty where the source says no more than the service. Nobody but the customer is to see it. */
  meter: Generated<string>;
  /** A decimal number; the driver hands it over as text so that no cent is lost on the way. */
  amount: string | null;
  currency: string | null;
  seats: number | null;
}

/** What became of a mail. `failed`: its address is wrong, or it was tried for five days. `undeliverable`: the partner has none. */
export type MailState = 'waiting' | 'sent' | 'failed' | 'undeliverable';

/** What is known of a mail on its way. */
interface MailOnItsWay {
  state: Generated<MailState>;
  /** Set at the first attempt, so that each later one is known to be the same mail. */
  message_id: string | null;
  /** How often it was begun to be sent. */
  attempts: Generated<number>;
  /** By the database's clock. Null: it was not begun yet, or not since somebody had it begin anew. */
  first_attempt_at: Date | null;
  /** By the database's clock, which all processes share. While the mail is being sent, the end of its lease. */
  next_attempt_at: Generated<Date>;
  /** Names the attempt that has the mail in hand, or had it last. */
  lease: string | null;
  last_error: string | null;
  /** What the last attempt met, as one of a few kinds that can be counted; null when there was none, and once it is sent. */
  answer_kind: string | null;
  sent_at: Date | null;
}

/** What a partner is told of a change, with names as they were then. */
interface Told {
  change_id: string;
  partner_id: PartnerId;
  partner_name: string;
  customer_id: string;
  customer_name: string;
  display_name: string;
}

/**
 * The notices that changes owe to partners and that are in no mail yet: written in the change's own transaction. The versions before
 * `0009-gathered-mails` sent each as a mail of its own; a row that one of them began to send has a `message_id`.
 */
export interface OutboxTable extends Told, MailOnItsWay {
  sequence: Counter;
  mail_id: string;
}

/** The mails into which notices were gathered. */
export interface MailsTable extends MailOnItsWay {
  sequence: Counter;
  mail_id: string;
  partner_id: PartnerId;
}

/** What is in each mail. */
export interface MailNoticesTable extends Told {
  /** Its place in the outbox that it comes from: the order in which the changes were made. */
  sequence: ColumnType<string, string, never>;
  mail_id: string;
}

export interface Schema {
  partners: PartnersTable;
  customers: CustomersTable;
  subscriptions: SubscriptionsTable;
  callers: CallersTable;
  caller_roles: CallerRolesTable;
  access_tokens: AccessTokensTable;
  idempotency_keys: IdempotencyKeysTable;
  changes: ChangesTable;
  usage: UsageTable;
  outbox: OutboxTable;
  mails: MailsTable;
  mail_notices: MailNoticesTable;
}

const PRESENT: Readonly<Record<keyof Schema, true>> = {
  partners: true,
  customers: true,
  subscriptions: true,
  callers: true,
  caller_roles: true,
  access_tokens: true,
  idempotency_keys: true,
  changes: true,
  usage: true,
  outbox: true,
  mails: true,
  mail_notices: true,
};

/** The names of all tables. */
export const TABLES: readonly string[] = Object.keys(PRESENT);
