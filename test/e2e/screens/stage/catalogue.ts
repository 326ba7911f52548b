import messages from '../../../../public/_locales/en/messages.json' with { type: 'json' };
import type { Catalogue } from '../../../../src/words/words';
import { catalogueInOtherScript } from '../../../setup/other-script';

const ALL: Readonly<Record<string, { readonly message: string }>> = messages;
const shipped: Catalogue = {
  sentence: (id) => ALL[id]?.message.replaceAll('$$', '$') ?? '',
  uiLanguage: 'en-GB',
};

/** The catalogue that is shipped, read as the browser reads it; in the other script where asked. */
export const catalogue: Catalogue =
  new URLSearchParams(location.search).get('script') === 'other' ? catalogueInOtherScript(shipped) : shipped;
