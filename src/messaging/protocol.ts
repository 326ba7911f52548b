import * as v from 'valibot';
import type { AzureAccount } from '../domain/azure-account';
import type { BatchOutcome, BatchProgress, LeftOut } from '../domain/batch';
import type { Attribution } from '../domain/attribution';
import type { Capabilities } from '../domain/capabilities';
import { LONGEST_TYPED } from '../domain/confirm-window';
import type { TestStep } from '../domain/connection-test';
import type { Dock } from '../domain/dock';
import type { Failure } from '../domain/failure';
import type { CheckAnswer } from '../domain/partner-form';
import type { PartnerId, UsedPartners } from '../domain/partner';
import type { Holding, ListedSubscription, PartnerState } from '../domain/partner-state';
import type { KindFacts } from '../domain/kind-facts';
import type { ListPlace } from '../domain/listing';
import { LONGEST_PASTED } from '../domain/pasted-ids';
import type { Person } from '../domain/person';
import {
  askedItemsSchema,
  askedLinksSchema,
  baseAddressSchema,
  confirmSchema,
  connectionNameSchema,
  connectionWith,
  dockSchema,
  linkTargetSchema,
  homeAccountSchema,
  listPlaceSchema,
  markSchema,
  ownPartnerIdSchema,
  partnerIdSchema,
  portalSettingsSchema,
  retentionSchema,
  scopesSchema,
  subscriptionIdSchema,
  tenantSchema,
  uuidSchema,
  watchedSchema,
  watchSchema,
} from '../domain/schemas';
import type { SignInVisit } from '../domain/sign-in-visit';
import type { Standing } from '../domain/standing';
import type { StorageProblem } from '../domain/storage-problem';
import type { NamedScopes } from '../domain/scopes';
import type { LoggedChange, SubscriptionId } from '../domain/subscription';
import type { LinkTarget } from '../domain/target';
import type { WindowAnswer } from '../domain/window-answer';

/**
 * Who may send a message. `page`: one of the extension's own pages. `portal`: the content script in the top frame of a portal
 * that is switched on. A portal's message that names a subscription or a change passes only for the subscription its tab shows.
 */
export type Sender = 'page' | 'portal';

/** What is known of one target at this moment. Times are milliseconds since the epoch. */
export interface TargetView {
  /** Where the record is kept: the connection's name; null when no connection is configured. */
  readonly source: string | null;
  /** The last state read, however old; null when none was ever read. */
  readonly state: PartnerState | null;
  readonly readAt: number | null;
  /** Which of all that were kept of the target it is: the higher is the newer, whatever the clock says. */
  readonly order: number;
  /** Why the newest read failed; null when it did not. */
  readonly failure: Failure | null;
  /** Where the newest change asked for here stands, open or ended. */
  readonly standing: Standing | null;
  /** Which of all changes it is: the higher was asked for later, whatever the clock says; 0 where there is none. */
  readonly changeOrder: number;
  /** Whom to ask, as the service says: an address or a text; null where it says nothing. */
  readonly support: string | null;
  /** What the backend can do; null when no connection is configured. */
  readonly can: Capabilities | null;
}

/** What is known of one subscription: what the panel shows. */
export interface SubscriptionView extends TargetView {
  readonly subscriptionId: SubscriptionId;
  /** Only to a panel whose tab was shown many subscriptions: all the rest is null until the person asks for this one by a press. */
  readonly withheld?: true;
  /** No connection is known, and the settings that would name one cannot be read. */
  readonly settingsUnread?: true;
  /** Nothing that alters the record is taken from a panel: every change is confirmed in the extension's own window. */
  readonly confirms?: true;
}

/** An account that is signed in, and what people call it. */
export interface LinkAccount {
  /** The home account ID. */
  readonly user: string;
  readonly name: string;
}

/** Whose link counts on a subscription's page, and where. */
export interface LinkFacts {
  /** Null while nobody is signed in, or in which tenant it would be is not known. */
  readonly target: LinkTarget | null;
  /** Whose link it is; null: nobody is signed in. */
  readonly account: LinkAccount | null;
  /** All that are signed in. */
  readonly accounts: readonly LinkAccount[];
  /** Null where it is not known. */
  readonly tenant: { readonly id: string; readonly name: string | null } | null;
  /** The subscription is delegated to that tenant by Azure Lighthouse: one link there counts for all that is. */
  readonly isDelegated: boolean;
  /** Whether work done on the subscription is attributed; null where that was not read. */
  readonly attribution: Attribution | null;
}

