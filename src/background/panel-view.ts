import type { ConfirmWhen } from '../domain/settings';
import type { Act } from '../domain/standing';
import type { SubscriptionView } from '../messaging/protocol';

/** What alters a record. */
const ALTERING: readonly Act[] = ['overwrite', 'sendAsMe', 'undo'];

/** A view as a panel gets it: where every change is confirmed in the extension's own window, with nothing to alter a record by. */
export function asPanelSees(view: SubscriptionView, confirm: ConfirmWhen): SubscriptionView {
  if (confirm !== 'always') return view;
  const { standing } = view;
  const may = standing?.may.filter((act) => !ALTERING.includes(act)) ?? [];
  return { ...view, confirms: true, standing: standing && { ...standing, may } };
}
