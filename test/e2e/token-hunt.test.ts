import { expect, it } from 'vitest';
import { deferred } from '../support/deferred';
import { isRead, isWrite } from './harness/fault-proxy';
import { fillConnection, saveConnection, testConnection } from './harness/options';
import { downloaded, inContentScript, listenToConsoles, type Places, shown, stored } from './harness/places';
import { ADATUM, check, FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { until } from './harness/until';
import { OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

const spec = oneWorld();

/** No service knows it: typed by mistake, refused, and as secret as the right one. */
const WRONG_TOKEN = 'por_MARKED-token-that-no-service-knows-00000000000';

/** The main job with its failures, on every page there is; answers all that was shown, exported and sent to a portal. */
async function work(): Promise<Places> {
  const { world } = spec;
  const { proxy } = world;
  const places: Places = {};
  const record = await world.newSubscription();
  const { page, panel } = await spec.openPanel(record);
  await inContentScript(world.backstage, page, 'listen');
  await check(panel, FABRIKAM);
  await panel.click('button', 'Save partner');
  await panel.waitForText('Partner information has been changed.');
  await panel.click('button', 'Undo');
  await panel.waitForText('Partner information has been removed.');

  // A service that repeats what it was sent.
  const refusal = { error: { code: 'Refused', message: `The request was refused: Bearer ${world.service.token}` } };
  proxy.plan(isWrite, { kind: 'answer', status: 403, body: JSON.stringify(refusal) });
  await check(panel, NORTHWIND);
  await panel.click('button', 'Save partner');
  await panel.waitForText('The request was refused: Bearer [access token]');
  places['panel, refused'] = await panel.text();
  // A refusal has the record read once more.
  await until('the read after the refusal', async () => {
    const { requests } = proxy;
    return requests
      .slice(requests.findLastIndex(isWrite))
      .some((request) => isRead(request) && request.endedAt !== null);
  });
  // Nobody reads of the other partner before Save meets it.
  const reads = deferred();
  proxy.draw((request) => (isRead(request) ? { kind: 'holdBefore', released: reads.promise } : undefined));
  await world.service.setPartner(record.subscriptionId, ADATUM.partnerId);
  await panel.click('button', 'Save partner');
  await panel.waitFor('button', 'Overwrite');
  reads.resolve();
  proxy.draw(() => undefined);
  places['panel, in conflict'] = await panel.text();
  places['messages to the portal'] = await inContentScript(world.backstage, page, 'tell');
  expect(places['messages to the portal']).toContain(ADATUM.partnerId);
  // Not the next one alone: what reads may just be on its way.
  proxy.draw((request) => (isRead(request) ? { kind: 'answer', status: 401 } : undefined));
  await page.reload();
  await panel.waitForText('expired or was withdrawn');
  proxy.draw(() => undefined);
  places['panel, signed out'] = await panel.text();

  const popup = await spec.openPage(POPUP_PAGE);
  await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(`${FABRIKAM.partnerId} 12345678 x`);
  await popup.getByRole('button', { name: 'Check ID' }).click();
  await expect.poll(() => popup.getByRole('listitem').count()).toBe(3);
  await popup.getByRole('tab', { name: 'History' }).click();
  await popup.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
  places['popup'] = await shown(popup);
  places['exported CSV'] = await downloaded(popup, 'Export CSV');
  places['exported JSON'] = await downloaded(popup, 'Export JSON');

  const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
  await subscriptions.getByRole('table').waitFor();
  places['subscriptions page'] = await shown(subscriptions);

  const options = await spec.openPage(OPTIONS_PAGE);
  await testConnection(options);
  places['options page'] = await shown(options);
  places['exported settings'] = await downloaded(options, 'Export settings');
  return places;
}

it('A token is where it is kept and nowhere else: remembered or not, right or wrong, after work and failures', async () => {
  const { world } = spec;
  const { token } = world.service;
  const said = listenToConsoles(world.browser);
  const found = (places: Places) =>
    Object.entries(places)
      .filter(([, text]) => [token, WRONG_TOKEN, token.slice(4, 24)].some((secret) => text.includes(secret)))
      .map(([place]) => place);

  const options = await spec.openPage(OPTIONS_PAGE);
  await fillConnection(options, world.proxy.url, WRONG_TOKEN);
  await options.getByRole('button', { name: 'Test connection' }).click();
  await options.getByText('The service refused this token.').first().waitFor();
  const [, ...others] = (await shown(options)).split(WRONG_TOKEN);
  // In the field of the page where it was typed, until that is saved or left.
  expect(others.length).toBeLessThanOrEqual(1);
  expect(await options.getByLabel('Access token', { exact: true }).getAttribute('type')).toBe('password');
  await options.close();
  expect(found(await stored(world.backstage))).toEqual(['storage.session']);

  const again = await spec.openPage(OPTIONS_PAGE);
  await fillConnection(again, world.proxy.url, token);
  await saveConnection(again);
  expect(found({ 'options page': await shown(again) })).toEqual([]);
  expect(found(await work())).toEqual([]);
  expect(found(await stored(world.backstage))).toEqual(['storage.session']);

  await fillConnection(again, world.proxy.url, token);
  await again.getByRole('checkbox', { name: 'Remember on this device' }).check();
  await saveConnection(again);
  expect(found(await work())).toEqual([]);
  const kept = await stored(world.backstage);
  expect(found(kept)).toEqual(['storage.session', 'indexedDB tokens']);
  expect(Object.keys(kept)).toEqual(
    expect.arrayContaining(['indexedDB rows', 'indexedDB snapshots', 'indexedDB damaged', 'indexedDB tokens']),
  );

  // The search itself works: what was done is in these places.
  expect(kept['indexedDB rows']).toContain(FABRIKAM.partnerId);
  await world.backstage.askWorker();
  await Promise.all(
    world.browser.context.serviceWorkers().map((worker) => worker.evaluate(() => console.info('heard'))),
  );
  await expect.poll(said).toContain('heard');
  expect(found({ consoles: said() })).toEqual([]);
});
