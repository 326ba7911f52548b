import { browser as fake } from '../../../support/page-browser';
import { arrange } from './arrange';
import { catalogue } from './catalogue';

/** Stands in for `src/platform/browser`. Whatever needs the browser waits here until all that it will find is there. */
await arrange();

export const browser = {
  ...fake,
  i18n: { getMessage: catalogue.sentence, getUILanguage: () => catalogue.uiLanguage },
};
