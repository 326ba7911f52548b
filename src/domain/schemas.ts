import * as v from 'valibot';
import { AZURE_CLOUDS, AZURE_ENDPOINTS, AZURE_KIND, type AzureClientIds, azureCloudAt } from './azure-cloud';
import { BATCH_KINDS, type Batch, type BatchItem } from './batch';
import { type Change, type ChangeLife, type Settlement, WAITS_FOR } from './change';
import { ASKED_FROM, CHANGE_KINDS, REPLAYS } from './change-request';
import { type Connection, defaultName, LONGEST_NAME, parseAddress, parseIssuer } from './connection';
import { CORNERS, type Dock } from './dock';
import { FAILURE_REASONS, type Failure, type FailureDetail } from './failure';
import { parseGuid } from './guid';
import type { Check, CheckOutcome, ForeignChange, HistoryRow } from './history';
import { type ListPlace, MOST_PAGES } from './listing';
import {
  type AttachedPartner,
  type Partner,
  type PartnerId,
  type PartnerOfRecord,
  type PartnerRef,
  parsePartnerId,
} from './partner';
import type { Holding, PartnerState } from './partner-state';
import { withoutUnseen } from './pasted-text';
import type { Person } from './person';
import { BUILT_IN_PORTALS, PORTAL_IDS, type PortalId } from './portal';
import { CALLER_ROLES, type Caller, type Rights } from './rights';
import { CLOUD_SERVICES } from './cloud-service';
import { CONFIRM_WHEN, type PortalSettings, type Retention, type Settings, WATCH_EVERY, WATCHED } from './settings';
import {
  type LoggedChange,
  nameIn,
  parseSubscriptionId,
  type SubscriptionDetails,
  type SubscriptionId,
  type SubscriptionRecord,
} from './subscription';
import { LONGEST_SUPPORT } from './support';
import type { LinkTarget, Target } from './target';
import { parseTenant } from './tenant';
import type { Wait } from './wait';

/** The shapes of the domain, checked wherever one crosses an edge: a message, an answer, a stored row, a settings file. */
type Schema<T> = v.GenericSchema<unknown, T>;

const LONGEST_TEXT = 4096;
/** Of a page's address; a longer one is not kept. */
export const LONGEST_ADDRESS = 16_384;
const LONGEST_ETAG = 1024;

const text = v.pipe(v.string(), v.maxLength(LONGEST_TEXT));
/** A name that nothing needs: one that is blank is none. */
const nameOrNull = v.pipe(
  v.nullable(text),
  v.transform((name) => nameIn(name)),
);
const time = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Of the forms that ISO 8601 has, those that a browser reads as a moment: another could not be shown. */
export const dateTime = v.pipe(
  v.string(),
  v.check((written) => v.ISO_TIMESTAMP_REGEX.test(written) && !Number.isNaN(Date.parse(written)), 'Not a moment'),
);

/** Whom to ask: one line, as a service says it and as it is kept. */
export const supportSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(LONGEST_SUPPORT),
  v.regex(/^\P{Cc}*$/u, 'Whom to ask is one line'),
);

const addressSchema = v.pipe(v.string(), v.maxLength(LONGEST_ADDRESS));

// As long as a request's header can be, and a row can hold.
export const etagSchema = v.pipe(
  v.string(),
  v.maxLength(LONGEST_ETAG),
  v.regex(/^"[\x21\x23-\x7e]*"$/, 'An etag is a quoted text'),
);

export const uuidSchema = v.pipe(v.string(), v.uuid());

export const partnerIdSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parsePartnerId(dataset.value);
    if (parsed.ok) return parsed.partnerId;
    addIssue({ message: `Not a Partner ID: ${parsed.problem}` });
    return NEVER;
  }),
) satisfies Schema<PartnerId>;

export const subscriptionIdSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const id = parseSubscriptionId(dataset.value);
    if (id !== null) return id;
    addIssue({ message: 'Not a subscription ID: 1 to 128 characters' });
    return NEVER;
  }),
) satisfies Schema<SubscriptionId>;

export const partnerSchema = v.object({ partnerId: partnerIdSchema, name: text }) satisfies Schema<Partner>;

export const partnerOfRecordSchema = v.object({
  partnerId: partnerIdSchema,
  name: text,
  assignedAt: dateTime,
  assignedBy: text,
}) satisfies Schema<PartnerOfRecord>;

const partnerRefSchema = v.object({ partnerId: partnerIdSchema, name: nameOrNull }) satisfies Schema<PartnerRef>;

