import { type ComponentChild, render } from 'preact';
import { type Catalogue, direction, language, speak, t } from '../words/words';

interface StartedPage {
  readonly title: string;
  readonly content: ComponentChild;
}

/** Shows one of the extension's own pages in the words of a catalogue; `make` is called once they are known. */
export function startPage(catalogue: Catalogue, make: () => StartedPage): void {
  speak(catalogue);
  const { title, content } = make();
  const root = document.documentElement;
  root.lang = language();
  root.dir = direction();
  document.title = title === t('extension.name') ? title : t('pages.documentTitle', { page: title });
  // What stood there for the first paint; it is drawn again in the same frame.
  document.body.replaceChildren();
  render(content, document.body);
}
