import type { Browser } from 'webextension-polyfill';

/**
 * Stands in for webextension-polyfill in what is built: every browser of ours gives promises by itself. The polyfill is what the tests
 * and their types go by.
 */

declare const chrome: Browser;

// A page's element can be named `browser`; what the browser itself puts there is the world's own.
const native: { readonly browser?: Browser } = Object.hasOwn(globalThis, 'browser') ? Object(globalThis) : {};

export default native.browser ?? chrome;
