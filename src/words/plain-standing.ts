import type { PartnerRef } from '../domain/partner';
import type { Standing } from '../domain/standing';
import { visibleText } from '../domain/visible-text';
import { failureSentence } from './failure';
import { type Place, standingWords, type Tense } from './standing';
import { locale, t } from './words';

/** Where a change stands as plain text, for a notification: nothing can be drawn there, and nothing technical belongs there. */
export function plainStandingWords(standing: Standing, tense: Tense): string {
  return standingWords(standing, tense)
    .map((sentence) => sentence.map((part) => (typeof part === 'string' ? part : plain(part))).join(''))
    .join(' ');
}

/** A partner as plain text: its name, where that is known, and its ID. */
export function plainPartner({ name, partnerId }: PartnerRef): string {
  return name === null ? partnerId : t('standing.partner', { name: visibleText(name), partnerId });
}

function plain(place: Place): string {
  if ('partner' in place) return plainPartner(place.partner);
  if ('name' in place) return visibleText(place.name);
  if ('failure' in place) return failureSentence(place.failure, place.about);
  const at = 'until' in place ? place.until : place.moment;
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}
