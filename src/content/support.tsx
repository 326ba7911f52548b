import { Name } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';

/** Whom the service says to ask, an address or a text; nothing where it says nobody. */
export function Support({ support }: { readonly support: string | null }) {
  if (support === null) return null;
  return (
    <p class="small">
      <Sentence of="pages.whomToAsk" with={{ contact: <Name text={support} /> }} />
    </p>
  );
}