const attachedPartnerSchema = v.object({
  ...partnerRefSchema.entries,
  assignedAt: v.nullable(dateTime),
  assignedBy: nameOrNull,
  state: v.exactOptional(text),
}) satisfies Schema<AttachedPartner>;

const callerSchema = v.object({
  role: v.picklist(CALLER_ROLES),
  canChangePartner: v.boolean(),
  reason: v.exactOptional(text),
}) satisfies Schema<Caller>;

const subscriptionDetailsSchema = v.object({
  displayName: text,
  service: v.picklist(CLOUD_SERVICES),
  state: text,
  startDate: dateTime,
  endDate: dateTime,
  customer: v.object({ id: text, name: text }),
}) satisfies Schema<SubscriptionDetails>;

/** What tells one holding of a target from another. */
export const markSchema = v.pipe(
  v.string(),
  v.maxLength(LONGEST_ETAG),
  v.regex(/^[\x20-\x7e]+$/, 'A mark is plain text'),
);

/** A version of a target's state, such as an etag with its quotes; null where the backend has none. */
const versionSchema = v.nullable(markSchema);

const holdingSchema = v.object({
  partnerOfRecord: v.nullable(attachedPartnerSchema),
  version: versionSchema,
}) satisfies Schema<Holding>;

export const partnerStateSchema = v.object({
  ...holdingSchema.entries,
  rights: v.object({
    mayChange: v.boolean(),
    role: v.nullable(v.picklist(CALLER_ROLES)),
    reason: v.nullable(text),
  }) satisfies Schema<Rights>,
  subscription: v.nullable(subscriptionDetailsSchema),
}) satisfies Schema<PartnerState>;

export const subscriptionRecordSchema = v.object({
  subscriptionId: subscriptionIdSchema,
  ...subscriptionDetailsSchema.entries,
  caller: callerSchema,
  partnerOfRecord: v.nullable(partnerOfRecordSchema),
  etag: etagSchema,
}) satisfies Schema<SubscriptionRecord>;

export const loggedChangeSchema = v.object({
  kind: v.picklist(CHANGE_KINDS),
  before: v.nullable(partnerRefSchema),
  after: v.nullable(partnerRefSchema),
  at: dateTime,
  by: nameOrNull,
}) satisfies Schema<LoggedChange>;

