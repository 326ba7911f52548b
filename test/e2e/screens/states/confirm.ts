import type { SubscriptionView } from '../../../../src/messaging/protocol';
import {
  changed,
  conflict,
  contoso,
  ended,
  fabrikam,
  held,
  LONG_NAME,
  nobody,
  sending,
  SUBSCRIPTION,
  viewOf,
} from './data';
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
    { name: 'given up', arrange: () => settings(), says: 'Confirm the change' },
  ],
};
