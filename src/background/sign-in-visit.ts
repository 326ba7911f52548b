import type { SignInVisit } from '../domain/sign-in-visit';
import type { VerifiedSender } from '../messaging/serve';
import { browser } from '../platform/browser';
import { writeSignInVisit } from '../storage/sign-in-visit';

/** Leads the person to the options to sign in. The options take them back to where they came from, if that is soon. */
export async function visitOptions(why: SignInVisit['why'], sender: VerifiedSender, now: number): Promise<void> {
  // Noted before the options open: a page that is already open hears of it, and a new one finds it.
  await writeSignInVisit({ why, ...(await whereFrom(sender)), at: now });
  await browser.runtime.openOptionsPage();
}

async function whereFrom({ tabId }: VerifiedSender): Promise<Pick<SignInVisit, 'tabId' | 'popup'>> {
  if (tabId !== null) return { tabId, popup: false };
  // The popup is in no tab; it lies over one.
  const [beneath] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
  return { tabId: beneath?.id ?? null, popup: true };
}