const failureDetailSchema = v.variant('code', [
  v.object({ code: v.literal('unreachable'), name: text }),
  v.object({ code: v.literal('keptOut'), host: text }),
  v.object({ code: v.picklist(['webPage', 'cutShort', 'notJson', 'notUtf8', 'personalAccount', 'moreProof']) }),
  v.object({ code: v.picklist(['fieldUnreadable', 'fieldUnexpected']), field: text }),
  v.object({ code: v.literal('otherVersion'), version: v.number(), own: v.number() }),
  v.object({ code: v.literal('clockOff'), aheadMs: v.number() }),
  v.object({ code: v.literal('entra'), number: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  v.object({ code: v.literal('technical'), words: text }),
]) satisfies Schema<FailureDetail>;

export const failureSchema = v.object({
  reason: v.picklist(FAILURE_REASONS),
  status: v.exactOptional(v.number()),
  code: v.exactOptional(text),
  said: v.exactOptional(text),
  detail: v.exactOptional(failureDetailSchema),
  requestId: v.exactOptional(text),
  unsent: v.exactOptional(v.literal(true)),
}) satisfies Schema<Failure>;

export const linkTargetSchema = v.object({
  kind: v.literal('signIn'),
  connectionId: uuidSchema,
  tenant: text,
  user: text,
}) satisfies Schema<LinkTarget>;

const targetSchema = v.variant('kind', [
  v.object({ kind: v.literal('subscription'), connectionId: uuidSchema, id: subscriptionIdSchema }),
  linkTargetSchema,
]) satisfies Schema<Target>;

const settlementSchema = v.variant('as', [
  v.object({ as: v.literal('cancelled') }),
  v.object({ as: v.literal('refused'), failure: failureSchema }),
]) satisfies Schema<Settlement>;

export const personSchema = v.variant('kind', [
  v.object({ kind: v.literal('openIdConnect'), issuer: text, sub: text, name: v.nullable(text) }),
  v.object({ kind: v.literal('principal'), issuer: text, principalId: text, name: v.nullable(text) }),
  v.object({ kind: v.literal('token'), issuer: text, fingerprint: text }),
  v.object({ kind: v.literal('connection'), connectionId: uuidSchema }),
]) satisfies Schema<Person>;

export const waitSchema = v.object({
  from: time,
  ms: v.pipe(v.number(), v.finite(), v.minValue(0)),
}) satisfies Schema<Wait>;

const trying = {
  attempts: count,
  triedMs: v.pipe(v.number(), v.finite(), v.minValue(0)),
  firstSentAt: v.nullable(time),
  lastSentAt: v.nullable(time),
  effectPossible: v.boolean(),
  lastFailure: v.nullable(failureSchema),
  settle: v.nullable(settlementSchema),
};

const ended = { attempts: count, endedAt: time };

const lifeSchema = v.variant('state', [
  v.object({
    state: v.literal('waiting'),
    for: v.picklist(WAITS_FOR),
    wait: waitSchema,
    failedReads: count,
    claimedAt: v.exactOptional(time),
    ...trying,
  }),
  v.object({ state: v.literal('sending'), ...trying }),
  v.object({ state: v.literal('done'), outcome: holdingSchema, ...ended }),
  v.object({ state: v.literal('refused'), failure: failureSchema, seen: v.boolean(), ...ended }),
  v.object({
    state: v.literal('conflict'),
    found: holdingSchema,
    answer: v.nullable(
      v.variant('kind', [
        v.object({ kind: v.literal('resolvedBy'), changeId: uuidSchema }),
        v.object({ kind: v.literal('kept') }),
      ]),
    ),
    ...ended,
  }),
  v.object({ state: v.literal('cancelled'), ...ended }),
  v.object({
    state: v.literal('unknown'),
    failure: failureSchema,
    found: v.nullable(holdingSchema),
    seen: v.boolean(),
    ...ended,
  }),
]) satisfies Schema<ChangeLife>;

export const changeSchema = v.object({
  id: uuidSchema,
  target: targetSchema,
  targetName: text,
  page: v.nullable(addressSchema),
  kind: v.picklist(CHANGE_KINDS),
  before: v.nullable(partnerRefSchema),
  after: v.nullable(partnerRefSchema),
  basedOn: versionSchema,
  replay: v.picklist(REPLAYS),
  askedFrom: v.picklist(ASKED_FROM),
  askedAt: time,
  person: v.nullable(personSchema),
  undoes: v.exactOptional(uuidSchema),
  batch: v.exactOptional(uuidSchema),
  mails: v.exactOptional(v.literal(false)),
  sentAs: v.nullable(personSchema),
  directoryUser: v.exactOptional(v.object({ tenantId: text, objectId: text })),
  life: lifeSchema,
}) satisfies Schema<Change>;

export const checkOutcomeSchema = v.variant('kind', [
  v.object({ kind: v.literal('found'), partner: partnerSchema, location: v.exactOptional(text) }),
  v.object({ kind: v.literal('unknownPartner') }),
  v.object({ kind: v.literal('failed'), failure: failureSchema }),
]) satisfies Schema<CheckOutcome>;

const checkSchema = v.object({
  id: uuidSchema,
  connectionId: uuidSchema,
  partnerId: partnerIdSchema,
  checkedAt: time,
  outcome: checkOutcomeSchema,
}) satisfies Schema<Check>;

const foreignChangeSchema = v.object({
  id: uuidSchema,
  target: targetSchema,
  targetName: text,
  before: v.nullable(partnerRefSchema),
  after: v.nullable(attachedPartnerSchema),
  foundAt: time,
  // Rows of before say none of this, and nobody is called for them any more.
  by: v.optional(nameOrNull, null),
  version: v.optional(versionSchema, null),
  seen: v.optional(v.boolean(), true),
}) satisfies Schema<ForeignChange>;

export const batchItemSchema = v.object({
  id: uuidSchema,
  target: targetSchema,
  targetName: text,
  page: v.nullable(addressSchema),
  before: v.nullable(partnerRefSchema),
  basedOn: versionSchema,
  after: v.nullable(partnerIdSchema),
  answers: v.exactOptional(uuidSchema),
  person: v.exactOptional(personSchema),
}) satisfies Schema<BatchItem>;

export const MOST_ITEMS = 50_000;
/** What a page asks for at once. */
export const askedItemsSchema = v.pipe(
  v.array(
    v.object({
      subscriptionId: subscriptionIdSchema,
      name: text,
      page: v.nullable(addressSchema),
      before: v.nullable(partnerRefSchema),
      basedOn: versionSchema,
      after: v.nullable(partnerIdSchema),
    }),
  ),
  v.minLength(1),
  v.maxLength(MOST_ITEMS),
);

/** Links that a page asks for at once, or the end of them. What is there is null where that is not known: then nothing is replaced. */
export const askedLinksSchema = v.pipe(
  v.array(v.object({ target: linkTargetSchema, before: v.nullable(partnerRefSchema), basedOn: versionSchema })),
  v.minLength(1),
  v.maxLength(5000),
);

const batchSchema = v.object({
  id: uuidSchema,
  connectionId: uuidSchema,
  kind: v.picklist(BATCH_KINDS),
  of: v.nullable(uuidSchema),
  size: count,
  partners: v.array(partnerRefSchema),
  replay: v.picklist(REPLAYS),
  mails: v.exactOptional(v.literal(false)),
  askedFrom: v.picklist(ASKED_FROM),
  askedAt: time,
  person: v.nullable(personSchema),
}) satisfies Schema<Batch>;

export const historyRowSchema = v.variant('type', [
  v.object({ type: v.literal('batch'), id: uuidSchema, at: time, batch: batchSchema }),
  v.object({ type: v.literal('change'), id: uuidSchema, at: time, change: changeSchema }),
  v.object({ type: v.literal('check'), id: uuidSchema, at: time, check: checkSchema }),
  v.object({ type: v.literal('foreign'), id: uuidSchema, at: time, foreign: foreignChangeSchema }),
]) satisfies Schema<HistoryRow>;

export const baseAddressSchema = v.pipe(
  v.string(),
  v.maxLength(LONGEST_TEXT),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseAddress(dataset.value);
    if (parsed.ok) return parsed.address;
    addIssue({ message: `Not a backend’s address: ${parsed.problem}` });
    return NEVER;
  }),
) satisfies Schema<string>;

