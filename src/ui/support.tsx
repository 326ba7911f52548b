import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { supportLink, supportMayHelp } from '../domain/support';
import { useLive } from './use-live';
import { WhomToAsk } from './whom-to-ask';

/** Whom to ask, as the organisation's service says; null where it says nothing. */
export const SupportContext = createContext<string | null>(null);

interface WithSupportProps {
  readonly read: () => Promise<string | null>;
  /** Calls back whenever it may be another by now. */
  readonly listen: (again: () => void, signal: AbortSignal) => void;
  readonly children: ComponentChildren;
}

/** Lets everything within say whom to ask. Until it is known nothing is said of it, as where nobody is named. */
export function WithSupport({ read, listen, children }: WithSupportProps) {
  const support = useLive(read, listen, []);
  return (
    <SupportContext.Provider value={support.state === 'here' ? support.value : null}>
      {children}
    </SupportContext.Provider>
  );
}

/** Whom to ask, under a refusal on a page of the extension's own, where an address is a link. */
export function Support({ after }: { readonly after?: Failure }) {
  const support = useContext(SupportContext);
  if (support === null || (after !== undefined && !supportMayHelp(after))) return null;
  return <WhomToAsk support={support} link={supportLink(support)} />;
}
