import type { ReadFailure, Shown } from './panel-state';
import type { Sureness } from './seeing';

/** Whether the person may fold a docked panel away: not while something needs them or a change is open, which they would miss. */
export function mayFold(shown: Shown): boolean {
  switch (shown.state) {
    case 'gone':
      return false;
    case 'absent':
    case 'reading':
    case 'withheld':
    case 'notConfigured':
      return true;
    case 'unread':
      return shown.work === null && !needsSignIn(shown.failure);
    case 'read': {
      const { work, task, ending, askProblem, confirm, stale } = shown;
      const asks = task.kind === 'confirmRemoval' || task.kind === 'confirmLink';
      if (work !== null || asks || askProblem !== null) return false;
      if (confirm === 'changes' || confirm === 'checks') return false;
      if (stale !== null && needsSignIn(stale.failure)) return false;
      return ending?.kind !== 'failed';
    }
  }
}

function needsSignIn(failure: ReadFailure): boolean {
  return failure !== null && typeof failure !== 'string' && failure.reason === 'signInNeeded';
}

/**
 * Whether a docked panel that may be folded is so without the person's doing here: not while they are at work in it or it has just
 * shown them something; nor, unless they want it so on this portal, while it has something to show.
 *
 * @param kept how they left it on this portal; null when they never folded or opened it there
 */
export function isFoldedByItself(shown: Shown, sureness: Sureness, kept: boolean | null): boolean {
  if (kept === false) return false;
  if (shown.state === 'read') {
    const { task, ending } = shown;
    const isAtWork = task.kind === 'form' && (task.form.typed !== '' || task.form.check !== null);
    if (isAtWork || ending !== null) return false;
  }
  const hasNews = shown.state === 'unread' || shown.state === 'notConfigured' || sureness === 'unsure';
  return kept === true || !hasNews;
}
