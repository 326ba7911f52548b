import type { ConfirmWhen } from '../domain/settings';
import type { Act } from '../domain/standing';
import type { SubscriptionView } from '../messaging/protocol';

/** The acts that alter a record. */
const ALTERING: readonly Act[] = ['overwrite', 'sendAsMe', 'undo'];

/** A view as a panel gets it. Where every change is confirmed in the extension's own window, it offers no act that alters a record. */
export function asPanelSees(view: SubscriptionView, confirm: ConfirmWhen): SubscriptionView {
  if (confirm !== 'always') return view;
  const { standing } = view;
  const may = standing?.may.filter((act) => !ALTERING.includes(act)) ?? [];
  return { ...view, confirms: true, standing: standing && { ...standing, may } };
}
