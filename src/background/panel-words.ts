import type { PanelWords } from '../messaging/protocol';
import { panelIds } from '../words/sentence-ids';
import { type Catalogue, writingOf } from '../words/words';

/**
 * What a panel says, from the browser's catalogue. A panel cannot read that itself once the extension was updated under it
 * (`i18n` throws there, Chromium 156), and that is when it has something to say.
 */
export function panelWordsOf(catalogue: Catalogue): PanelWords {
  const sentences = Object.fromEntries(panelIds().map((id) => [id, catalogue.sentence(id)]));
  return { writing: writingOf(catalogue), sentences };
}
