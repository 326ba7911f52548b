import type { Failure, FailureReason } from '../domain/failure';
import type { RowKind, RowOutcome } from '../domain/history';
import type { PartnerIdProblem } from '../domain/partner';
import type { NamedScopes } from '../domain/scopes';
import type { ParsedServiceUrl, SignInKind } from '../domain/settings';
import type { Act } from '../domain/standing';
import { type StorageProblem, storageProblemIn } from '../domain/storage-problem';
import { visibleText } from '../domain/visible-text';
import type { OwnPatternProblem } from '../portals/own';

/** Every sentence a person meets, so that whoever sees one on the screen finds it here. */

/** What went wrong with a call, and what to do next. The request ID, when there is one, stands at the end. */
export function failureText(failure: Failure): string {
  const sentence = FAILURES[failure.reason](failure);
  return failure.requestId === undefined ? sentence : `${sentence} (Request ${visibleText(failure.requestId)})`;
}

function said(failure: Failure): string {
  return failure.message === undefined ? '' : ` It said: “${visibleText(failure.message)}”`;
}

const FAILURES: Record<FailureReason, (failure: Failure) => string> = {
  notConfigured: () => 'No service is set up yet. Open the options and enter your service’s address.',
  permissionMissing: () =>
    'The browser does not let the extension reach the service. Open the options and save again to allow it.',
  keptOut: (failure) => keptOut(visibleText(failure.message ?? 'the service’s address')),
  noAnswer: (failure) =>
    failure.code === 'IdentityProviderAway'
      ? `${failure.message === undefined ? 'Your identity provider did not answer.' : `Your identity provider gave no token.${said(failure)}`} You stay signed in; try again later.`
      : 'The service can’t be reached. Check your connection, then try again.',
  timedOut: () => 'The service did not answer in time. Try again.',
  redirected: () =>
    'The service sent us to another address, which we don’t follow. Check the service’s address in the options.',
  unreadable: (failure) =>
    `The service’s answer could not be read${failure.message === undefined ? '' : `: ${visibleText(failure.message)}`}. Check the service’s address in the options, or tell its operator.`,
  tooLarge: () => 'The service’s answer is too large to be right. Tell its operator.',
  busy: () => 'The service is busy.',
  serverError: (failure) => `The service has a problem${failure.status === undefined ? '' : ` (${failure.status})`}.`,
  signInNeeded: (failure) =>
    failure.code === 'SignInAway'
      ? 'Signing in did not work: your identity provider did not answer. Try again later.'
      : failure.code === 'SignInFailed'
        ? `Signing in did not work.${said(failure)} Sign in again.`
        : `The service did not accept the sign-in.${said(failure)} Sign in again.`,
  otherPerson: () => 'Somebody else is signed in than who asked for this, so nothing was sent.',
  refused: (failure) =>
    REFUSALS[failure.code ?? ''] ??
    `The service refused${failure.status === undefined ? '' : ` (${failure.status})`}.${said(failure)}`,
  wrongContract: (failure) => visibleText(failure.message ?? 'This service speaks another version of the contract.'),
  interrupted: () => 'The browser ended the extension in the middle of it. It goes on by itself.',
  gaveUp: () => 'Tried for 24 hours without success. The service does not hold this change.',
  connectionChanged: () => 'The service’s address was changed before the outcome was known.',
};

/** What no permission of the person's can change. */
function keptOut(from: string): string {
  return `Your browser or organisation keeps the extension out of ${from}. Ask whoever manages this browser.`;
}

/** The backend's codes that have words of ours. */
const REFUSALS: Partial<Record<string, string>> = {
  PartnerNotFound: 'There is no partner with this ID. Check the number with your partner.',
  InvalidPartnerId: 'The service does not accept this as a Partner ID. Check the number with your partner.',
  SubscriptionNotFound: 'The service does not know this subscription, or you may not see it.',
  NotPermitted: 'You may not change the partner of record of this subscription.',
};

