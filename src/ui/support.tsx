import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { supportLink, supportMayHelp } from '../domain/support';
import { OnPageContext } from './on-page';
import { Name } from './partner-name';
import { Sentence } from './sentence';
import { useLive } from './use-live';

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

/** Whom to ask, under a refusal. An address is a link on the extension's own pages; on a portal's nobody is led away by it. */
export function Support({ after }: { readonly after?: Failure }) {
  const support = useContext(SupportContext);
  const isOnPage = useContext(OnPageContext) !== null;
  if (support === null || (after !== undefined && !supportMayHelp(after))) return null;
  const link = isOnPage ? null : supportLink(support);
  const name = <Name text={support} />;
  return (
    <p class="small">
      <Sentence
        of="pages.whomToAsk"
        with={{
          contact:
            link === null ? (
              name
            ) : (
              <a href={link} target="_blank" rel="noreferrer">
                {name}
              </a>
            ),
        }}
      />
    </p>
  );
}