/** What is known of the link that counts on a subscription's page: an account's own, in one tenant. */
export interface LinkView extends SubscriptionView {
  readonly link: LinkFacts;
}

/** What is known of either: a subscription's record, or the link that counts on its page. */
export type PageView = SubscriptionView & { readonly link?: LinkFacts };

/** The subscription's page that a tab shows, and where a panel goes on it. */
export interface ShownPage {
  readonly subscriptionId: SubscriptionId;
  /** CSS selectors of the places where the panel goes inline, best first. */
  readonly anchors: readonly string[];
  /** How the person left it on this portal, for when there is no such place. */
  readonly dock: Dock;
}

/** All that a panel says, by the sentences' names in `_locales`, and what that is written in. */
export interface PanelWords {
  readonly writing: {
    /** As BCP 47 tags. */
    readonly language: string;
    readonly locale: string;
    readonly direction: 'ltr' | 'rtl';
  };
  readonly sentences: Readonly<Partial<Record<string, string>>>;
}

/** What the worker recognises in a tab. `address`: the tab's, when it looked; `page` null: it shows no subscription (any more). */
export interface PanelStart {
  readonly address: string;
  readonly page: ShownPage | null;
  readonly words: PanelWords;
}

export type ChangeAnswer =
  | { readonly ok: true; readonly standing: Standing }
  | {
      readonly ok: false;
      readonly problem:
        | 'notConfigured'
        | 'idUsedOtherwise'
        | 'nothingToChange'
        | 'neverRead'
        /** The backend did not show the record in time. */
        | 'readTimedOut'
        /** The backend has not said whose the ID is. */
        | 'notChecked'
        | 'storageFull'
        /** There is no such change any more, or not in the state that this is asked of. */
        | 'notThere';
    }
  /** What the person saw is not so any more: what is there now. `view`: all that is known of a subscription; null: read it, of a link. */
  | {
      readonly ok: false;
      readonly problem: 'changedSince';
      readonly found: Holding;
      readonly view: SubscriptionView | null;
    }
  /** Portals asked for many changes, or every one is to be confirmed: this one is made where no page reaches. */
  | { readonly ok: false; readonly problem: 'confirmInExtension' }
  /** Another change of the same subscription has not ended yet. */
  | { readonly ok: false; readonly problem: 'changeOpen'; readonly open: Standing };

export type BatchAnswer =
  | {
      readonly ok: true;
      readonly progress: BatchProgress;
      /** How many changes are in it: of what was asked for without those that would change nothing. */
      readonly asked: number;
      readonly leftOut: readonly LeftOut[];
    }
  | {
      readonly ok: false;
      readonly problem:
        | 'notConfigured'
        | 'storageFull'
        | 'idUsedOtherwise'
        /** There is no such batch any more, or nothing of it is in the state that this is asked of. */
        | 'notThere';
    }
  /** All of it is as wanted, or was changed by others since. */
  | { readonly ok: false; readonly problem: 'nothingToChange'; readonly leftOut: readonly LeftOut[] }
  /** The backend has not said whose these IDs are. */
  | { readonly ok: false; readonly problem: 'notChecked'; readonly partnerIds: readonly PartnerId[] };

/** A row of a batch that has gone on; `state` where the backend has shown one since. */
export interface BatchNews {
  readonly subscriptionId: SubscriptionId;
  readonly connectionId: string;
  readonly outcome: BatchOutcome;
  readonly state?: PartnerState;
}

/** `otherByNow`: it is somebody else who is signed in, or the change has ended. */
export type SendAsMeAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: 'otherByNow' | 'confirmInExtension' };

/** Whether the extension's own window is before the person; `optionsOpened`: for a link somebody has to sign in first. */
export type ConfirmOpenAnswer = Extract<WindowAnswer, 'opened' | 'busy' | 'tooMany' | 'optionsOpened' | 'linkUnread'>;

/** `noRoom`: the browser keeps no more, so nothing was begun. */
export type CheckStartAnswer = 'started' | 'notConfigured' | 'noRoom';

