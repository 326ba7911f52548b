import type { SignInVisit } from '../domain/sign-in-visit';
import type { VerifiedSender } from '../messaging/serve';
import { browser } from '../platform/browser';
import { writeSignInVisit } from '../storage/sign-in-visit';

/** Leads whoever asked to the options to sign in there, which take them back where they came from if that is soon. */
export async function visitOptions(why: SignInVisit['why'], sender: VerifiedSender, now: number): Promise<void> {
  // Before they open: a page that is open already hears of it, another finds it there.
  await writeSignInVisit({ why, ...(await whereFrom(sender)), at: now });
  await browser.runtime.openOptionsPage();
}

async function whereFrom({ tabId }: VerifiedSender): Promise<Pick<SignInVisit, 'tabId' | 'popup'>> {
  if (tabId !== null) return { tabId, popup: false };
  // The popup stands in no tab but over one.
  const [beneath] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
  return { tabId: beneath?.id ?? null, popup: true };
}
