import type { About } from './about';
import { type Key, t } from './words';

type ProblemIn<K extends Key> = K extends `standing.problems.${infer Problem}` ? Problem : never;

/** Why nothing was asked for. */
export type AskProblem = ProblemIn<Key>;

/** What reads otherwise of a link. */
const OF_LINK = {
  notConfigured: 'link.problems.notConfigured',
  neverRead: 'link.problems.neverRead',
  readTimedOut: 'link.problems.readTimedOut',
  changedSince: 'link.problems.changedSince',
  changeOpen: 'link.problems.changeOpen',
} as const satisfies Readonly<Partial<Record<AskProblem, Key>>>;

function isOfLink(problem: AskProblem): problem is keyof typeof OF_LINK {
  return Object.hasOwn(OF_LINK, problem);
}

/** Why nothing was asked for, and what to do next. */
export function askProblemText(problem: AskProblem, about: About): string {
  return t(about === 'link' && isOfLink(problem) ? OF_LINK[problem] : `standing.problems.${problem}`);
}
