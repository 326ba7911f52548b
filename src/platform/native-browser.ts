import type { Browser } from 'webextension-polyfill';

/**
 * Stands in for webextension-polyfill in the built panel, which is a guest on its page: every browser of ours gives promises by itself.
 */

declare const chrome: Browser;

// A page's element can be named `browser`; what the browser itself puts there is the world's own.
const native: { readonly browser?: Browser } = Object.hasOwn(globalThis, 'browser') ? Object(globalThis) : {};

export default native.browser ?? chrome;
