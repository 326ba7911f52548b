import { expect, it } from 'vitest';
import { FABRIKAM, oneWorld } from './harness/spec';
import { SUBSCRIPTIONS_PAGE } from './harness/world';

const spec = oneWorld();

it('A partner is saved for many subscriptions at once, and is put back by Undo', async () => {
  const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await page.getByRole('textbox', { name: 'Partner ID' }).fill(FABRIKAM.partnerId);
  await page.getByRole('button', { name: 'Check ID' }).click();
  const save = page.getByRole('button', { name: /^Save partner for \d+$/ });
  await save.waitFor();
  await save.click();
  const batch = page.getByRole('article').first();
  await batch.getByText('All changes have ended').waitFor();
  await batch.getByRole('button', { name: 'Undo these' }).click();
  await page.getByRole('article').nth(1).waitFor();
  await page.getByRole('article').first().getByText('All changes have ended').waitFor();
  expect(await page.getByRole('button', { name: 'Undo these' }).count()).toBe(1);
});