const issuerSchema = v.pipe(
  v.string(),
  v.maxLength(LONGEST_TEXT),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseIssuer(dataset.value);
    if (parsed.ok) return parsed.issuer;
    addIssue({ message: `Not an issuer: ${parsed.problem}` });
    return NEVER;
  }),
) satisfies Schema<string>;

/** As RFC 6749 writes a scope. */
export const scopesSchema: v.GenericSchema<readonly string[]> = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(LONGEST_TEXT), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))),
  v.maxLength(50),
);

const clientIdSchema = v.pipe(
  v.string(),
  v.transform(withoutUnseen),
  v.trim(),
  v.minLength(1),
  v.maxLength(LONGEST_TEXT),
);

const servedPortalsSchema: v.GenericSchema<readonly PortalId[]> = v.array(v.picklist(PORTAL_IDS));
/** In the one spelling by which tenants are compared. */
export const tenantSchema = v.pipe(
  v.string(),
  v.maxLength(LONGEST_TEXT),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const tenant = parseTenant(dataset.value);
    if (tenant !== null) return tenant;
    addIssue({ message: 'Not a tenant: a domain or a GUID' });
    return NEVER;
  }),
) satisfies Schema<string>;
const servedTenantsSchema: v.GenericSchema<readonly string[]> = v.pipe(v.array(tenantSchema), v.maxLength(100));

/** Entra's home account ID: two GUIDs with a dot between. */
export const homeAccountSchema = v.pipe(
  v.string(),
  v.check((id) => {
    const parts = id.split('.');
    return parts.length === 2 && parts.every((part) => parseGuid(part) === part);
  }, 'Not a home account ID'),
) satisfies Schema<string>;

const applicationIdSchema = v.pipe(
  v.string(),
  v.maxLength(LONGEST_TEXT),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const id = parseGuid(withoutUnseen(dataset.value));
    if (id !== null) return id;
    addIssue({ message: 'Not an application (client) ID: a GUID' });
    return NEVER;
  }),
) satisfies Schema<string>;

// A kind of a later version is kept and told: only who makes a backend of it can refuse it.
const kindSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(40));
const notAzureKind = v.check((kind: string) => kind !== AZURE_KIND, `${AZURE_KIND} has the sign-in entra and no other`);
const azureKind = v.check(
  (kind: string) => kind === AZURE_KIND,
  `The sign-in entra is for ${AZURE_KIND} and nothing else`,
);
const managementAddressSchema = v.pipe(
  baseAddressSchema,
  v.check(
    (address) => azureCloudAt(address) !== null,
    `Not a cloud of Azure: ${AZURE_CLOUDS.map((cloud) => AZURE_ENDPOINTS[cloud].management).join(', ')}`,
  ),
);

