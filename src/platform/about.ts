import { browser } from './browser';

/** The extension's version, as its manifest has it, and the address of its help. */
export function aboutExtension(): { readonly version: string; readonly help: string } {
  return {
    version: browser.runtime.getManifest().version,
    help: browser.runtime.getURL('src/options/index.html#help'),
  };
}
