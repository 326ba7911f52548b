import messages from '../../../../public/_locales/en/messages.json' with { type: 'json' };
import type { Catalogue } from '../../../../src/words/words';
import { catalogueInOtherScript } from '../../../setup/other-script';

interface Message {
  readonly message: string;
  readonly placeholders?: Readonly<Record<string, { readonly content: string }>>;
}

const ALL: Readonly<Record<string, Message>> = messages;
const shipped: Catalogue = {
  sentence(id) {
    const found = ALL[id];
    if (found === undefined) return '';
    return found.message.replace(
      /\$(\w+)\$/g,
      (_, name: string) => found.placeholders?.[name.toLowerCase()]?.content ?? '',
    );
  },
  uiLanguage: 'en-GB',
};

/** The catalogue that is shipped, read as the browser reads it; in the other script where asked. */
export const catalogue: Catalogue =
  new URLSearchParams(location.search).get('script') === 'other' ? catalogueInOtherScript(shipped) : shipped;
