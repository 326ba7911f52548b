import messages from '../../../../public/_locales/en/messages.json' with { type: 'json' };
import type { Catalogue } from '../../../../src/words/words';
import { inOtherScript } from '../states/other-script';

interface Message {
  readonly message: string;
  readonly placeholders?: Readonly<Record<string, { readonly content: string }>>;
}

const ALL: Readonly<Record<string, Message>> = messages;
const other = new URLSearchParams(location.search).get('script') === 'other';

/** The catalogue that is shipped, read as the browser reads it; in the other script, and a language of that script, where asked. */
export const catalogue: Catalogue = {
  sentence(id) {
    const found = ALL[id];
    if (found === undefined) return '';
    if (other && id === 'extension_language') return 'el';
    const text = other ? inOtherScript(found.message) : found.message;
    return text.replace(/\$(\w+)\$/g, (_, name: string) => found.placeholders?.[name.toLowerCase()]?.content ?? '');
  },
  uiLanguage: 'en-GB',
};
