import type { ConfirmWhen } from '../domain/settings';
import type { Act, Standing } from '../domain/standing';

/** The acts that alter a record or a link. */
const ALTERING: readonly Act[] = ['overwrite', 'sendAsMe', 'undo'];

/** A view as a panel gets it. Where every change is confirmed in the extension's own window, it offers no act that alters anything. */
export function asPanelSees<View extends { readonly standing: Standing | null; readonly confirms?: true }>(
  view: View,
  confirm: ConfirmWhen,
): View {
  if (confirm !== 'always') return view;
  const { standing } = view;
  const may = standing?.may.filter((act) => !ALTERING.includes(act)) ?? [];
  return { ...view, confirms: true, standing: standing && { ...standing, may } };
}
