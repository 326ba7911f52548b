import { AZURE_CAN, ACCOUNT, LINK_OWNER, LINK_TARGET, linkStateOf, linkToContoso, TENANT } from '../../support/links';
import { CONNECTION_ID } from '../../support/connections';
import { CONTOSO, FABRIKAM } from '../../support/partners';
import { SUBSCRIPTION_ID, subscriptionId, uuid } from '../../support/targets';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfirmPage } from '../../../src/confirm/confirm-page';
import type { Change } from '../../../src/domain/change';
import { planChange } from '../../../src/domain/change-request';
import type { ConfirmSubject } from '../../../src/domain/confirm-window';
import type { PartnerRef } from '../../../src/domain/partner';
import { holdingOf, type PartnerState } from '../../../src/domain/partner-state';
import { standingOf } from '../../../src/domain/standing';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { AzureSignInAnswer, ChangeAnswer, SubscriptionView } from '../../../src/messaging/protocol';
import { resetWorld, world } from '../../support/page-browser';
import { all, press, says, text, the, type } from '../../support/screen';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const SUBJECT: ConfirmSubject = {
  id: uuid(1),
  subscriptionId: subscriptionId(SUBSCRIPTION_ID),
  connectionId: CONNECTION_ID,
  link: { target: LINK_TARGET, account: ACCOUNT, tenant: TENANT },
  typed: '',
};

let held: PartnerState;
let newest: Change | null;
let more: Partial<SubscriptionView>;
let signsIn: AzureSignInAnswer;
let tell: ReturnType<typeof createBroadcaster>;
let asked: { name: string; input: unknown }[];

const view = (): SubscriptionView => ({
  subscriptionId: SUBJECT.subscriptionId,
  source: 'Azure',
  state: held,
  can: AZURE_CAN,
  readAt: Date.now() - 60_000,
  order: 1,
  failure: null,
  standing:
    newest && standingOf(newest, { connectionId: CONNECTION_ID, person: LINK_OWNER, mayChange: true }, Date.now()),
  changeOrder: newest?.askedAt ?? 0,
  support: null,
  ...more,
});

/** Makes the change at once. */
function ask(name: string, id: string, after: PartnerRef | null, seen: string): ChangeAnswer {
  const plan = planChange(held, { target: LINK_TARGET, after: after?.partnerId ?? null, seen });
  if (!plan.ok)
    return plan.problem === 'changedSince'
      ? { ...plan, problem: plan.problem, found: holdingOf(held), view: null }
      : { ok: false, problem: plan.problem };
  const { kind, before, basedOn } = plan;
  held = linkStateOf(after, String(asked.length + 2));
  newest = linkToContoso(
    { state: 'done', attempts: 1, endedAt: Date.now(), outcome: holdingOf(held) },
    { id, kind, before, after, basedOn },
  );
  const { standing } = view();
  if (standing === null) throw new Error(`${name} makes a change`);
  return { ok: true, standing };
}

beforeEach(() => {
  resetWorld();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], shouldAdvanceTime: true });
  held = linkStateOf(CONTOSO);
  newest = null;
  more = {};
  asked = [];
  tell = createBroadcaster();
  signsIn = { kind: 'cancelled' };
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  const note =
    <A,>(name: string, answer: () => A) =>
    async (input: unknown) => {
      asked.push({ name, input });
      return answer();
    };
  world.worker = {
    'link.known': note('link.known', view),
    'link.assign': async (input) => {
      asked.push({ name: 'link.assign', input });
      return ask('link.assign', input.id, { partnerId: input.partnerId, name: null }, input.seen);
    },
    'link.remove': async (input) => {
      asked.push({ name: 'link.remove', input });
      return ask('link.remove', input.id, null, input.seen);
    },
    'change.undo': async (input) => ask('change.undo', input.id, CONTOSO, input.seen),
    'change.stop': note('change.stop', () => null),
    'change.seen': note('change.seen', () => null),
    'azure.signIn': note('azure.signIn', () => signsIn),
    'confirm.underWay': note('confirm.underWay', () => null),
  };
});
afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const open = (typed = '') => render(<ConfirmPage subject={{ ...SUBJECT, typed }} />, document.body);
const asks = (name: string) => asked.filter((one) => one.name === name).map(({ input }) => input);

/** Presses once presses count. */
async function act(name: string): Promise<void> {
  await the('button', name);
  await vi.advanceTimersByTimeAsync(600);
  await press(name);
}

