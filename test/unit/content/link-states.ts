import type { Draft } from '../../../src/content/panel-state';
import type { Change } from '../../../src/domain/change';
import type { PartnerOfRecord } from '../../../src/domain/partner';
import { holdingOf, markOf, type PartnerState as LinkState } from '../../../src/domain/partner-state';
import { standingOf } from '../../../src/domain/standing';
import type { LinkFacts, LinkView } from '../../../src/messaging/protocol';
import { ACCOUNT, AZURE_CAN, LINK_OWNER, LINK_TARGET, linkStateOf, linkToContoso, TENANT } from '../../support/links';
import { contoso, fabrikam, known, NOW, type PanelState, SIGN_IN, state, SUBSCRIPTION, waiting } from './panel-states';

/** Every state of the link's region: for the table test and for the gallery. */

const FACTS: LinkFacts = {
  target: LINK_TARGET,
  account: { user: LINK_TARGET.user, name: ACCOUNT },
  accounts: [
    { user: LINK_TARGET.user, name: ACCOUNT },
    { user: 'ben', name: 'ben@fabrikam.example' },
  ],
  tenant: { id: LINK_TARGET.tenant, name: TENANT },
  isDelegated: false,
  attribution: { verdict: 'yesLikely', reason: 'eligibleRole' },
};
const NOBODY: LinkFacts = { ...FACTS, target: null, account: null, accounts: [] };

const NONE = linkStateOf(null);
const LINKED = linkStateOf(contoso);

interface Told extends Partial<Omit<LinkView, 'standing'>> {
  readonly change?: Change;
}

/** What the worker tells of Ada's link. */
export function linkViewOf(present: LinkState | null, { change, ...more }: Told = {}): LinkView {
  const viewer = { connectionId: LINK_TARGET.connectionId, person: LINK_OWNER, mayChange: true };
  return {
    subscriptionId: SUBSCRIPTION,
    source: 'Azure',
    state: present,
    readAt: present && NOW - 20_000,
    order: 1,
    failure: null,
    can: AZURE_CAN,
    standing: change === undefined ? null : standingOf(change, viewer, NOW),
    changeOrder: change === undefined ? 0 : 1,
    support: null,
    link: FACTS,
    ...more,
  };
}

/** From Contoso to Fabrikam. */
function changed(life: Change['life']): Change {
  const asked = { kind: 'change', before: contoso, after: { ...fabrikam, name: null }, askedAt: NOW - 5000 } as const;
  return linkToContoso(life, { ...asked, basedOn: '1' });
}

const ended = { attempts: 1, endedAt: NOW - 1000 } as const;
const inFabrikam = (partner: PartnerOfRecord | null) => holdingOf(linkStateOf(partner, '2'));

const BOX = 'textbox Partner ID';
const ASK = 'disclosure What is a Partner ID?';
const LINK = 'button Link partner';
const DETAILS = 'disclosure Details';
const OTHERS = ['button Use ben@fabrikam.example', 'button Use another account'] as const;
const LINE = ['button Change', 'button Remove link'] as const;
const AS_ADA = `button Sign in as ${ACCOUNT}`;
const TYPED: Partial<Draft> = { typed: fabrikam.partnerId, unfolded: true };
const LOCATION = 'Use the location account’s Partner ID: Microsoft attributes nothing to the global one.';

function about(...made: Parameters<typeof state>): PanelState {
  const [name, ...rest] = made;
  return { ...state(`link, ${name}`, ...rest), about: 'link' };
}

