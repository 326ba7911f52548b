import { browser } from './browser';
import { describe } from './log';

// The polyfill hands on what its types do not know.
interface AuthFlow {
  readonly url: string;
  readonly interactive: boolean;
  readonly abortOnLoadForNonInteractive?: boolean;
  readonly timeoutMsForNonInteractive?: number;
}
type Launch = (details: AuthFlow) => Promise<string>;

/** Shows the person the identity provider's page in a window; answers the address it led back to, and rejects in the browser's words. */
export async function showAuthFlow(url: string): Promise<string> {
  const identity: { launchWebAuthFlow: Launch } = browser.identity;
  return identity.launchWebAuthFlow({ url, interactive: true });
}

/** The same out of sight: the page has `patienceMs` to redirect by script (in Chromium; Firefox takes only redirects without a script). */
export async function tryAuthFlow(url: string, patienceMs: number): Promise<string> {
  const identity: { launchWebAuthFlow: Launch } = browser.identity;
  const plain = { url, interactive: false };
  try {
    return await identity.launchWebAuthFlow({
      ...plain,
      abortOnLoadForNonInteractive: false,
      timeoutMsForNonInteractive: patienceMs,
    });
  } catch (cause) {
    // Firefox 153 throws it, and does not reject, before anything is asked: “Unexpected properties”, “Unexpected property” for one.
    if (!/unexpected propert/i.test(describe(cause))) throw cause;
    return identity.launchWebAuthFlow(plain);
  }
}