/** Why the extension's own storage does not do its part, and what to do. */
export const STORAGE_PROBLEMS: Record<StorageProblem, string> = {
  full: 'The browser has no room left, so nothing can be noted down or sent. Free some disk space, then try again.',
  blocked:
    'Another page or version of the extension holds the history and does not let go. Close its other pages; if it stays, restart the browser.',
  newer: 'The history was kept by a later version of this extension. Install that version again.',
  broken: 'The browser can’t open the extension’s history. Restart the browser; if it stays, free some disk space.',
};

/** What the extension itself failed over: its storage, or what no person can mend but may report. */
export function problemText(cause: unknown): string {
  const storage = storageProblemIn(cause);
  if (storage !== null) return STORAGE_PROBLEMS[storage];
  const detail = cause instanceof Error ? cause.message : String(cause);
  return `Something went wrong in the extension. Try again; if it stays, restart the browser. (${visibleText(detail)})`;
}

/** Why what was typed is not a Partner ID. */
export const PARTNER_ID_PROBLEMS: Record<PartnerIdProblem, string> = {
  empty: 'Enter a Partner ID.',
  usageAttributionId: 'This is a usage attribution ID, not a Partner ID. A Partner ID has 5 to 10 digits.',
  notDigits: 'A Partner ID has digits only.',
  tooShort: 'A Partner ID has at least 5 digits.',
  tooLong: 'A Partner ID has at most 10 digits.',
};

/** Whose record it is; said wherever someone could think otherwise. */
export const WHOSE_RECORD = 'This is your organisation’s own record. It changes nothing at Microsoft.';

/** A number with its noun. */
function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Names in a row, as in “a, b and c”. */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);
}

/** Scopes in words, where they are known; the others as they are written. */
function scopesText(scopes: readonly string[]): string {
  return listed(scopes.map((scope) => SCOPES[scope] ?? `“${visibleText(scope)}”`));
}
const SCOPES: Partial<Record<string, string>> = {
  openid: 'who you are (openid)',
  profile: 'your name (profile)',
  email: 'your mail address (email)',
  offline_access: 'staying signed in (offline_access)',
};

/** What the extension's own pages say alike. */
export const PAGES = {
  product: 'Partner of Record Helper',
  notConfigured: 'No service is set up yet, so nothing can be checked or changed.',
  openOptions: 'Open options',
  noPartner: 'No partner of record',
  read: (age: string) => `read ${age}`,
  tryAgain: 'Try again',
  cancel: 'Cancel',
} as const;

/** Where a change stands, and what the person may do about it. */
export const STANDING = {
  saving: 'Saving…',
  removing: 'Removing…',
  stillTrying: 'Still trying.',
  nextAttempt: (moment: string) => `Next attempt: ${moment}.`,
  attemptUnderWay: 'An attempt is under way.',
  askedBy: 'Asked by',
  askedByUnknown: 'It is not known who asked for this.',
  signedInAs: 'You are signed in as',
  setsPartner: 'The change sets the partner to',
  removesPartner: 'The change removes the partner.',
  otherHere: 'Somebody else is signed in.',
  noConnection:
    'This change waits: the connection it belongs to is missing. Set that up again in the options, and it goes on.',
  settling: 'Finding out whether the change took effect…',
  stopping: 'Being stopped: we look first whether it already took effect.',
  outcomeUnknown: 'Outcome unknown: whether the change took effect could not be read yet.',
  nextLook: (moment: string) => `Next look: ${moment}.`,
  done: 'Done',
  unknown: 'We cannot know whether your change was made.',
  conflict: 'Not done. Meanwhile somebody else set the partner to',
  conflictRemoved: 'Not done. Meanwhile somebody else removed the partner.',
  conflictAnswers: {
    kept: 'Not done. What somebody else had set was kept.',
    overwritten: 'Overwritten by a later change.',
  },
  cancelled: 'Stopped',
  acts: {
    signIn: 'Sign in',
    tryNow: 'Try again',
    stop: 'Stop trying',
    overwrite: 'Overwrite',
    keep: 'Keep',
    sendAsMe: 'Send as me',
    discard: 'Discard',
    undo: 'Undo',
  } satisfies Record<Act, string>,
  /** Why a change could not be asked for. */
  problems: {
    notConfigured: 'No service is set up any more, so nothing was changed. Open the options.',
    idUsedOtherwise: 'This change got mixed up with another one, so nothing was changed. Try again.',
    nothingToChange: 'The record already is as you wanted it.',
    neverRead: 'The record could not be read, so nothing was changed. Try again.',
    notChecked: 'The service has not said whose this ID is, so nothing was changed. Check the ID, then save.',
    storageFull: 'The browser has no room left to note the change, so it was not sent. Free some disk space.',
    notThere: 'This change is not there any more, so nothing was changed.',
    changedSince: 'The record has changed since you saw it, so nothing was changed. Look at it, then press again.',
    changeOpen: 'Another change of this subscription has not ended yet. Stop that one first.',
    confirmInExtension: 'Nothing was changed yet. Confirm this change in the extension’s own window.',
    noAnswer:
      'The extension did not answer, so your change may not have been taken up. Try again: it is made only once.',
  },
} as const;

