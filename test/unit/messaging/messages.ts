import type { MessageInput, MessageName, Sender } from '../../../src/messaging/protocol';
import { START } from '../../support/clock';
import { WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';

interface Row<N extends MessageName> {
  /** Written out again, so that opening a message to more senders takes a second thought. */
  readonly from: readonly Sender[];
  readonly input: MessageInput<N>;
  /** Inputs that must not pass. */
  readonly bad: readonly unknown[];
}

const form = {
  name: 'Contoso partners',
  kind: 'service',
  address: 'https://por.example.com/v1',
  portals: ['azure'],
  tenants: ['contoso.example'],
  signIn: 'none',
  token: 'kept',
  remember: false,
} as const;
const remove = { id: uuid(1), seen: '"1"', subscriptionId: SUBSCRIPTION_ID };
const assign = { ...remove, partnerId: WANTED.partnerId };
/** What asks once more on behalf of an earlier change. */
const again = { id: uuid(2), seen: '"1"', changeId: uuid(1) };
const link = { kind: 'signIn', connectionId: uuid(3), tenant: uuid(4), user: `${uuid(5)}.${uuid(4)}` } as const;
const badLinks = [
  undefined,
  null,
  { ...link, kind: 'subscription' },
  { ...link, connectionId: 'one' },
  { ...link, user: 7 },
];
const removeLink = { id: uuid(1), seen: '3', target: link };
const long = (length: number) => 'x'.repeat(length);

const badChangeIds = [{}, { changeId: '' }, { changeId: 'one' }, { changeId: `${uuid(1)} ` }, { changeId: null }];
const badBatchIds = [{}, { batchId: '' }, { batchId: `${uuid(1)} ` }, { batchId: null }];
const follow = { id: uuid(2), batchId: uuid(1) };
const item = {
  subscriptionId: SUBSCRIPTION_ID,
  name: 'Production',
  page: null,
  before: null,
  basedOn: '"1"',
  after: WANTED.partnerId,
};
const badSubscriptionIds = [undefined, '', ' ', long(129), ['a']];
/** What no message that asks for a change may carry. */
function badAskings(input: { readonly id: string; readonly seen: string }): readonly unknown[] {
  const badSeen = [undefined, null, '', 'ü', '"1"\r\nx-more: 1', `"${long(1023)}"`];
  return [
    ...badSeen.map((seen) => ({ ...input, seen })),
    ...[undefined, 'first', `${uuid(1)} `].map((id) => ({ ...input, id })),
  ];
}
const azureForm = {
  ...form,
  kind: 'azurePal',
  address: 'https://management.azure.com',
  signIn: 'entra',
  clientId: '0a000000-0000-4000-8000-000000000001',
  staySignedIn: false,
} as const;
const badForms = [
  { ...form, name: 7 },
  { ...form, name: long(81) },
  { ...form, address: 'http://por.example.com' },
  { ...form, address: 'javascript:alert(1)' },
  { ...form, address: `https://por.example.com/${long(4096)}` },
  { ...form, kind: '' },
  { ...form, portals: ['gcp'] },
  { ...form, tenants: [''] },
  { ...form, signIn: 'password' },
  { ...form, token: 'secret' },
  { ...form, remember: 'yes' },
  { ...form, signIn: 'openIdConnect', issuer: 'https://login.example.com' },
  { ...form, signIn: 'openIdConnect', issuer: 'https://login.example.com', clientId: ' ' },
  { ...form, signIn: 'openIdConnect', issuer: 'http://login.example.com', clientId: 'helper' },
  { ...form, signIn: 'openIdConnect', issuer: 'https://login.example.com/?x=1', clientId: 'helper' },
  { ...form, signIn: 'openIdConnect', issuer: 'https://login.example.com', clientId: 'helper', scopes: ['a b'] },
  { ...form, kind: 'azurePal' },
  { ...form, kind: 'azurePal', address: 'https://management.azure.com' },
  { ...azureForm, kind: 'service' },
  { ...azureForm, kind: 'later' },
  { ...azureForm, signIn: 'openIdConnect', issuer: 'https://login.microsoftonline.com' },
  { ...azureForm, address: 'https://management.azure.com.example.com' },
  { ...azureForm, address: 'https://management.azure.com/subscriptions' },
  { ...azureForm, address: 'http://localhost:8787' },
  { ...azureForm, clientId: 'helper' },
  { ...azureForm, clientId: '' },
];
const user = `${uuid(1)}.${uuid(2)}`;
const badUsers = ['', 'ada', uuid(1), `${user}.${uuid(3)}`, `${user} `, 7];

/** Every message there is, with an input that passes and some that must not. */
export const MESSAGES: { readonly [N in MessageName]: Row<N> } = {
  'page.seen': { from: ['portal'], input: {}, bad: [] },
  'panel.start': { from: ['portal'], input: {}, bad: [] },
  'panel.dock': {
    from: ['portal'],
    input: { dock: { corner: 'top-left', folded: true } },
    bad: [
      {},
      { dock: null },
      { dock: { corner: 'top-left' } },
      { dock: { corner: 'middle', folded: null } },
      { dock: { corner: 'top-left', folded: 'yes' } },
      { dock: { corner: ['top-left'], folded: false } },
    ],
  },
  'subscription.read': {
    from: ['page', 'portal'],
    input: { subscriptionId: SUBSCRIPTION_ID, anew: true },
    bad: [
      { subscriptionId: SUBSCRIPTION_ID },
      { subscriptionId: SUBSCRIPTION_ID, anew: 1 },
      { subscriptionId: ' ', anew: true },
      { subscriptionId: long(129), anew: true },
      { subscriptionId: ['a'], anew: true },
    ],
  },
  'subscription.show': {
    from: ['portal'],
    input: { subscriptionId: SUBSCRIPTION_ID },
    bad: [{}, { subscriptionId: ' ' }, { subscriptionId: long(129) }],
  },
  'subscription.changes': {
    from: ['page', 'portal'],
    input: { subscriptionId: SUBSCRIPTION_ID },
    bad: badSubscriptionIds.map((subscriptionId) => ({ subscriptionId })),
  },
  'subscriptions.list': {
    from: ['page'],
    input: {
      connectionId: uuid(1),
      after: { next: 'https://por.example.com/v1/subscriptions?x=1', place: { run: 1, page: 0 } },
    },
    bad: [
      { after: null },
      { connectionId: uuid(1) },
      { connectionId: 'one', after: null },
      { connectionId: uuid(1), after: 'https://por.example.com' },
      { connectionId: uuid(1), after: { next: long(8193), place: null } },
      { connectionId: uuid(1), after: { next: 'x', place: { run: -1, page: 0 } } },
      { connectionId: uuid(1), after: { next: 'x', place: { run: 1, page: 99_999 } } },
    ],
  },
  'stars.set': {
    from: ['page'],
    input: { connectionId: uuid(1), subscriptionId: SUBSCRIPTION_ID, starred: true },
    bad: [
      { subscriptionId: SUBSCRIPTION_ID, starred: true },
      { connectionId: uuid(1), subscriptionId: SUBSCRIPTION_ID },
      { connectionId: uuid(1), subscriptionId: SUBSCRIPTION_ID, starred: 'yes' },
      { connectionId: 'one', subscriptionId: SUBSCRIPTION_ID, starred: true },
      ...badSubscriptionIds.map((subscriptionId) => ({ connectionId: uuid(1), subscriptionId, starred: true })),
    ],
  },
  'partner.check': {
    from: ['page', 'portal'],
    input: { partnerId: '123456' },
    bad: [{ partnerId: '12' }, { partnerId: 123_456 }, { partnerId: '../me' }, { partnerId: '1'.repeat(10_000) }],
  },
  'checks.start': {
    from: ['page'],
    input: { id: uuid(1), typed: 'MPN: 123456' },
    bad: [
      {},
      { id: 'one', typed: '' },
      { id: uuid(1) },
      { id: uuid(1), typed: 7 },
      { id: uuid(1), typed: long(200_001) },
    ],
  },
  'checks.stop': { from: ['page'], input: {}, bad: [] },
  'checks.resume': { from: ['page'], input: {}, bad: [] },
  'checks.clear': { from: ['page'], input: {}, bad: [] },
  'partners.used': { from: ['page', 'portal'], input: {}, bad: [] },
  'change.assign': {
    from: ['page', 'portal'],
    input: assign,
    bad: [
      ...badAskings(assign),
      ...badSubscriptionIds.map((subscriptionId) => ({ ...assign, subscriptionId })),
      { ...assign, partnerId: undefined },
      { ...assign, partnerId: null },
      { ...assign, partnerId: '12' },
      { ...assign, partnerId: '../me' },
      { ...assign, partnerId: WANTED },
    ],
  },
  'change.remove': {
    from: ['page', 'portal'],
    input: remove,
    bad: [...badAskings(remove), ...badSubscriptionIds.map((subscriptionId) => ({ ...remove, subscriptionId }))],
  },
  'link.read': {
    from: ['page', 'portal'],
    input: { subscriptionId: SUBSCRIPTION_ID, user: null, anew: true },
    bad: [
      { subscriptionId: SUBSCRIPTION_ID, user: null },
      { subscriptionId: SUBSCRIPTION_ID, anew: true },
      { subscriptionId: SUBSCRIPTION_ID, user: long(201), anew: true },
      { subscriptionId: ' ', user: null, anew: true },
    ],
  },
  'link.known': {
    from: ['page'],
    input: { subscriptionId: SUBSCRIPTION_ID, target: removeLink.target, anew: true },
    bad: [
      ...badLinks.map((target) => ({ subscriptionId: SUBSCRIPTION_ID, target, anew: true })),
      { subscriptionId: SUBSCRIPTION_ID, target: removeLink.target },
      { target: removeLink.target, anew: true },
    ],
  },
  'link.assign': {
    from: ['page', 'portal'],
    input: { ...removeLink, partnerId: WANTED.partnerId },
    bad: [
      ...badAskings(removeLink).map((bad) => ({ ...(bad as object), partnerId: WANTED.partnerId })),
      ...badLinks.map((target) => ({ ...removeLink, target, partnerId: WANTED.partnerId })),
      { ...removeLink, partnerId: 'abc' },
      removeLink,
    ],
  },
  'link.remove': {
    from: ['page', 'portal'],
    input: removeLink,
    bad: [...badAskings(removeLink), ...badLinks.map((target) => ({ ...removeLink, target }))],
  },
  'link.signIn': {
    from: ['page', 'portal'],
    input: { subscriptionId: SUBSCRIPTION_ID, user: null },
    bad: [
      { subscriptionId: SUBSCRIPTION_ID },
      { subscriptionId: ' ', user: null },
      { subscriptionId: SUBSCRIPTION_ID, user: 7 },
    ],
  },
  'change.overwrite': {
    from: ['page', 'portal'],
    input: again,
    bad: [...badAskings(again), ...badChangeIds.map((bad) => ({ ...again, changeId: undefined, ...bad }))],
  },
  'change.restore': {
    from: ['page'],
    input: again,
    bad: [...badAskings(again), ...badChangeIds.map((bad) => ({ ...again, changeId: undefined, ...bad }))],
  },
  'foreign.seen': {
    from: ['page'],
    input: { changeIds: null },
    bad: [{}, { changeIds: ['1'] }, { changeIds: Array.from({ length: 201 }, () => again.id) }],
  },
  'foreign.who': { from: ['page'], input: { changeId: again.changeId }, bad: badChangeIds },
  'change.undo': {
    from: ['page', 'portal'],
    input: again,
    bad: [...badAskings(again), ...badChangeIds.map((bad) => ({ ...again, changeId: undefined, ...bad }))],
  },
  'change.sendAsMe': {
    from: ['page', 'portal'],
    input: { changeId: uuid(1), me: 'Ben' },
    bad: [
      ...badChangeIds.map((bad) => ({ ...bad, me: 'Ben' })),
      { changeId: uuid(1) },
      { changeId: uuid(1), me: 7 },
      { changeId: uuid(1), me: long(4097) },
    ],
  },
  'confirm.open': {
    from: ['portal'],
    input: { typed: '123456' },
    bad: [
      {},
      { typed: 7 },
      { typed: long(65) },
      { typed: '', link: null },
      { typed: '', link: {} },
      { typed: '', link: { user: long(201) } },
    ],
  },
  'change.stop': { from: ['page', 'portal'], input: { changeId: uuid(1) }, bad: badChangeIds },
  'change.tryNow': { from: ['page', 'portal'], input: { changeId: uuid(1) }, bad: badChangeIds },
  'change.keep': { from: ['page', 'portal'], input: { changeId: uuid(1) }, bad: badChangeIds },
  'change.seen': { from: ['page', 'portal'], input: { changeId: uuid(1) }, bad: badChangeIds },
  'batch.ask': {
    from: ['page'],
    input: { id: uuid(1), connectionId: uuid(2), kind: 'bulk', items: [item] },
    bad: [
      { id: uuid(1), connectionId: uuid(2), kind: 'undo', items: [item] },
      { id: uuid(1), connectionId: null, kind: 'bulk', items: [item] },
      { id: uuid(1), connectionId: uuid(2), kind: 'bulk', items: [] },
      { id: uuid(1), connectionId: uuid(2), kind: 'bulk', items: [{ ...item, after: 'Contoso' }] },
      { id: uuid(1), connectionId: uuid(2), kind: 'bulk', items: [{ ...item, subscriptionId: '' }] },
      { id: uuid(1), connectionId: uuid(2), kind: 'bulk', items: Array.from({ length: 50_001 }, () => item) },
    ],
  },
  'links.ask': {
    from: ['page'],
    input: {
      id: uuid(1),
      connectionId: uuid(3),
      partnerId: WANTED.partnerId,
      links: [{ target: link, before: null, basedOn: null }],
    },
    bad: [
      { id: uuid(1), connectionId: uuid(3), partnerId: WANTED.partnerId, links: [] },
      { id: uuid(1), connectionId: uuid(3), links: [{ target: link, before: null, basedOn: null }] },
      ...badLinks.map((target) => ({
        id: uuid(1),
        connectionId: uuid(3),
        partnerId: null,
        links: [{ target, before: null, basedOn: null }],
      })),
    ],
  },
  'tenants.list': {
    from: ['page'],
    input: { connectionId: uuid(3), anew: false },
    bad: [{}, { connectionId: 'one', anew: false }, { connectionId: uuid(3) }],
  },
  'tenants.rows': {
    from: ['page'],
    input: { targets: [link] },
    bad: [{}, ...badLinks.map((target) => ({ targets: [target] }))],
  },
  'tenants.read': {
    from: ['page'],
    input: { targets: [link] },
    bad: [{}, ...badLinks.map((target) => ({ targets: [target] }))],
  },
  'tenants.ignore': {
    from: ['page'],
    input: { target: link, ignored: true },
    bad: [{ target: link }, ...badLinks.map((target) => ({ target, ignored: true }))],
  },
  'batch.stop': { from: ['page'], input: { batchId: uuid(1) }, bad: badBatchIds },
  'batch.dismiss': { from: ['page'], input: { batchId: uuid(1) }, bad: badBatchIds },
  'batch.undo': { from: ['page'], input: follow, bad: badBatchIds.map((bad) => ({ id: uuid(2), ...bad })) },
  'batch.retry': { from: ['page'], input: follow, bad: badBatchIds.map((bad) => ({ id: uuid(2), ...bad })) },
  'batch.answerConflicts': {
    from: ['page'],
    input: { ...follow, answer: 'keep' },
    bad: [
      follow,
      { ...follow, answer: 'both' },
      ...badBatchIds.map((bad) => ({ id: uuid(2), answer: 'keep', ...bad })),
    ],
  },
  'batch.sendAsMe': {
    from: ['page'],
    input: { batchId: uuid(1), me: 'Ben' },
    bad: [
      ...badBatchIds.map((bad) => ({ ...bad, me: 'Ben' })),
      { batchId: uuid(1) },
      { batchId: uuid(1), me: long(4097) },
    ],
  },
  'person.present': { from: ['page'], input: {}, bad: [] },
  'support.read': { from: ['page'], input: {}, bad: [] },
  'signIn.start': {
    from: ['page', 'portal'],
    input: { another: false },
    bad: [{}, { another: 'yes' }, { another: false, connectionId: 'first' }],
  },
  'signIn.visit': { from: ['page'], input: {}, bad: [] },
  'signIn.end': { from: ['page'], input: {}, bad: [] },
  'azure.accounts': { from: ['page'], input: { connectionId: uuid(1) }, bad: [{}, { connectionId: 'first' }] },
  'azure.signIn': {
    from: ['page'],
    input: { connectionId: uuid(1), user, tenant: 'contoso.example' },
    bad: [
      {},
      { user, tenant: null },
      { connectionId: uuid(1), user },
      { connectionId: uuid(1), tenant: null },
      { connectionId: uuid(1), user: null, tenant: 'not a tenant' },
      { connectionId: uuid(1), user: null, tenant: 'contoso.example/../organizations' },
      ...badUsers.map((bad) => ({ connectionId: uuid(1), user: bad, tenant: null })),
    ],
  },
  'azure.signOut': {
    from: ['page'],
    input: { connectionId: uuid(1), user },
    bad: [{ user }, { connectionId: uuid(1) }, ...badUsers.map((bad) => ({ connectionId: uuid(1), user: bad }))],
  },
  'azure.consentLink': {
    from: ['page'],
    input: { connectionId: uuid(1), tenant: uuid(2) },
    bad: [{ tenant: uuid(2) }, { connectionId: uuid(1) }, { connectionId: uuid(1), tenant: '?' }],
  },
  'scopes.named': {
    from: ['page'],
    input: { address: form.address },
    bad: [{}, { address: 'http://por.example.com' }, { address: 'javascript:alert(1)' }],
  },
  'scopes.agree': {
    from: ['page'],
    input: { scopes: ['openid', 'api://service/access'] },
    bad: [{}, { scopes: 'openid' }, { scopes: ['two scopes'] }, { scopes: [''] }, { scopes: Array(51).fill('a') }],
  },
  'options.open': { from: ['page', 'portal'], input: {}, bad: [] },
  'connection.test': { from: ['page'], input: form, bad: badForms },
  'connection.save': {
    from: ['page'],
    input: { ...form, edited: null, abandonOpenChanges: false },
    bad: [...badForms.map((bad) => ({ ...bad, edited: null, abandonOpenChanges: false })), form],
  },
  'connection.remove': {
    from: ['page'],
    input: { connectionId: '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30', abandonOpenChanges: false },
    bad: [
      {},
      { connectionId: 'first', abandonOpenChanges: false },
      { connectionId: '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30' },
    ],
  },
  'connection.makeDefault': {
    from: ['page'],
    input: { connectionId: '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30' },
    bad: [{}, { connectionId: 'first' }],
  },
  'connections.import': {
    from: ['page'],
    input: { forms: [form], defaultAddress: form.address, abandonOpenChanges: false },
    bad: [
      { forms: [], defaultAddress: null, abandonOpenChanges: false },
      ...badForms.map((bad) => ({ forms: [form, bad], defaultAddress: null, abandonOpenChanges: false })),
      { forms: [form], defaultAddress: 'http://por.example.com', abandonOpenChanges: false },
    ],
  },
  'connections.kinds': { from: ['page'], input: {}, bad: [] },
  'notify.save': { from: ['page'], input: { notify: true }, bad: [{}, { notify: 'yes' }] },
  'settings.discardDamaged': { from: ['page'], input: {}, bad: [] },
  'portals.save': {
    from: ['page'],
    input: { portals: { off: ['azure'], own: [] } },
    bad: [{ portals: { off: ['all'], own: [] } }, { portals: { off: [], own: [long(2049)] } }, { portals: [] }],
  },
  'retention.save': {
    from: ['page'],
    input: { retention: { maxAgeDays: 30, maxRows: null }, mayRemove: 0 },
    bad: [
      { retention: { maxAgeDays: 0, maxRows: null }, mayRemove: 0 },
      { retention: { maxAgeDays: START, maxRows: null }, mayRemove: 0 },
      { retention: { maxAgeDays: 30, maxRows: null } },
      { retention: { maxAgeDays: 30, maxRows: null }, mayRemove: -1 },
    ],
  },
  'retention.preview': {
    from: ['page'],
    input: { retention: { maxAgeDays: 30, maxRows: null } },
    bad: [{}, { retention: { maxAgeDays: 0, maxRows: null } }],
  },
  'confirm.openFor': {
    from: ['page'],
    input: { subscriptionId: SUBSCRIPTION_ID },
    bad: [
      ...badSubscriptionIds.map((subscriptionId) => ({ subscriptionId })),
      { subscriptionId: SUBSCRIPTION_ID, link: { user: 7 } },
    ],
  },
  'confirm.underWay': {
    from: ['page'],
    input: { id: uuid(1), underWay: true },
    bad: [{}, { id: 'one', underWay: true }, { id: uuid(1), underWay: 'yes' }],
  },
  'confirm.save': { from: ['page'], input: { confirm: 'always' }, bad: [{}, { confirm: 'never' }, { confirm: true }] },
  'watch.save': {
    from: ['page'],
    input: { watch: 'hour', watched: 'starred' },
    bad: [{ watch: 'minute' }, { watch: true }, { watched: 'some' }],
  },
  'ownPartnerId.save': {
    from: ['page'],
    input: { ownPartnerId: WANTED.partnerId },
    bad: [{}, { ownPartnerId: '' }, { ownPartnerId: 'Contoso' }, { ownPartnerId: 200002 }],
  },
  'manyChanges.seen': { from: ['page'], input: {}, bad: [] },
  'history.clear': { from: ['page'], input: {}, bad: [] },
};
