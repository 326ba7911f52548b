import { browser } from './browser';

/** The words of the browser's `_locales`. A panel can't read them once the extension was updated under it: the call throws (Chromium 156). */
export const browserCatalogue = {
  sentence: (id: string): string => browser.i18n.getMessage(id),
  get uiLanguage(): string {
    return browser.i18n.getUILanguage();
  },
};
