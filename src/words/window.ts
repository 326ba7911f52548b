import { type WindowAnswer, windowProblemIn } from '../domain/window-answer';
import { t } from './words';

/** What became of a window that a person asked for, in words; null where there is nothing to tell. */
export function windowText(answer: WindowAnswer): string | null {
  const problem = windowProblemIn(answer);
  return problem && t(`pages.windows.${problem}`);
}
