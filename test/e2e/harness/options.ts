import type { Page } from 'playwright-core';

/** Types the service's address and an access token into the options page. */
export async function fillConnection(page: Page, serviceUrl: string, token: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Service URL' }).fill(serviceUrl);
  await page.getByRole('combobox', { name: 'Sign-in' }).selectOption({ label: 'Access token' });
  await page.getByLabel('Access token', { exact: true }).fill(token);
}

/** Presses Test connection and waits until every step of it has passed. */
export async function testConnection(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('Everything works.').waitFor();
}

/** Presses Save and waits for the page to say that it is saved. */
export async function saveConnection(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('status').filter({ hasText: /saved/i }).waitFor();
}

/** Adds a portal of one's own by its pattern. */
export async function addPortal(page: Page, pattern: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Portal address or pattern' }).fill(pattern);
  await page.getByRole('button', { name: 'Add portal' }).click();
  await page.getByRole('button', { name: `Remove ${pattern}`, exact: true }).waitFor();
}
