import type { ChangeLife } from '../../../../src/domain/change';
import type { PartnerState } from '../../../../src/domain/partner-state';
import { standingOf } from '../../../../src/domain/standing';
import type { SubscriptionView } from '../../../../src/messaging/protocol';
import {
  changed,
  conflict,
  contoso,
  ended,
  fabrikam,
  held,
  LONG_NAME,
  NOW,
  nobody,
  sending,
  SUBSCRIPTION,
  viewOf,
} from './data';
import { ACCOUNT, AZURE_CAN, LINK_OWNER, LINK_TARGET, linkStateOf, linkToContoso } from '../../../support/links';
import type { Screen, State } from './state';
import { inSession, settings, works } from './world';

const WINDOW = '0c0f7f0b-7a11-4a7e-9d53-6b7c0f0e7d0c';

function opened(view: SubscriptionView, typed = ''): State['arrange'] {
  return async () => {
    works({
      'subscription.read': async () => view,
      'partner.check': async ({ partnerId }) =>
        partnerId === fabrikam.partnerId
          ? { kind: 'found', partner: { ...fabrikam, name: LONG_NAME }, location: 'Munich, Germany' }
          : { kind: 'unknownPartner' },
      'confirm.underWay': async () => null,
      'change.seen': async () => null,
    });
    await settings();
    await inSession({
      confirmWindow: { subject: { id: WINDOW, subscriptionId: SUBSCRIPTION, typed }, windowId: 1, underWay: false },
    });
  };
}

const LINKED = linkStateOf(contoso);
const atAzure = (state: PartnerState, more: Partial<SubscriptionView> = {}): SubscriptionView => ({
  ...viewOf(held),
  source: 'Azure',
  state,
  can: AZURE_CAN,
  ...more,
});

/** About a link. */
function linked(view: SubscriptionView, typed = ''): State['arrange'] {
  return async () => {
    works({
      'link.known': async () => view,
      'azure.signIn': async () => ({
        kind: 'otherAccount',
        wanted: LINK_TARGET.user,
        account: { user: 'ben', homeTenant: LINK_TARGET.tenant, username: 'ben@contoso.example', name: 'Ben' },
      }),
      'confirm.underWay': async () => null,
      'change.seen': async () => null,
    });
    await settings();
    const link = { target: LINK_TARGET, account: ACCOUNT, tenant: LONG_NAME };
    const subject = { id: WINDOW, subscriptionId: SUBSCRIPTION, connectionId: LINK_TARGET.connectionId, link, typed };
    await inSession({ confirmWindow: { subject, windowId: 1, underWay: false } });
  };
}

/** How a change of the link stands, for whoever looks. */
function standing(life: ChangeLife) {
  const viewer = { connectionId: LINK_TARGET.connectionId, person: LINK_OWNER, mayChange: true };
  return standingOf(linkToContoso(life, { kind: 'change', before: fabrikam, after: contoso }), viewer, NOW);
}
const found = { partnerOfRecord: { ...contoso, name: LONG_NAME }, version: '3' };

const hash = `#${WINDOW}`;
const checkId = { press: 'button', name: 'Check ID' } as const;

export const confirm: Screen = {
  name: 'confirm',
  title: 'The extension’s own window',
  file: 'src/confirm/index.html',
  window: { width: 480, height: 640 },
  states: [
    { name: 'no partner', arrange: opened(viewOf(nobody)), hash, says: held.displayName },
    { name: 'a partner', arrange: opened(viewOf(held)), hash, says: contoso.name },
    { name: 'checked', arrange: opened(viewOf(held), fabrikam.partnerId), hash, steps: [checkId], says: LONG_NAME },
    { name: 'no such partner', arrange: opened(viewOf(nobody), '99999999'), hash, steps: [checkId], says: '99999999' },
    {
      name: 'removing asks first',
      arrange: opened(viewOf(held)),
      hash,
      steps: [{ press: 'button', name: 'Remove partner' }],
      says: 'Remove partner of record?',
      asks: true,
    },
    {
      name: 'saving',
      arrange: opened(viewOf(held, changed(sending, 0))),
      hash,
      says: held.displayName,
    },
    {
      name: 'saved',
      arrange: async () => {
        await opened(viewOf(held), fabrikam.partnerId)();
        const saved = viewOf({ ...held, partnerOfRecord: fabrikam, etag: '"2"' }, changed(ended(fabrikam), 0));
        const { standing } = saved;
        if (standing === null) throw new Error('A change that was saved stands somewhere');
        works({
          'change.assign': async () => {
            works({ 'subscription.read': async () => saved });
            return { ok: true, standing };
          },
        });
      },
      hash,
      steps: [checkId, { press: 'button', name: 'Save partner' }],
      says: 'Partner information has been changed.',
    },
    { name: 'a conflict', arrange: opened(viewOf(held, changed(conflict, 1))), hash, says: 'Overwrite' },
    {
      name: 'not permitted',
      arrange: opened(
        viewOf({ ...held, caller: { role: 'Reader', canChangePartner: false, reason: 'Readers may look only.' } }),
      ),
      hash,
      says: 'Readers may look only.',
    },
    {
      name: 'no answer',
      arrange: opened({ ...viewOf(null), failure: { reason: 'noAnswer' } }),
      hash,
      says: 'Try again',
    },
    { name: 'a link, none', arrange: linked(atAzure(linkStateOf(null))), hash, says: 'No partner link' },
    { name: 'a link, linked', arrange: linked(atAzure(LINKED)), hash, says: 'Remove link' },
    {
      name: 'a link, typed',
      arrange: linked(atAzure(LINKED), fabrikam.partnerId),
      hash,
      says: 'Partner after linking',
    },
    {
      name: 'a link, linking asks first',
      arrange: linked(atAzure(LINKED), fabrikam.partnerId),
      hash,
      steps: [{ press: 'button', name: 'Link partner' }],
      says: 'Link partner ID?',
      asks: true,
    },
    {
      name: 'a link, removing asks first',
      arrange: linked(atAzure(LINKED)),
      hash,
      steps: [{ press: 'button', name: 'Remove link' }],
      says: 'Remove partner link?',
      asks: true,
    },
    {
      name: 'a link, a conflict',
      arrange: linked(
        atAzure(LINKED, { standing: standing({ state: 'conflict', attempts: 1, endedAt: NOW, found, answer: null }) }),
      ),
      hash,
      says: 'Overwrite',
    },
    {
      name: 'a link, another account came back',
      arrange: linked(atAzure(LINKED, { failure: { reason: 'signInNeeded' } })),
      hash,
      steps: [{ press: 'button', name: `Sign in as ${ACCOUNT}` }],
      says: 'You signed in as',
    },
    { name: 'given up', arrange: () => settings(), says: 'Confirm the change' },
  ],
};
