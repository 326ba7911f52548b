import { expect, test } from 'vitest';
import { whyNotPermitted } from '../../../server/src/subscriptions/rights-sentence';
import { CALLER_ROLES, mayChangePartner, rolesThatMayChange } from '../../../src/domain/rights';
import { CLOUD_SERVICES } from '../../../src/domain/cloud-service';
import { notPermittedText } from '../../../src/words/plain-rights';
import { notPermittedWords } from '../../../src/words/rights';
import { t } from '../../../src/words/words';

const refused = CALLER_ROLES.flatMap((own) =>
  CLOUD_SERVICES.filter((service) => !mayChangePartner(own, service)).map((service) => [own, service] as const),
);

test.each(refused)('%s on %s reads their role and everyone who may', (own, service) => {
  const sentence = notPermittedText({ role: { own, service }, reason: null });
  for (const role of [own, ...rolesThatMayChange(service)]) expect(sentence).toContain(t(`rights.roles.${role}`));
});

test.each(refused)('%s on %s reads once what the service says alike', (own, service) => {
  const role = { own, service };
  const ours = notPermittedText({ role, reason: null });
  expect(notPermittedText({ role, reason: whyNotPermitted(own, service) })).toBe(ours);
  expect(notPermittedText({ role, reason: 'Ask Ada.' })).toBe(`${ours} The service says: “Ask Ada.”`);
});

test.each(refused)(
  '%s on %s reads in the panel’s line who may, too, and not what the service says alike',
  (own, service) => {
    const role = { own, service };
    const { ours, said } = notPermittedWords({ role, reason: whyNotPermitted(own, service) }, 'rights.whyInLine');
    for (const one of [own, ...rolesThatMayChange(service)]) expect(ours).toContain(t(`rights.roles.${one}`));
    expect(said).toBeNull();
    expect(notPermittedWords({ role, reason: 'Ask Ada.' }, 'rights.whyInLine')).toEqual({ ours, said: 'Ask Ada.' });
  },
);

test('who could by their role reads the service’s sentence, or that it does not let them', () => {
  expect(notPermittedText({ role: null, reason: 'Suspended.' })).toBe('The service says: “Suspended.”');
  expect(notPermittedText({ role: null, reason: null })).toBe(
    'The service does not let you change the partner of record here.',
  );
});
