import { type WindowAnswer, type WindowProblem, windowProblemIn } from '../domain/window-answer';
import { clockOffText } from './clock';
import { t } from './words';

/** What became of a window that a person asked for, in words; null where there is nothing to tell. */
export function windowText(answer: WindowAnswer): string | null {
  const problem = windowProblemIn(answer);
  return problem && windowProblemText(problem);
}

/** Why a window that a person asked for did not do its part, and what to do next. */
export function windowProblemText(problem: WindowProblem): string {
  return typeof problem === 'string' ? t(`pages.windows.${problem}`) : clockOffText(problem.aheadMs);
}