/** Why a change of another person's was not sent as one's own. */
export const OTHER_BY_NOW = 'It was not sent: somebody else is signed in by now, or it has ended. Look again.';

export const POPUP = {
  title: 'Partner of Record Helper',
  tabs: 'What to do',
  more: 'More',
  attention: (count: number) => `${counted(count, 'change needs', 'changes need')} you`,
  check: 'Check ID',
  history: 'History',
  allSubscriptions: 'All subscriptions',
  options: 'Options',

  here: 'This page',
  reading: 'Reading the partner of record…',
  unknownPartner: 'The partner of record is not known yet.',
  since: (date: string) => `since ${date}`,

  manyChanges:
    'More than 10 changes were made from portal pages within 10 minutes. If that was not you, stop using that page, look at the history below, and tell your administrator.',
  manyChangesSeen: 'I have seen it',

  keptOut: (host: string | null) => keptOut(host === null ? 'this page' : visibleText(host)),
  withheld: (portals: readonly string[]) =>
    `The browser keeps the extension away from ${listed(portals)}, so no panel can show there.`,
  allow: 'Allow',
  allowRefused: 'Not allowed. You can allow it later, here or in the browser’s extension settings.',

  partnerIds: 'Partner IDs',
  partnerIdsHint: 'One or many, separated by spaces, commas or lines.',
  checked: 'Partners checked',
  checking: 'Checking…',
  checkingAgain: 'checking again…',
  checkedAt: (age: string) => `checked ${age}`,
  checkProgress: (done: number, total: number) =>
    done === total ? `${counted(total, 'ID', 'IDs')} checked.` : `${done} of ${total} checked…`,
  nothingTyped: PARTNER_ID_PROBLEMS.empty,
  unknownId: 'No partner has this ID. Check the number with your partner.',
  unusualLength: 'Unusual length: most Partner IDs have 6 to 8 digits.',

  search: 'Search history',
  searchHint: 'Name or ID',
  kind: 'Kind',
  anyKind: 'All kinds',
  outcome: 'Outcome',
  anyOutcome: 'All outcomes',
  kinds: {
    check: 'Checks',
    assign: 'Assignments',
    change: 'Changes',
    remove: 'Removals',
    foreign: 'Made elsewhere',
  } satisfies Record<RowKind, string>,
  outcomes: {
    open: 'Not ended yet',
    done: 'Done',
    refused: 'Refused',
    conflict: 'Conflict',
    cancelled: 'Stopped',
    unknown: 'Outcome unknown',
    found: 'Partner found',
    notFound: 'No such partner',
    failed: 'Check failed',
  } satisfies Record<RowOutcome, string>,
  what: {
    check: 'Check',
    assign: 'Assign',
    change: 'Change',
    remove: 'Remove',
    foreign: 'Changed elsewhere',
  } satisfies Record<RowKind, string>,
  emptyHistory: 'Nothing yet. Every check and every change will be listed here.',
  nothingFound: 'Nothing matches. Change the search or the filters.',
  showMore: 'Show more',
  damaged: (count: number) =>
    `${counted(count, 'entry', 'entries')} could not be read and ${count === 1 ? 'is' : 'are'} left out.`,
  columns: [
    'When',
    'What',
    'Outcome',
    'Detail',
    'Subscription',
    'Subscription ID',
    'Partner ID before',
    'Partner before',
    'Partner ID',
    'Partner',
    'Attempts',
    'Ended',
    'Page',
    'Asked by',
    'Sent as',
    'ID',
  ],
  exportCsv: 'Export CSV',
  exportJson: 'Export JSON',
  exported: (count: number, file: string) => `${counted(count, 'entry', 'entries')} saved to ${file}.`,

  from: 'from',
  to: 'to',
  askedBy: 'Asked by',
  sentAs: 'sent as',
  attempts: (count: number) => counted(count, 'attempt', 'attempts'),
  foreign: 'Found when the subscription was read.',
  otherNow: (partner: string) => `By now it is ${partner}. Overwrite again to replace that.`,
  noneNow: 'By now there is no partner. Overwrite again to set yours.',
  confirmInExtension: 'Nothing was done yet: the extension asks you to confirm it in its own window.',
  change: 'Change',
  windowBusy: 'The extension’s window is still at another subscription. Finish or cancel there first.',
} as const;

