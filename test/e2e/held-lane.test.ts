import { expect, it } from 'vitest';
import { isWrite, type SeenRequest } from './harness/fault-proxy';
import { manyChanges } from './harness/many-changes';
import { check, FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

const spec = oneWorld();
const writesOf =
  (subscriptionId: string) =>
  ({ method, path }: SeenRequest) =>
    method !== 'GET' && path.includes(subscriptionId);

it('A change that waits behind another one’s 429 says wherever it stands why and until when, and goes when it is tried again', async () => {
  const { proxy, service, backstage } = spec.world;
  const [first, second, third] = [
    await spec.world.newSubscription(),
    await spec.world.newSubscription(),
    await spec.world.newSubscription(),
  ];
  proxy.draw((request) =>
    isWrite(request) ? { kind: 'answer', status: 429, headers: { 'retry-after': '600' } } : undefined,
  );
  const refused = await spec.openPanel(first);
  await check(refused.panel, FABRIKAM);
  await refused.panel.click('button', 'Save partner');
  await refused.panel.waitForText('The service is busy.');

  const { panel } = await spec.openPanel(second);
  await check(panel, FABRIKAM);
  await panel.click('button', 'Save partner');
  await panel.waitForText('The service is busy.');
  await panel.waitForText('Next attempt:');
  await panel.waitFor('button', 'Stop trying');

  const many = manyChanges(spec.world);
  const connectionId = await many.connectionAt(proxy.url);
  await backstage.call('partner.check', { partnerId: NORTHWIND.partnerId, connectionId });
  const wanted = new Map([[third.subscriptionId, NORTHWIND.partnerId]]);
  expect((await many.ask(crypto.randomUUID(), connectionId, wanted)).answer).toMatchObject({ ok: true });
  const list = await spec.openPage(SUBSCRIPTIONS_PAGE);
  const batch = list.getByRole('article').first();
  await batch.getByText('The service asks to wait until').waitFor();
  await batch.getByRole('button', { name: 'List its changes' }).click();
  const row = batch.getByRole('listitem').filter({ hasText: third.subscriptionId });
  await row.getByText('The service is busy.').waitFor();
  const line = list.getByRole('table').getByRole('row').filter({ hasText: second.subscriptionId });
  await line.getByText('The service asks to wait until').waitFor();
  const popup = await spec.openPage(POPUP_PAGE);
  await popup.getByRole('tab', { name: 'History' }).click();
  const entry = popup.getByRole('list', { name: 'History' }).getByRole('listitem');
  const behind = entry.filter({ hasText: second.subscriptionId });
  await behind.getByText('The service is busy. Next attempt:').waitFor();
  await entry.filter({ hasText: 'Bulk change' }).getByText('The service asks to wait until').waitFor();
  // Nothing of them was sent: they wait for what another one was answered.
  for (const { subscriptionId } of [second, third]) expect(proxy.requests.filter(writesOf(subscriptionId))).toEqual([]);

  proxy.reset();
  await panel.click('button', 'Try again');
  await panel.waitForText('Partner information has been changed.');
  await batch.getByText('All changes have ended: 1 done').waitFor();
  await behind.getByText('Done').waitFor();
  expect((await service.read(third.subscriptionId)).partnerOfRecord?.partnerId).toBe(NORTHWIND.partnerId);
});
