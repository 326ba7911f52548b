import type { LaneHold } from '../domain/batch';
import { endOf, isOver } from '../domain/wait';
import { t } from '../words/words';
import { formatMoment } from './format';

/** What the changes of a connection wait for, in words; null where nothing holds them up (any more). */
export function holdText(hold: LaneHold | null, now: number): string | null {
  if (hold === null) return null;
  if (hold.for === 'signIn') return t('batch.waitsForSignIn');
  if (isOver(hold.wait, now)) return null;
  const moment = formatMoment(endOf(hold.wait, now), now);
  return t(hold.silent ? 'batch.silentUntil' : 'batch.waitsUntil', { moment });
}