/** The extension's own small window, which no page reaches. */
export const CONFIRM = {
  title: 'Confirm the change',
  subscription: 'Subscription',
  now: 'Partner of record now',
  after: 'Partner after saving',
  nothing:
    'There is nothing to confirm here. On a subscription’s page, press “Confirm in the extension”, or “Change” behind the toolbar button.',
  typed: 'This ID came from the page. Look whether it is the one you want.',
  pressAgain: 'That press came too early, so nothing was done. Press again.',
  close: 'Close',
} as const;

export const OPTIONS = {
  title: 'Options',
  welcome: 'Welcome',
  welcomeWhat:
    'On a subscription’s page in a billing portal, a panel shows who the partner of record is. You check a Partner ID, see the partner’s name, then save, change or remove it there. Every check and change is kept in a history on this device.',
  welcomeWhose:
    'The record is your organisation’s own, kept by the service you connect. It changes nothing at Microsoft: no public Microsoft interface sets a subscription’s partner of record.',
  welcomeNext: 'Enter your service’s address below, test the connection, and save. Then open a subscription’s page.',

  connection: 'Connection',
  backend: 'Backend',
  backendService: 'Partner of Record service',
  serviceUrl: 'Service URL',
  serviceUrlHint: 'For example https://partners.example.com/v1. Only https; http on this computer.',
  signIn: 'Sign-in',
  signIns: { none: 'None', accessToken: 'Access token', openIdConnect: 'OpenID Connect' } satisfies Record<
    SignInKind,
    string
  >,
  accessToken: 'Access token',
  tokenStored: 'One is stored. Leave empty to keep it.',
  tokenNone: 'Paste the token here',
  tokenMissing: 'Enter the access token.',
  issuer: 'Issuer URL',
  issuerHint: 'The address of your identity provider. For example https://login.example.com',
  clientId: 'Client ID',
  clientIdHint: (redirect: string) => `Of a public client at the provider, with the redirect URI ${redirect}`,
  clientIdMissing: 'Enter the client ID.',
  rememberSignInHint: 'Otherwise you are signed out when the browser closes.',
  signInNow: 'Sign in',
  signOut: 'Sign out',
  signedInNow: 'You are signed in.',
  signedInAs: (name: string) => `You are signed in as ${visibleText(name)}.`,
  useAnother: 'Use another account',
  scopes: (scopes: readonly string[]) => `Your provider is asked for ${scopesText(scopes)}, and for nothing else.`,
  scopesTitle: 'What your provider will be asked for',
  scopesQuestion: (scopes: readonly string[]) =>
    `The service wants you to ask your provider for ${scopesText(scopes)}. A token for that goes to the service with every request. Agree only if these are the service’s own rights; names of other applications are a reason to ask whoever runs it.`,
  scopesYes: 'Ask for these',
  scopesDeclined: 'Nothing was changed: you did not agree to what your provider would be asked for.',
  scopesUndecided: (scopes: readonly string[]) =>
    `The service wants you to ask your provider for ${scopesText(scopes)}. Nobody can sign in until you agree.`,
  scopesChanged: (scopes: readonly string[]) =>
    `The service now wants you to ask your provider for something else: ${scopesText(scopes)}. That is not done unless you agree; if you did not expect it, ask whoever runs the service.`,
  scopesAgree: 'Agree to these',
  scopesAgreed: 'Agreed. Sign in again for a token that has them.',
  scopesIgnored: {
    otherResource: 'What the service says about signing in names another address as its own, so it is not followed.',
    unreadable: 'What the service says about signing in could not be read, so it is not followed.',
  } satisfies Record<Extract<NamedScopes, { kind: 'ignored' }>['why'], string>,
  sendResource: 'Tell the provider which service the token is for',
  sendResourceHint:
    'As a resource indicator (RFC 8707). A provider whose metadata list the service is told anyway; some others refuse it.',
  notSignedIn: 'You are not signed in.',
  signInCancelled: 'Signing in was cancelled.',
  signInFailed: 'Signing in did not work. Check the issuer URL and the client ID, then try again.',
  signInAway: 'Signing in did not work. The provider did not answer: check the issuer URL, or try again later.',
  signInNotAllowed:
    'Something has to be allowed before anyone can sign in. Save again, and allow or agree to what you are asked.',
  signedOut: 'Signed out.',
  signedOutHereOnly: 'Signed out here. The provider could not be told: its tokens end by themselves.',
  remember: 'Remember on this device',
  rememberHint: 'Otherwise it is forgotten when the browser closes or the extension is updated.',
  notify: 'Notify me when a change ends',
  notifyRefused: 'The browser does not allow notifications for this extension.',
  test: 'Test connection',
  testing: 'Testing…',
  save: 'Save',
  saved: 'Saved.',
  serviceUrlProblems: {
    notAnAddress: 'This is not a web address. It begins with https://.',
    notHttps: 'The address must begin with https:// (http:// only for localhost).',
    hasCredentials: 'Leave user name and password out of the address; use an access token.',
    hasQueryOrHash: 'Leave out everything from ? or # on.',
  } satisfies Record<Extract<ParsedServiceUrl, { ok: false }>['problem'], string>,
  permissionRefused: (origin: string) =>
    `The browser was not allowed to reach ${origin}. Nothing was saved; try again and allow it.`,
  steps: 'Connection test',
  step: {
    address: 'Address',
    permission: 'Permission',
    reachable: 'Reachable',
    contract: 'Contract version',
    signedIn: 'Signed in as',
  },
  permissionHeld: 'Allowed by the browser',
  permissionMissing: (origin: string) => `The browser was not allowed to reach ${origin}. Test again and allow it.`,
  reachable: 'The service answers',
  contract: (version: number) => `Version ${version}`,
  signedIn: (name: string, organization: string) => `${visibleText(name)}, ${visibleText(organization)}`,
  notReached: 'Not tried',
  passed: 'passed',
  failed: 'failed',
  testPassed: 'Everything works.',
  testFailed: 'The connection does not work yet.',
  openChanges: 'Changes have not ended yet',
  openChangesText: (count: number) =>
    `${counted(count, 'change', 'changes')} to the present service ${count === 1 ? 'has' : 'have'} not ended yet. With another address ${count === 1 ? 'it is' : 'they are'} given up: whether ${count === 1 ? 'it' : 'they'} took effect stays unknown.`,
  giveUpChanges: 'Give up and save',

  portals: 'Portals',
  portalsHint: 'Where the panel shows on a subscription’s page.',
  ownPattern: 'Portal URL pattern',
  ownPatternHint: 'For example https://billing.example.com/subscriptions/:subscriptionId',
  addPortal: 'Add portal',
  ownPortals: 'Your own portals',
  confirmAlways: 'Confirm every change in the extension’s own window',
  confirmAlwaysHint: 'Otherwise only where the panel on the page can’t be sure that you see it.',
  remove: 'Remove',
  portalAdded: 'Portal added.',
  portalRemoved: 'Portal removed.',
  portalKnown: 'This portal is in the list already.',
  portalRefused: (origin: string) => `The browser was not allowed to reach ${origin}, so the portal was not added.`,
  ownPatternProblems: {
    notAPattern:
      'The browser does not understand this pattern. It is an address with :subscriptionId where the ID stands.',
    notHttps: 'The pattern must begin with https:// (http:// only for localhost).',
    hostNotLiteral: 'Write the host name out, without * or groups.',
    noSubscriptionIdGroup: 'Put :subscriptionId in the place of the subscription’s ID.',
    severalSubscriptionIdGroups: 'Use :subscriptionId only once.',
  } satisfies Record<OwnPatternProblem, string>,

  history: 'History',
  historyHint:
    'Older entries are removed by themselves; checks and changes are counted apart. Empty means without limit.',
  keepDays: 'Keep for (days)',
  keepRows: 'Keep at most (entries)',
  notALimit: 'Enter a whole number from 1 to 10,000,000, or nothing.',
  saveHistory: 'Save limits',
  limitsSaved: 'Limits saved.',
  removeRows: 'Remove entries of the history?',
  removeRowsText: (count: number) =>
    `With these limits ${counted(count, 'entry', 'entries')} of the history ${count === 1 ? 'is' : 'are'} removed from this device now. Changes that have not ended and what still needs you stay.`,
  removeRowsYes: 'Remove and save',
  clear: 'Clear history',
  clearTitle: 'Clear the history?',
  clearText:
    'Every check and every ended change is removed from this device. Changes that have not ended and conflicts not answered yet stay.',
  clearYes: 'Clear',
  cleared: (count: number) => `${counted(count, 'entry', 'entries')} removed.`,

  file: 'Settings file',
  fileHint: 'To set up another browser alike. The file holds no access token.',
  exportSettings: 'Export settings',
  settingsExported: (file: string) => `Saved to ${file}.`,
  chooseFile: 'Settings file to import',
  fileUnreadable: 'This is not a settings file of this extension. Nothing was changed.',
  importReady: (file: string) => `${visibleText(file)} will replace the settings above.`,
  importChanges: 'What will change',
  importSignsOut: 'The sign-in at the present service is forgotten.',
  importChangesNothing: (file: string) => `${visibleText(file)} changes nothing: its settings are in force already.`,
  importRemoves: (count: number) => `${counted(count, 'entry', 'entries')} of the history will be removed.`,
  nothing: 'nothing',
  scopesName: 'Scopes',
  noLimit: 'no limit',
  on: 'on',
  off: 'off',
  importSettings: 'Import settings',
  importNotAllowed:
    'The browser was not allowed to reach the addresses in this file. Nothing was changed; try again and allow it.',
  imported: 'Settings imported.',
  importedNotSignedIn: 'Settings imported. Sign in above.',
  importedWithoutLimits: 'Settings imported, but not how long the history is kept.',
  importedWithoutToken: 'Settings imported. Enter the access token above and save.',

  managed: 'Set by your organisation; it can’t be changed here.',
} as const;

