import { nameOfPerson } from '../domain/person';
import type { SubscriptionId } from '../domain/subscription';
import { call } from '../messaging/call';
import type { SubscriptionView } from '../messaging/protocol';
import { browser } from '../platform/browser';
import { matchPatterns, recognise } from '../portals/index';
import { readSettings } from '../storage/settings';
import { CopyRequest } from '../ui/copy-request';
import { useLive } from '../ui/use-live';

/** A request for the subscription that the service does not know, with who asks and the page where it was met. */
export function RequestToCopy({ view: { subscriptionId, source } }: { readonly view: SubscriptionView }) {
  const asking = useLive(
    () => readAsking(subscriptionId),
    () => undefined,
    [subscriptionId],
  );
  const { page, person } = asking.state === 'here' ? asking.value : { page: null, person: null };
  return <CopyRequest request={{ subscriptionId, service: source, page, person }} />;
}

async function readAsking(subscriptionId: SubscriptionId) {
  const [person, page] = await Promise.all([call('person.present', {}), openPageOf(subscriptionId)]);
  return { person: person && nameOfPerson(person), page };
}

/** The address at which a tab shows the subscription; null when none does. */
async function openPageOf(subscriptionId: SubscriptionId): Promise<string | null> {
  const { portals } = await readSettings();
  const tabs = await browser.tabs.query({ url: matchPatterns(portals) });
  return tabs.find(({ url }) => recognise(url ?? '', portals)?.subscriptionId === subscriptionId)?.url ?? null;
}
