import type { Browser } from 'webextension-polyfill';

/** The one way to the browser's extension API, which gives promises by itself in every browser of ours. Its types have them for both. */

export type { Manifest, Permissions, Runtime, Scripting, Storage, Tabs } from 'webextension-polyfill';

declare const chrome: Browser;

// A page's element can be named `browser`; what the browser itself puts there is the world's own.
const native: { readonly browser?: Browser } = Object.hasOwn(globalThis, 'browser') ? Object(globalThis) : {};

export const browser: Browser = native.browser ?? chrome;
