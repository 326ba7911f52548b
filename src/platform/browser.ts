import type { Browser } from 'webextension-polyfill';

/*
 * The one way to the browser's extension API, which gives promises by itself in every browser of ours: Firefox as `browser`, Chromium
 * as `chrome`, and since 148 as `browser` too. webextension-polyfill's types describe it; its code is not needed, and would be a tenth
 * of the panel.
 */

export type { Manifest, Permissions, Runtime, Scripting, Storage, Tabs } from 'webextension-polyfill';

declare const chrome: Browser;

// A page's element can be named `browser`; what the browser itself puts there is the world's own.
const own: { readonly browser?: Browser } = Object.hasOwn(globalThis, 'browser') ? Object(globalThis) : {};

export const browser: Browser = own.browser ?? chrome;