export type SubscriptionsPage =
  | {
      readonly ok: true;
      readonly subscriptions: readonly ListedSubscription[];
      /** What leads to the page after this one; null on the last. */
      readonly next: string | null;
      /** Where it is kept; null where it is not, since nobody knows whose it is. */
      readonly place: ListPlace | null;
      /** Whom it was shown to; null where nobody is known. */
      readonly readAs: Person | null;
      readonly readAt: number;
    }
  | { readonly ok: false; readonly failure: Failure };

/** A tenant that an account reaches, and its link there. */
export interface TenantRow {
  readonly target: LinkTarget;
  readonly account: LinkAccount;
  /** Null where nobody tells. */
  readonly name: string | null;
  readonly domain: string | null;
  readonly view: TargetView;
  /** Nothing is read or sent there before the person signs in there. */
  readonly needsSignIn: boolean;
  /** The person has said that it is no concern of theirs. */
  readonly ignored: boolean;
}

export interface TenantsAnswer {
  readonly accounts: readonly LinkAccount[];
  readonly rows: readonly TenantRow[];
  /** Of which accounts the tenants could not be read, and why. */
  readonly failures: readonly { readonly account: LinkAccount; readonly failure: Failure }[];
}

/** How signing in for a link ended. `user`: who came. `otherAccount`: another one came back than the one wanted; `name`: what people call it. */
export type LinkSignInAnswer =
  | { readonly kind: 'signedIn'; readonly user: string }
  | { readonly kind: 'optionsOpened' | 'tooMany' | 'cancelled' }
  | { readonly kind: 'otherAccount'; readonly name: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type StarAnswer = { readonly ok: true } | { readonly ok: false; readonly problem: 'nobodySignedIn' };

/** Who changed the partner of a subscription, from the backend's own log: the newest first; `more`: there are older ones. */
export type ChangesAnswer =
  | {
      readonly ok: true;
      readonly changes: readonly LoggedChange[];
      readonly more: boolean;
      /** Milliseconds since the epoch. */
      readonly readAt: number;
    }
  | { readonly ok: false; readonly failure: Failure };

export type SaveAnswer =
  | { readonly ok: true }
  /** The address of a connection with open changes is to be changed; ask, then save again with `abandonOpenChanges`. */
  | { readonly ok: false; readonly problem: 'openChanges'; readonly count: number };

export type RetentionAnswer =
  | { readonly ok: true; readonly removed: number }
  /** More rows would go than the person agreed to; nothing was saved or removed. */
  | { readonly ok: false; readonly problem: 'wouldRemove'; readonly removes: number };

/**
 * How signing in ended. `providerAway`: nobody answered there. `optionsOpened`: there is no identity
 * provider, or the browser or the person has to be asked for something first: the person goes on in the options, which lead back
 * to where this was sent from.
 */
export type SignInAnswer = Exclude<WindowAnswer, 'opened' | 'busy' | 'linkUnread'>;

/** How signing in at Microsoft Entra ended. */
export type AzureSignInAnswer =
  | { readonly kind: 'signedIn'; readonly account: AzureAccount; readonly tenant: string }
  /** Another account came back than the one that was wanted; it is signed in too. */
  | { readonly kind: 'otherAccount'; readonly account: AzureAccount; readonly wanted: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The browser has to be asked for something first, which a save does. */
  | { readonly kind: 'notAllowed' };

const subscription = v.object({ subscriptionId: subscriptionIdSchema });
const change = v.object({ changeId: uuidSchema });
const batch = v.object({ batchId: uuidSchema });
/** The account that was chosen for a link on a page; null: none was. */
const chosen = { user: v.nullable(v.pipe(v.string(), v.maxLength(200))) };
/** The page that a link is shown on: of a panel its own, whatever stands here. */
const ofLinkPage = { ...subscription.entries, ...chosen };
/** What asks for a change has the id of the change that it becomes, and the mark of what the person saw. */
const asking = { id: uuidSchema, seen: markSchema };
const nothing = v.object({});
/** Of changes made elsewhere, in one message. */
export const MOST_SEEN = 200;
/** Which connection a page of ours means; absent: the default. A portal's page decides by what it is, whatever stands here. */
const ofConnection = v.object({ connectionId: v.exactOptional(uuidSchema) });
const ofLink = { link: v.exactOptional(v.object(chosen)) };
const azure = { connectionId: uuidSchema };
const someLinks = v.object({ targets: v.pipe(v.array(linkTargetSchema), v.maxLength(5000)) });
const formEntries = {
  name: connectionNameSchema,
  /** `typed`: the page left a new access token in `storage/secrets`, since no message carries one. */
  token: v.picklist(['typed', 'kept']),
  /** Keep the token when the browser closes. */
  remember: v.boolean(),
};
const connectionForm = connectionWith(formEntries);
export type ConnectionForm = v.InferOutput<typeof connectionForm>;

/** Marks what a message answers, for the types alone: the worker's own answers need no check. */
interface Answers<T> {
  readonly answers?: T;
}
function message<const I extends v.GenericSchema, T>(from: readonly Sender[], input: I, _answer: Answers<T>) {
  return { from, input } as { readonly from: readonly Sender[]; readonly input: I } & Answers<T>;
}
const answers = <T>(): Answers<T> => ({});

const anyone: readonly Sender[] = ['page', 'portal'];

/** Every message there is: who may send it, what it carries, what it answers. */
export const protocol = {
  /** The sender's tab may show a subscription's page: its address is looked at, and the panel put there. */
  'page.seen': message(['portal'], nothing, answers<null>()),
  /** Asked at every new address: the worker alone recognises pages. */
  'panel.start': message(['portal'], nothing, answers<PanelStart>()),
  /** How the panel is to be docked on the portal in the sender's tab from now on. */
  'panel.dock': message(['portal'], v.object({ dock: dockSchema }), answers<null>()),
  /** `anew`: ask the backend; otherwise what is known answers. */
  'subscription.read': message(
    anyone,
    v.object({ ...subscription.entries, ...ofConnection.entries, anew: v.boolean() }),
    answers<SubscriptionView>(),
  ),
  /** The person pressed "Show partner" where the view was withheld. */
  'subscription.show': message(['portal'], subscription, answers<SubscriptionView>()),
  'subscription.changes': message(anyone, subscription, answers<ChangesAnswer>()),
  'subscriptions.list': message(
    ['page'],
    v.object({
      connectionId: uuidSchema,
      /** What the page before it answered; null for the first page. */
      after: v.nullable(v.object({ next: v.pipe(v.string(), v.maxLength(8192)), place: v.nullable(listPlaceSchema) })),
    }),
    answers<SubscriptionsPage>(),
  ),
  /** Has a subscription among those that the person signed in there has starred, or no more. */
  'stars.set': message(
    ['page'],
    v.object({ connectionId: uuidSchema, ...subscription.entries, starred: v.boolean() }),
    answers<StarAnswer>(),
  ),
  'partner.check': message(
    anyone,
    v.object({ partnerId: partnerIdSchema, ...ofConnection.entries }),
    answers<CheckAnswer>(),
  ),
  /** Begins to check all IDs of a text; what becomes of it stands in `storage/check-run`. The page makes the `id`. */
  'checks.start': message(
    ['page'],
    v.object({ id: uuidSchema, typed: v.pipe(v.string(), v.maxLength(LONGEST_PASTED)) }),
    answers<CheckStartAnswer>(),
  ),
  'checks.stop': message(['page'], nothing, answers<null>()),
  /** Goes on with those that have no answer yet. */
  'checks.resume': message(['page'], nothing, answers<null>()),
  'checks.clear': message(['page'], nothing, answers<null>()),
  /** Partners assigned before, and those only checked. `ofLink`: at the connection that holds the link on the sender's page. */
  'partners.used': message(anyone, v.object({ ofLink: v.exactOptional(v.boolean()) }), answers<UsedPartners>()),
  /** The partner's name is the one that the backend gave when the ID was checked. */
  'change.assign': message(
    anyone,
    v.object({ ...asking, ...subscription.entries, partnerId: partnerIdSchema }),
    answers<ChangeAnswer>(),
  ),
  'change.remove': message(anyone, v.object({ ...asking, ...subscription.entries }), answers<ChangeAnswer>()),
  /**
   * What is known of the link that counts on the sender's page, or on a page of that subscription; null where no connection holds links
   * for it. `user`: the account that the person chose.
   */
  'link.read': message(anyone, v.object({ ...ofLinkPage, anew: v.boolean() }), answers<LinkView | null>()),
  /** What is known of that link, which was shown on a page of that subscription. */
  'link.known': message(
    ['page'],
    v.object({ ...subscription.entries, target: linkTargetSchema, anew: v.boolean() }),
    answers<SubscriptionView>(),
  ),
  /** Links an account to a partner in a tenant, in the place of the one there is. Nobody can say before whose the ID is. */
  'link.assign': message(
    anyone,
    v.object({ ...asking, target: linkTargetSchema, partnerId: partnerIdSchema }),
    answers<ChangeAnswer>(),
  ),
  'link.remove': message(anyone, v.object({ ...asking, target: linkTargetSchema }), answers<ChangeAnswer>()),
  /** Has an account sign in where the link on the sender's page is. `user`: the account that is to come back; null: any. */
  'link.signIn': message(anyone, v.object(ofLinkPage), answers<LinkSignInAnswer>()),
  /** Asks for a change again over what was found in its place. */
  'change.overwrite': message(anyone, v.object({ ...asking, ...change.entries }), answers<ChangeAnswer>()),
  /** Puts back what a change that is done has replaced. */
  'change.undo': message(anyone, v.object({ ...asking, ...change.entries }), answers<ChangeAnswer>()),
  /** Puts back what a change made elsewhere has replaced. `changeId`: the ID of its row. */
  'change.restore': message(['page'], v.object({ ...asking, ...change.entries }), answers<ChangeAnswer>()),
  /** The person has met these changes made elsewhere; null: all of them. */
  'foreign.seen': message(
    ['page'],
    v.object({ changeIds: v.nullable(v.pipe(v.array(uuidSchema), v.maxLength(MOST_SEEN))) }),
    answers<null>(),
  ),
  /** Has the backend's log read for who made a change elsewhere, where that is not known. Pages hear of it as of all history. */
  'foreign.who': message(['page'], change, answers<null>()),
  /** Sends another person's change as one's own. `me`: the name under which the person was shown to be signed in. */
  'change.sendAsMe': message(
    anyone,
    v.object({ ...change.entries, me: v.nullable(v.pipe(v.string(), v.maxLength(4096))) }),
    answers<SendAsMeAnswer>(),
  ),
  /**
   * Opens the extension's own window for the subscription in the sender's tab. `typed`: what stands in the box, unchecked. `link`: it is
   * about the link that counts there.
   */
  'confirm.open': message(
    ['portal'],
    v.object({ typed: v.pipe(v.string(), v.maxLength(LONGEST_TYPED)), ...ofLink }),
    answers<ConfirmOpenAnswer>(),
  ),
  /** The same from a page of the extension, which names the subscription that it shows. */
  'confirm.openFor': message(
    ['page'],
    v.object({ ...subscription.entries, ...ofConnection.entries, ...ofLink }),
    answers<ConfirmOpenAnswer>(),
  ),
  /** Whether something is under way in that window, so that it is not given up for another subscription. */
  'confirm.underWay': message(['page'], v.object({ id: uuidSchema, underWay: v.boolean() }), answers<null>()),
  'change.stop': message(anyone, change, answers<null>()),
  'change.tryNow': message(anyone, change, answers<null>()),
  'change.keep': message(anyone, change, answers<null>()),
  /** The person has met how these changes ended. */
  'change.seen': message(anyone, change, answers<null>()),
  /** Asks for many changes at once, each by what the page showed of its subscription. The page makes the `id`. */
  'batch.ask': message(
    ['page'],
    v.object({
      id: uuidSchema,
      connectionId: uuidSchema,
      kind: v.picklist(['bulk', 'import']),
      items: askedItemsSchema,
    }),
    answers<BatchAnswer>(),
  ),
  /** Links accounts in tenants to that partner, or ends their links; null. */
  'links.ask': message(
    ['page'],
    v.object({
      id: uuidSchema,
      connectionId: uuidSchema,
      partnerId: v.nullable(partnerIdSchema),
      links: askedLinksSchema,
    }),
    answers<BatchAnswer>(),
  ),
  /** The tenants that the accounts of a connection reach, with what is known of the link in each; at first as they were kept. `anew`: Azure is asked which there are. */
  'tenants.list': message(
    ['page'],
    v.object({ connectionId: uuidSchema, anew: v.boolean() }),
    answers<TenantsAnswer>(),
  ),
  /** The same of some links alone; of those that are reached no more, none. */
  'tenants.rows': message(['page'], someLinks, answers<readonly TenantRow[]>()),
  /** Reads the links in those tenants anew; pages hear of each as of links. */
  'tenants.read': message(['page'], someLinks, answers<null>()),
  /** That link is no concern of the person's, or is one again. */
  'tenants.ignore': message(['page'], v.object({ target: linkTargetSchema, ignored: v.boolean() }), answers<null>()),
  /** Nothing more of it is sent; what may have taken effect is found out. */
  'batch.stop': message(['page'], batch, answers<null>()),
  /** Puts back what that batch has done and nobody has changed since. */
  'batch.undo': message(['page'], v.object({ id: uuidSchema, ...batch.entries }), answers<BatchAnswer>()),
  /** Asks again for what of that batch was refused or skipped, or what nobody knows the end of. */
  'batch.retry': message(['page'], v.object({ id: uuidSchema, ...batch.entries }), answers<BatchAnswer>()),
  /** Answers all conflicts of that batch. */
  'batch.answerConflicts': message(
    ['page'],
    v.object({ id: uuidSchema, ...batch.entries, answer: v.picklist(['overwrite', 'keep']) }),
    answers<BatchAnswer>(),
  ),
  /** Sends what of another person's batch waits as one's own. `me`: the name under which the person was shown to be signed in. */
  'batch.sendAsMe': message(
    ['page'],
    v.object({ ...batch.entries, me: v.nullable(v.pipe(v.string(), v.maxLength(4096))) }),
    answers<SendAsMeAnswer>(),
  ),
  /** The person does not want to see that batch among those of late any more, and has met how its changes ended. */
  'batch.dismiss': message(['page'], batch, answers<null>()),
  /** Who is signed in at the connection that is meant; null when nobody is, or nobody knows who. */
  'person.present': message(['page'], ofConnection, answers<Person | null>()),
  /** Whom to ask at the configured connection, as its service says: an address or a text; null where it says nothing. */
  'support.read': message(['page'], nothing, answers<string | null>()),
  'options.open': message(anyone, nothing, answers<Extract<WindowAnswer, 'opened' | 'tooMany'>>()),
  /** Signs in as the configured connection says; nothing about where is taken from the sender. */
  'signIn.start': message(
    anyone,
    /** `another`: the person wants to choose the account. */
    v.object({ another: v.boolean(), ...ofConnection.entries }),
    answers<SignInAnswer>(),
  ),
  /** Why the person was led to the options to sign in, and where they came from; at most once, and null when they were not. */
  'signIn.visit': message(['page'], nothing, answers<SignInVisit | null>()),
  /** `revoked`: the identity provider heard of it too. */
  'signIn.end': message(['page'], ofConnection, answers<{ readonly revoked: boolean }>()),
  /** The accounts that are signed in at a connection to Azure, the one that signed in first at the head. */
  'azure.accounts': message(['page'], v.object(azure), answers<readonly AzureAccount[]>()),
  /** Has somebody sign in at Microsoft Entra. `user`: the account wanted; null: whichever the person chooses. `tenant`: null: its own. */
  'azure.signIn': message(
    ['page'],
    v.object({ ...azure, user: v.nullable(homeAccountSchema), tenant: v.nullable(tenantSchema) }),
    answers<AzureSignInAnswer>(),
  ),
  /** Forgets an account here. The browser's session at Microsoft stays. */
  'azure.signOut': message(['page'], v.object({ ...azure, user: homeAccountSchema }), answers<null>()),
  /** Where an administrator gives consent for a whole tenant; null where the connection is gone. */
  'azure.consentLink': message(['page'], v.object({ ...azure, tenant: tenantSchema }), answers<string | null>()),
  /** What a service names to be asked for; nothing is done with it. */
  'scopes.named': message(['page'], v.object({ address: baseAddressSchema }), answers<NamedScopes>()),
  /** The person agrees that the provider of the configured connection is asked for this and no more. */
  'scopes.agree': message(['page'], v.object({ scopes: scopesSchema, ...ofConnection.entries }), answers<null>()),
  'connection.test': message(['page'], connectionForm, answers<readonly TestStep[]>()),
  'connection.save': message(
    ['page'],
    connectionWith({
      ...formEntries,
      /** The id of the connection that the form showed, whose place the saved one takes; null: it is one more. */
      edited: v.nullable(uuidSchema),
      abandonOpenChanges: v.boolean(),
    }),
    answers<SaveAnswer>(),
  ),
  'connection.remove': message(
    ['page'],
    v.object({ connectionId: uuidSchema, abandonOpenChanges: v.boolean() }),
    answers<SaveAnswer>(),
  ),
  /** The connection that serves whatever no other one names. */
  'connection.makeDefault': message(['page'], v.object({ connectionId: uuidSchema }), answers<null>()),
  /** Puts these in the place of all connections that there are. */
  'connections.import': message(
    ['page'],
    v.object({
      forms: v.pipe(v.array(connectionForm), v.minLength(1), v.maxLength(100)),
      defaultAddress: v.nullable(baseAddressSchema),
      abandonOpenChanges: v.boolean(),
    }),
    answers<SaveAnswer>(),
  ),
  /** The kinds of backend that this version knows. */
  'connections.kinds': message(['page'], nothing, answers<readonly KindFacts[]>()),
  'notify.save': message(['page'], v.object({ notify: v.boolean() }), answers<null>()),
  /** Forgets what of the settings could not be read and was kept. */
  'settings.discardDamaged': message(['page'], nothing, answers<null>()),
  'portals.save': message(['page'], v.object({ portals: portalSettingsSchema }), answers<null>()),
  'confirm.save': message(['page'], v.object({ confirm: confirmSchema }), answers<null>()),
  /** How often to look for changes made elsewhere, and at which subscriptions; what is absent stays. */
  'watch.save': message(
    ['page'],
    v.object({ watch: v.exactOptional(watchSchema), watched: v.exactOptional(watchedSchema) }),
    answers<null>(),
  ),
  'ownPartnerId.save': message(['page'], v.object({ ownPartnerId: ownPartnerIdSchema }), answers<null>()),
  /** How many rows of the history those limits would remove now. */
  'retention.preview': message(
    ['page'],
    v.object({ retention: retentionSchema }),
    answers<{ readonly removes: number }>(),
  ),
  /** `mayRemove`: so many rows the person agreed to lose. */
  'retention.save': message(
    ['page'],
    v.object({ retention: retentionSchema, mayRemove: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
    answers<RetentionAnswer>(),
  ),
  /** The person has met that portals made many changes. */
  'manyChanges.seen': message(['page'], nothing, answers<null>()),
  'history.clear': message(['page'], nothing, answers<{ readonly removed: number }>()),
} as const;

export type Protocol = typeof protocol;
export type MessageName = keyof Protocol;
export type MessageInput<N extends MessageName> = v.InferInput<Protocol[N]['input']>;
export type MessageOutput<N extends MessageName> = v.InferOutput<Protocol[N]['input']>;
export type MessageAnswer<N extends MessageName> = Protocol[N] extends Answers<infer T> ? T : never;

/** A message as it crosses. */
export interface Envelope<N extends MessageName = MessageName> {
  readonly name: N;
  readonly input: MessageInput<N>;
}

/** How an answer crosses: a rejection would lose everything but its text. */
export type Crossing<T> =
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly problem: 'notAllowed' | 'badInput' | 'failed'; readonly detail: string }
  /** The worker's storage does not do its part. */
  | { readonly ok: false; readonly problem: 'storage'; readonly detail: StorageProblem };

/** What the worker pushes to panels, by `tabs.sendMessage`. */
export type Push =
  | { readonly push: 'subscription'; readonly view: SubscriptionView }
  /** Other portals are served than before. */
  | { readonly push: 'portals' }
  | { readonly push: 'connection' }
  /** What is known of some link may be another by now. */
  | { readonly push: 'link' };

/** What the worker announces to the extension's own pages, by `BroadcastChannel`: read again what you show. */
export type Broadcast =
  | { readonly changed: 'history' | 'settings' | 'stars' }
  /** What is known of these links may be another by now. */
  | { readonly changed: 'links'; readonly targets: readonly LinkTarget[] }
  /** Rows of a batch have gone on. Of many at once the first are named: whoever misses some reads them. */
  | { readonly changed: 'batch'; readonly progress: BatchProgress; readonly rows: readonly BatchNews[] }
  /** `connectionId`: whose view it is; absent: the default connection's. */
  | { readonly changed: 'subscription'; readonly view: SubscriptionView; readonly connectionId?: string };

export const BROADCAST_CHANNEL = 'partner-of-record';
