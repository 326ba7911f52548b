import { ENGLISH as SHIPPED } from '../../../../server/words/english';
import type { Catalogue, Sentences } from '../../../../server/words/words';
import { inOtherScript } from '../../../setup/other-script';

/** Stands in for `server/words/english`: the sentences that are shipped, in the other script where asked. */
export const ENGLISH: Catalogue =
  new URLSearchParams(location.search).get('script') === 'other'
    ? { language: 'el', sentences: spelled(SHIPPED.sentences) }
    : SHIPPED;

function spelled(sentences: Sentences): Sentences {
  return Object.fromEntries(
    Object.entries(sentences).map(([name, inner]) => [
      name,
      typeof inner === 'string' ? inOtherScript(inner) : spelled(inner),
    ]),
  );
}
