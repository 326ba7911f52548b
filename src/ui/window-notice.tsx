import type { Failure } from '../domain/failure';
import { saysToo, type WindowProblem } from '../domain/window-answer';
import { windowProblemText } from '../words/window';
import { Notice } from './notice';

interface WindowNoticeProps {
  /** What became of the window that was asked for last; null where there is nothing to tell. */
  readonly problem: WindowProblem | null;
  /** What is told besides: what that says already is not said again. */
  readonly failure: Failure | null;
}

/** Tells what became of a window that a person asked for, to sign in, to confirm, or with the options. */
export function WindowNotice({ problem, failure }: WindowNoticeProps) {
  if (problem === null || saysToo(failure, problem)) return null;
  return (
    <Notice role="alert" tone="warn">
      {windowProblemText(problem)}
    </Notice>
  );
}
