/** The one way to the browser's extension API. webextension-polyfill gives promises wherever the browser does not. */

export type { Manifest, Permissions, Runtime, Scripting, Storage, Tabs } from 'webextension-polyfill';
export { default as browser } from 'webextension-polyfill';
