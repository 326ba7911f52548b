import { afterAll, beforeAll, expect, it } from 'vitest';
import { testGuid } from '../azure/directory';
import { OPTIONS_PAGE, POPUP_PAGE } from './harness/addresses';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import { testConnection } from './harness/options';
import { downloaded, inContentScript, listenToConsoles, type Places, shown, stored } from './harness/places';
import { type Backstage, openBackstage } from './harness/worker';

const CONTOSO = '4711001';
const FABRIKAM = '4711002';
const EVERYTHING = [{ actions: ['*'] }];

let world: AzureWorld;
let backstage: Backstage;
let count = 0;

beforeAll(async () => {
  world = await startAzureWorld({ tenants: 3 });
  backstage = await openBackstage(world.browser);
  world.management.partners.set(CONTOSO, 'Contoso Consulting').set(FABRIKAM, 'Fabrikam');
});
afterAll(() => world.close());

interface Secrets {
  readonly access: ReadonlySet<string>;
  readonly refresh: ReadonlySet<string>;
  /** What else is nobody's but the worker's: the codes that tokens were had for, and what proves that they are ours. */
  readonly codes: ReadonlySet<string>;
}

/** All that was secret so far, as the servers saw it and as the extension keeps it. */
async function secrets(): Promise<Secrets> {
  const { management, entra } = world;
  const kept = JSON.stringify(await backstage.storedForSession());
  const named = (name: string) => [...kept.matchAll(new RegExp(`"${name}":"([^"]+)"`, 'g'))].map(([, value]) => value);
  const asked = (name: string) => entra.requests.map((request) => request.asked[name]);
  const set = (all: readonly (string | undefined)[]) => new Set(all.filter((one) => one !== undefined));
  return {
    access: set([
      ...management.requests.map(({ headers }) => headers.authorization?.replace(/^Bearer /, '')),
      ...named('token'),
    ]),
    refresh: set([...asked('refresh_token'), ...named('refreshToken')]),
    codes: set([...asked('code'), ...asked('code_verifier')]),
  };
}

function placesOf(some: ReadonlySet<string>, places: Places): string[] {
  return Object.entries(places)
    .filter(([, text]) => [...some].some((secret) => text.includes(secret)))
    .map(([place]) => place);
}

/** The link's whole life with its failures, on every page there is; answers all that was shown, exported and sent to a portal. */
async function work(tenant: number): Promise<Places> {
  const { management, entra, directory, ada, browser, own } = world;
  const places: Places = {};
  const of = { user: ada.user, tenant: directory.tenants[tenant]?.id ?? '' };
  count += 1;
  const id = testGuid('d', count);
  management.subscriptions.set(id, {
    id,
    name: `Subscription ${count}`,
    tenant: of.tenant,
    agreement: 'MicrosoftCustomerAgreement',
    roles: new Map([[ada.user, EVERYTHING]]),
  });
  entra.atPage = ada.user;
  const page = await browser.open(
    `https://portal.azure.com/#@tenant${tenant + 1}.example/resource/subscriptions/${id}`,
  );
  const link = world.linkOn(page);
  await link.waitForText(/No partner link|Sign in/);
  if ((await link.find('button', 'Sign in')) !== null) await link.click('button', 'Sign in');
  await link.waitForText('No partner link');
  await inContentScript(backstage, page, 'listen');
  const ask = async (partnerId: string) => {
    management.nextChange(of);
    await link.type('Partner ID', partnerId);
    await link.click('button', 'Link partner');
    await link.click('button', 'Yes');
  };
  await ask(CONTOSO);
  await link.waitForText('Partner link has been changed.');

  // An Azure that repeats what it was sent.
  const last = management.requests.findLast((request) => request.of?.tenant === of.tenant);
  const refusal = { error: { code: 'Refused', message: `The request was refused: ${last?.headers.authorization}` } };
  management.startFault({ kind: 'answer', status: 403, body: refusal }, { on: ['write'], of });
  await ask(FABRIKAM);
  await link.waitForText('The request was refused: Bearer [access token]');
  places['panel, refused'] = await link.text();

  // And an Entra that does.
  const { refresh } = await secrets();
  const repeats = JSON.stringify({
    error: 'invalid_grant',
    error_description: `AADSTS50076: Refused was ${[...refresh].join(' ')}`,
    error_codes: [50076],
  });
  const mend = entra.break({ ...of, how: { status: 400, body: repeats } });
  const end = entra.demand({ ...of, number: 50076, error: 'interaction_required', until: 'ended', by: 'page' });
  management.startFault({ kind: 'expired' }, { on: ['write'], of });
  await ask(FABRIKAM);
  await link.waitForText('Your change waits until you are signed in.');
  places['panel, waiting'] = await link.text();
  mend();
  end();
  await link.click('button', `Sign in as ${ada.username}`);
  await link.waitForText('Partner link has been changed.');
  places['panel'] = await link.text();
  places['portal page'] = await shown(page);
  places['messages to the portal'] = await inContentScript(backstage, page, 'tell');
  expect(places['messages to the portal']).toContain(FABRIKAM);
  await page.close();

  const popup = await browser.open(browser.extensionUrl(POPUP_PAGE));
  await popup.getByRole('tab', { name: 'History' }).click();
  await popup.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
  places['popup'] = await shown(popup);
  places['exported CSV'] = await downloaded(popup, 'Export CSV');
  places['exported JSON'] = await downloaded(popup, 'Export JSON');
  expect(places['exported JSON']).toContain(FABRIKAM);
  await popup.close();

  const tenants = await browser.open(browser.extensionUrl('src/tenants/index.html'));
  await tenants.getByRole('table', { name: 'Tenants' }).waitFor();
  places['tenants page'] = await shown(tenants);
  places['exported tenants'] = await downloaded(tenants, 'Export CSV');
  await tenants.close();

  await own.goto(browser.extensionUrl(OPTIONS_PAGE));
  await testConnection(own);
  places['options page'] = await shown(own);
  places['exported settings'] = await downloaded(own, 'Export settings');
  return places;
}

it('Entra’s tokens are where they are kept and nowhere else: remembered or not, after work and failures', async () => {
  const said = listenToConsoles(world.browser);
  const all = ({ access, refresh, codes }: Secrets) => new Set([...access, ...refresh, ...codes]);

  const before = await work(1);
  const some = await secrets();
  expect([some.access.size, some.refresh.size, some.codes.size].every((size) => size > 0)).toBe(true);
  expect(placesOf(all(some), before)).toEqual([]);
  const inSession = await stored(backstage);
  expect(placesOf(some.access, inSession)).toEqual(['storage.session']);
  expect(placesOf(some.refresh, inSession)).toEqual(['storage.session']);
  expect(placesOf(some.codes, inSession)).toEqual([]);

  await world.staySignedIn(true);
  const after = await work(2);
  const more = await secrets();
  expect(placesOf(all(more), after)).toEqual([]);
  const kept = await stored(backstage);
  // On this device is no more than what the next start of the browser needs.
  expect(placesOf(more.access, kept)).toEqual(['storage.session']);
  expect(placesOf(more.refresh, kept)).toEqual(['storage.session', 'indexedDB tokens']);
  expect(placesOf(more.codes, kept)).toEqual([]);
  // The search itself works: what was done is in these places.
  expect(kept['indexedDB rows']).toContain(FABRIKAM);

  await backstage.askWorker();
  const { context } = world.browser;
  await Promise.all(context.serviceWorkers().map((worker) => worker.evaluate(() => console.info('heard'))));
  await expect.poll(said).toContain('heard');
  expect(placesOf(all(more), { consoles: said() })).toEqual([]);
});