export const LINK_STATES: readonly PanelState[] = [
  about('reading', known(linkViewOf(null), { reading: true }), {}, [], { status: 'Reading your partner link…' }),
  about(
    'nobody is signed in',
    known(linkViewOf(null, { failure: { reason: 'signInNeeded' }, link: NOBODY })),
    {},
    ['button Sign in'],
    { alerts: ['You are not signed in at Azure.'] },
  ),
  about('none', known(linkViewOf(NONE)), {}, [BOX, ASK, ...OTHERS, DETAILS], {
    says: ['No partner link', `Links your sign-in ${ACCOUNT} in ${TENANT} to a partner.`, LOCATION],
  }),
  about('linked', known(linkViewOf(LINKED)), {}, LINE, {
    says: ['Contoso Cloud Partners (423451)', 'State: Active', `Your sign-in ${ACCOUNT} in ${TENANT}`],
  }),
  about('typed', known(linkViewOf(LINKED)), TYPED, [...LINE, BOX, ASK, LINK, ...OTHERS, DETAILS], {
    says: ['The name is known once you are linked, if at all.'],
  }),
  about(
    'asked whether to link',
    known(linkViewOf(LINKED)),
    { ...TYPED, question: { asks: 'link', mark: markOf(LINKED) } },
    ['button Change', 'button Remove link', 'button No', 'button Yes', DETAILS],
    { says: ['Link partner ID?', 'This takes the place of your link to Contoso Cloud Partners (423451).'] },
  ),
  about(
    'asked whether to remove',
    known(linkViewOf(LINKED)),
    { question: { asks: 'remove', mark: markOf(LINKED) } },
    ['button Change', 'button Remove link', 'button No', 'button Yes', DETAILS],
    { says: ['Remove partner link?'] },
  ),
  about(
    'linked just now',
    known(
      linkViewOf(linkStateOf(fabrikam, '2'), {
        change: changed({ state: 'done', ...ended, outcome: inFabrikam(fabrikam) }),
      }),
    ),
    {},
    [...LINE, 'button Undo'],
    { status: /Partner link has been changed\.$/ },
  ),
  about(
    'conflict',
    known(
      linkViewOf(LINKED, {
        change: changed({ state: 'conflict', ...ended, found: holdingOf(LINKED), answer: null }),
      }),
    ),
    {},
    ['button Overwrite', 'button Keep', DETAILS],
    { alerts: [/^Not done\. Meanwhile your link was set to Contoso/] },
  ),
  about(
    'refused',
    known(
      linkViewOf(LINKED, {
        change: changed({
          state: 'refused',
          ...ended,
          failure: { reason: 'refused', status: 400, code: 'BadRequest', said: 'The partner ID is not valid.' },
          seen: false,
        }),
      }),
    ),
    {},
    [...LINE, DETAILS],
    {
      alerts: [
        /^The change was not made\. Azure refused \(400\)\. Azure said: “The partner ID is not valid\.”.*Use the location account’s Partner ID/,
      ],
    },
  ),
  about(
    'a delegated administration that Azure refuses',
    known(
      linkViewOf(NONE, {
        change: changed({
          state: 'refused',
          ...ended,
          failure: {
            reason: 'refused',
            status: 403,
            code: 'Forbidden',
            said: 'If you are a CSP partner logged in the customer tenant, you will not be able to link the Partner ID',
          },
          seen: false,
        }),
      }),
    ),
    {},
    [BOX, ASK, ...OTHERS, DETAILS],
    // Which Partner ID it was is not why.
    {
      alerts: [
        /a member or guest of the customer’s own tenant.+ Azure said: “If you are a CSP partner .+ link the Partner ID”$/,
      ],
    },
  ),
  about(
    'change needs one more proof',
    known(
      linkViewOf(LINKED, {
        change: changed(
          waiting({
            for: 'signIn',
            effectPossible: false,
            lastFailure: { ...SIGN_IN, detail: { code: 'moreProof' } },
          }),
        ),
      }),
    ),
    {},
    [AS_ADA, 'button Stop trying', DETAILS],
    { alerts: [/^Azure asks you to sign in once more, for example with a second factor\./] },
  ),
  about(
    'signed in as another',
    known(
      linkViewOf(LINKED, {
        change: changed(waiting({ for: 'person', effectPossible: false, lastFailure: null })),
      }),
    ),
    {},
    [AS_ADA, 'button Discard', DETAILS],
    { alerts: [/^It is sent only as ada@contoso\.example, whose link it is\./] },
  ),
  about(
    'another account came back',
    known(linkViewOf(LINKED)),
    { otherAccount: 'ben@fabrikam.example' },
    [...LINE, AS_ADA],
    { alerts: [/^You signed in as ben@fabrikam\.example/] },
  ),
  about(
    'nobody knows whether it counts',
    known(linkViewOf(LINKED, { link: { ...FACTS, attribution: { verdict: 'unknown', reason: 'roleUnclassified' } } })),
    {},
    LINE,
    { says: ['Nobody can say whether work done here is attributed'] },
  ),
  about(
    'it does not count',
    known(linkViewOf(LINKED, { link: { ...FACTS, attribution: { verdict: 'no', reason: 'onlyReads' } } })),
    {},
    LINE,
    { says: ['Work done here is not attributed: you can only read here.'] },
  ),
  about('delegated by Lighthouse', known(linkViewOf(LINKED, { link: { ...FACTS, isDelegated: true } })), {}, LINE, {
    says: [`This subscription is delegated to ${TENANT}`],
  }),
  about(
    'every change confirmed elsewhere',
    known(linkViewOf(LINKED, { confirms: true })),
    {},
    ['button Confirm in the extension', DETAILS],
    { says: ['Changes are made in the extension’s own window.'] },
  ),
  about('no answer', known(linkViewOf(null, { failure: { reason: 'noAnswer' } })), {}, ['button Try again'], {
    alerts: ['Azure can’t be reached. Check your network or VPN, then try again.'],
  }),
];
