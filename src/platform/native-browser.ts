import type { Browser } from 'webextension-polyfill';

/**
 * Stands in for webextension-polyfill in the panel's build: a content script needs `runtime` alone, which gives promises in every
 * browser of ours by itself, and the polyfill would be a tenth of its size.
 */

declare const chrome: Browser;

// A page's element can be named `browser`; what the browser itself puts there is the world's own.
const native: { readonly browser?: Browser } = Object.hasOwn(globalThis, 'browser') ? Object(globalThis) : {};

export default native.browser ?? chrome;