export const SUBSCRIPTIONS = {
  title: 'Subscriptions',
  filter: 'Filter',
  filterHint: 'Name, ID, customer or partner',
  columns: {
    name: 'Subscription',
    service: 'Kind',
    customer: 'Customer',
    partner: 'Partner of record',
    since: 'Since',
    role: 'Your role',
  },
  scroller: 'Table of subscriptions',
  loading: 'Reading subscriptions…',
  loadingMore: 'Reading more…',
  showMore: 'Show more',
  shown: (count: number, more: boolean) =>
    more
      ? `${counted(count, 'subscription', 'subscriptions')} shown; there are more.`
      : `${counted(count, 'subscription', 'subscriptions')}.`,
  none: 'The service shows you no subscriptions.',
  nothingFound: 'No subscription matches the filter.',
  readFrom: (source: string, age: string) => `Read from ${visibleText(source)} ${age}.`,
  readAgain: 'Read again',
} as const;

/** Beside a button of the panel that was pressed before it can have been seen. */
export const PRESS_AGAIN = 'Press again';

/** Under a text box of the panel. */
export const TYPED_BY_OTHERS = 'Something other than your keyboard wrote here. It was taken back.';

export const PANEL = {
  region: 'Partner of record',
  collapse: 'Collapse the panel',
  expand: 'Open the panel',
  move: 'Move',

  none: 'No partner of record',
  since: (date: string) => `Since ${date}`,
  by: (name: string) => `by ${visibleText(name)}`,
  readFrom: (source: string, moment: string) => `From ${visibleText(source)}, read ${moment}`,
  stale: (age: string) => `What you see here was read ${age}.`,

  reading: 'Reading the partner of record…',
  gone: 'Reload the page to continue.',
  withheld:
    'This page showed many subscriptions in a short time, so the partner of record is shown here when you ask for it.',
  showPartner: 'Show partner',
  confirmInExtension: 'Confirm in the extension',
  confirmsAlways: 'Changes are made in the extension’s own window.',
  windowProblems: {
    busy: 'That window is still at another subscription. Finish there first.',
    tooMany: 'That window was opened many times. Wait a minute.',
  },
  checkInExtension:
    'Many IDs were checked from portal pages in a short time. Check this one in the extension’s own window.',
  notConfigured: 'No service is set up yet, so the partner of record is not known here.',
  openOptions: 'Open options',
  signIn: 'Sign in',
  tryAgain: 'Try again',
  noAnswer: 'The extension did not answer. Try again; if it stays so, reload the page.',
  unsure:
    'Something covers this panel or changes how it looks, so its other buttons do nothing. Confirm in the extension.',

  partnerId: 'Partner ID',
  usedBefore: 'Partners used before',
  checkId: 'Check ID',
  checking: (partnerId: string) => `Checking ${partnerId}…`,
  unusualLength: 'Most Partner IDs have 6 to 8 digits. Look at the number again.',
  unknownPartner: (partnerId: string) =>
    `There is no partner with the ID ${partnerId}. Check the number with your partner.`,
  same: 'This already is the partner of record.',
  willSee: 'What this partner will see',
  mailAssigned: 'The partner is told by mail.',
  mailChanged: 'Both partners are told by mail.',
  mailRemoved: 'is told by mail.',
  save: 'Save partner',

  remove: 'Remove partner',
  removeTitle: 'Remove partner of record?',
  removeText: 'Are you sure you want to remove current partner information?',
  yes: 'Yes',
  no: 'No',

  changed: 'Partner information has been changed.',
  removed: 'Partner information has been removed.',
  stopped: 'Stopped. Nothing was changed.',
  refused: 'The change was not made.',

  conflictWanted: 'You asked for:',
  conflictWantedNone: 'You asked to remove it.',

  notPermitted: 'The service does not let you change the partner of record here.',
  reason: (reason: string) => `The service says: “${visibleText(reason)}”`,
} as const;
