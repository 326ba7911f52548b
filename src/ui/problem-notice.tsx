import { Notice } from './notice';
import { ProblemText } from './problem-text';

/** Tells what went wrong in the extension itself, where it stands in the way of all of a part of a page. */
export function ProblemNotice({ cause }: { readonly cause: unknown }) {
  return (
    <Notice role="alert" tone="bad">
      <ProblemText cause={cause} />
    </Notice>
  );
}