/** The shape of a connection, or of what becomes one: with those entries besides, and each way of signing in where it belongs. */
export function connectionWith<const Entries extends v.ObjectEntries>(more: Entries) {
  const served = { portals: v.optional(servedPortalsSchema, []), tenants: v.optional(servedTenantsSchema, []) };
  const entries = {
    ...more,
    kind: v.optional(v.pipe(kindSchema, notAzureKind), 'service'),
    address: baseAddressSchema,
    ...served,
  };
  return v.variant('signIn', [
    v.object({ ...entries, signIn: v.literal('none') }),
    v.object({ ...entries, signIn: v.literal('accessToken') }),
    v.object({
      ...entries,
      signIn: v.literal('openIdConnect'),
      issuer: issuerSchema,
      clientId: clientIdSchema,
      staySignedIn: v.optional(v.boolean(), false),
      scopes: v.optional(v.nullable(scopesSchema), null),
      sendResource: v.optional(v.boolean(), false),
    }),
    v.object({
      ...more,
      kind: v.optional(v.pipe(kindSchema, azureKind), AZURE_KIND),
      address: managementAddressSchema,
      ...served,
      signIn: v.literal('entra'),
      clientId: applicationIdSchema,
      staySignedIn: v.optional(v.boolean(), false),
    }),
  ]);
}

/** What people call a connection; null where they leave that to its address. */
export const connectionNameSchema = v.optional(
  v.nullable(
    v.pipe(
      v.string(),
      v.trim(),
      v.maxLength(LONGEST_NAME),
      v.transform((name) => (name === '' ? null : name)),
    ),
  ),
  null,
);

/** A connection that has a name, whether or not it was given one: those of earlier versions were not. */
export function named<T extends { readonly name: string | null; readonly address: string }>(
  connection: T,
): T & { readonly name: string } {
  return { ...connection, name: connection.name ?? defaultName(connection.address) };
}

export const connectionSchema = v.pipe(
  connectionWith({ id: uuidSchema, name: connectionNameSchema }),
  v.transform(named),
) satisfies Schema<Connection>;

export const portalSettingsSchema = v.object({
  off: v.array(v.picklist(BUILT_IN_PORTALS)),
  own: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(2048))), v.maxLength(100)),
}) satisfies Schema<PortalSettings>;

/** As policy writes it: either list may be left out, and a portal that this version does not know is none to switch off. */
export const managedPortalsSchema = v.object({
  off: v.optional(
    v.pipe(
      v.array(v.string()),
      v.transform((ids) => BUILT_IN_PORTALS.filter((id) => ids.includes(id))),
    ),
    [],
  ),
  own: v.optional(portalSettingsSchema.entries.own, []),
}) satisfies Schema<PortalSettings>;

const limit = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000)));

/** As policy writes it, which knows no null: what is left out has no limit. */
export const managedRetentionSchema = v.object({
  maxAgeDays: v.optional(limit, null),
  maxRows: v.optional(limit, null),
}) satisfies Schema<Retention>;

export const retentionSchema = v.object({ maxAgeDays: limit, maxRows: limit }) satisfies Schema<Retention>;

export const confirmSchema = v.picklist(CONFIRM_WHEN);
export const watchSchema = v.picklist(WATCH_EVERY);
export const watchedSchema = v.picklist(WATCHED);
export const ownPartnerIdSchema = v.nullable(partnerIdSchema);

const applicationIdOrNull = v.optional(v.nullable(applicationIdSchema), null);

/** As policy writes it too, which may leave out a cloud. */
export const azureClientIdsSchema = v.object({
  public: applicationIdOrNull,
  usGovernment: applicationIdOrNull,
  china: applicationIdOrNull,
}) satisfies Schema<AzureClientIds>;

export const dockSchema: v.GenericSchema<unknown, Dock> = v.object({
  corner: v.picklist(CORNERS),
  folded: v.nullable(v.boolean()),
});

export const listPlaceSchema = v.object({
  run: count,
  page: v.pipe(count, v.maxValue(MOST_PAGES - 2)),
}) satisfies Schema<ListPlace>;

export const settingsSchema = v.object({
  connections: v.array(connectionSchema),
  defaultConnection: v.nullable(uuidSchema),
  portals: portalSettingsSchema,
  retention: retentionSchema,
  notify: v.boolean(),
  confirm: confirmSchema,
  watch: watchSchema,
  watched: watchedSchema,
  ownPartnerId: ownPartnerIdSchema,
  azureClientIds: azureClientIdsSchema,
}) satisfies Schema<Settings>;