describe('The window to confirm a link in', () => {
  it('says whose link it is, in which tenant and of which partner, and has nothing of a record', async () => {
    open();
    await says(`Your sign-in${ACCOUNT}`);
    await says(`Tenant${TENANT}${LINK_TARGET.tenant}`);
    await says('Linked partner nowContoso (1234567)');
    await says('Use the location account’s Partner ID');
    await says('A partner link is your own');
    expect(all('button', 'Check ID')).toEqual([]);
    expect(text()).not.toContain('told by mail');
    expect(text()).not.toContain('will see');
    expect(text()).not.toContain(SUBSCRIPTION_ID);
    await the('button', 'Cancel');
  });

  it('links after a question that names the partner whose link is replaced', async () => {
    open();
    await type('textbox', 'Partner ID', FABRIKAM.partnerId);
    await says('Partner after linking7654321');
    await act('Link partner');
    await the('alertdialog', 'Link partner ID?');
    await says(`This links your sign-in ${ACCOUNT} in ${TENANT} to Partner ID 7654321.`);
    await says('This takes the place of your link to Contoso');
    expect(asks('link.assign')).toEqual([]);
    await act('Yes');
    await says('Partner link has been changed.');
    expect(asks('link.assign')).toEqual([
      { id: expect.any(String), target: LINK_TARGET, partnerId: FABRIKAM.partnerId, seen: expect.any(String) },
    ]);
    await says('Linked partner now7654321');
    expect(await the('textbox', 'Partner ID')).toHaveProperty('value', '');
    await act('Undo');
    await says('Contoso (1234567) is now your linked partner. Partner link has been changed.');
    await the('button', 'Close');
  });

  it('asks on Enter too, and leaves the link as it is where the question is answered with No', async () => {
    open();
    await type('textbox', 'Partner ID', FABRIKAM.partnerId);
    const box = await the('textbox', 'Partner ID');
    await vi.advanceTimersByTimeAsync(600);
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await the('alertdialog', 'Link partner ID?');
    await press('No');
    await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
    expect(document.activeElement?.textContent).toBe('Link partner');
    expect(await the('textbox', 'Partner ID')).toHaveProperty('value', FABRIKAM.partnerId);
    expect(asks('link.assign')).toEqual([]);
  });

  it('removes after the question alone', async () => {
    open();
    await act('Remove link');
    await the('alertdialog', 'Remove partner link?');
    await act('Yes');
    await says('Partner link has been removed.');
    await says('Linked partner nowNo partner link');
    expect(asks('link.remove')).toEqual([{ id: expect.any(String), target: LINK_TARGET, seen: expect.any(String) }]);
  });

  it('reads the link anew where it is another by now, and does nothing before that was seen', async () => {
    open();
    await says('Linked partner nowContoso');
    await type('textbox', 'Partner ID', FABRIKAM.partnerId);
    await act('Link partner');
    held = linkStateOf(null, '9');
    await act('Yes');
    await says('Your link has changed since you saw it');
    await says('Linked partner nowNo partner link');
    expect(newest).toBeNull();
  });

  it('has what was typed in the page as text to look at, which keeps the window for nobody', async () => {
    open(FABRIKAM.partnerId);
    await says('This ID came from the page.');
    await says('Partner after linking7654321');
    expect(asks('confirm.underWay')).toEqual([]);
    await act('Link partner');
    await vi.waitFor(() => expect(asks('confirm.underWay')).toEqual([{ id: uuid(1), underWay: true }]));
  });

  it('has the account sign in whose link it is, and says when another one came', async () => {
    more = { failure: { reason: 'signInNeeded' } };
    open();
    signsIn = {
      kind: 'otherAccount',
      wanted: LINK_TARGET.user,
      account: { user: 'other', homeTenant: uuid(50), username: 'ben@contoso.example', name: 'Ben' },
    };
    await press(`Sign in as ${ACCOUNT}`);
    await says('You signed in as ben@contoso.example, which is not the account that this link is of.');
    const { connectionId, tenant, user } = LINK_TARGET;
    expect(asks('azure.signIn')).toEqual([{ connectionId, tenant, user }]);
    expect(all('button', 'Link partner')).toEqual([]);
    signsIn = {
      kind: 'signedIn',
      tenant,
      account: { user, homeTenant: tenant, username: ACCOUNT, name: 'Ada' },
    };
    more = {};
    await press(`Sign in as ${ACCOUNT}`);
    tell({ changed: 'settings' });
    await the('button', 'Remove link');
    expect(text()).not.toContain('You signed in as ben');
  });

  it('is never asked to send another account’s change as one’s own', async () => {
    newest = linkToContoso({
      state: 'waiting',
      for: 'person',
      wait: { from: Date.now(), ms: 0 },
      attempts: 0,
      triedMs: 0,
      firstSentAt: null,
      lastSentAt: null,
      effectPossible: false,
      lastFailure: null,
      settle: null,
      failedReads: 0,
    });
    open();
    await says(`It is sent only as ${ACCOUNT}, whose link it is.`);
    await the('button', `Sign in as ${ACCOUNT}`);
    expect(all('button', 'Send as me')).toEqual([]);
    await act('Discard');
    await vi.waitFor(() => expect(asks('change.stop')).toHaveLength(1));
  });

  it('says what Azure refused, and which Partner ID Microsoft asks for', async () => {
    newest = linkToContoso(null);
    open();
    await says('Saving…');
    const failure = { reason: 'refused', status: 400, code: 'BadRequest', said: 'Partner not found' } as const;
    newest = { ...newest, life: { state: 'refused', attempts: 1, endedAt: Date.now(), failure, seen: false } };
    tell({ changed: 'links', targets: [LINK_TARGET] });
    await says('Partner not found');
    const [refused] = all('alert');
    expect(refused?.textContent).toContain('Use the location account’s Partner ID');
    await vi.waitFor(() => expect(asks('change.seen')).toHaveLength(1));
  });

  it('says what to do where Azure refuses whoever works there by delegation alone', async () => {
    newest = linkToContoso(null);
    open();
    await says('Saving…');
    const said = 'If you are a CSP partner logged in the customer tenant, you will not be able to link the Partner ID';
    const failure = { reason: 'refused', status: 403, code: 'Forbidden', said } as const;
    newest = { ...newest, life: { state: 'refused', attempts: 1, endedAt: Date.now(), failure, seen: false } };
    tell({ changed: 'links', targets: [LINK_TARGET] });
    await says('Sign in with an account that is a member or guest of the customer’s own tenant and has a role there');
    await says(`Azure said: “${said}”`);
  });

  it('says that its connection is not set up any more', async () => {
    more = { source: null, state: null, can: null, readAt: null };
    open();
    await says('The connection to Azure is not set up any more');
    await the('button', 'Open options');
  });
});
