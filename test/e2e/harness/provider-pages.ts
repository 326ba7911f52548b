import type { Page } from 'playwright-core';

/** Signs in on the identity provider's own pages, as whom one likes: it takes any name and password. */
export async function signInAtProvider(page: Page, name: string): Promise<void> {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await consentAtProvider(page);
}

/** Allows what the provider's page asks about. */
export async function consentAtProvider(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click();
}
