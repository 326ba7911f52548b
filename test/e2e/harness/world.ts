import { type BrowserOptions, type ExtensionBrowser, launchBrowser } from './browser';
import { type Ground, startGround } from './ground';
import { addPortal, fillConnection, saveConnection, testConnection } from './options';
import type { ServiceOptions } from './service';
import { type Backstage, openBackstage } from './worker';

export { azurePage, OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './addresses';

/** All there is around one spec: the ground, and a Chromium with the extension on it. */
export interface World extends Ground {
  readonly browser: ExtensionBrowser;
  readonly backstage: Backstage;
}

/** Starts a world in which the extension is connected to the service and knows the own portal; `close` ends all of it. */
export async function startWorld(
  wanted: Pick<BrowserOptions, 'extension' | 'backForwardCache'> = {},
  service?: ServiceOptions,
): Promise<World> {
  const ground = await startGround(service);
  const { proxy, portals, ownPortal } = ground;
  const browser = await launchBrowser({ hostResolverRules: portals.hostResolverRules, ...wanted });
  const backstage = await openBackstage(browser);
  const options = await browser.welcomePage();
  await fillConnection(options, proxy.url, ground.service.token);
  await testConnection(options);
  await saveConnection(options);
  await addPortal(options, ownPortal.pattern);
  await options.close();
  proxy.reset();
  return {
    ...ground,
    browser,
    backstage,
    async close() {
      try {
        await browser.close();
      } finally {
        await ground.close();
      }
    },
  };
}
