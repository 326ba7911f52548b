import type { PanelWords } from '../messaging/protocol';
import { SENTENCE_IDS } from '../words/keys';
import { type Catalogue, writingOf } from '../words/words';

/** The subjects of which a panel speaks. */
const SUBJECTS = ['pages', 'panel', 'standing', 'failure', 'storage', 'rights', 'disclosure', 'partnerId', 'help'];

/**
 * What a panel says, from the browser's catalogue. A panel cannot read that itself once the extension was updated under it
 * (`i18n` throws there, Chromium 156), and that is when it has something to say.
 */
export function panelWordsOf(catalogue: Catalogue): PanelWords {
  const ids = SENTENCE_IDS.filter((id) => SUBJECTS.some((subject) => id.startsWith(`${subject}_`)));
  const sentences = Object.fromEntries(ids.map((id) => [id, catalogue.sentence(id)]));
  return { writing: writingOf(catalogue), sentences };
}
