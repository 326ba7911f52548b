import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OPTIONS_PAGE } from './harness/addresses';
import { type AzureWorld, CLIENT_ID, startAzureWorld } from './harness/azure';
import { testConnection } from './harness/options';

describe('The options of a connection to Azure', () => {
  let world: AzureWorld;
  let options: Page;

  beforeAll(async () => {
    world = await startAzureWorld();
    options = world.own;
    await options.goto(world.browser.extensionUrl(OPTIONS_PAGE));
  });
  afterAll(() => world.close());
  afterEach(() => expect(world.violations()).toEqual([]));

  const button = (name: string) => options.getByRole('button', { name, exact: true });
  const signOutOf = ({ username }: { readonly username: string }) => button(`Sign out of ${username}`);

  it('show it by its cloud and application, and save it as it is with nobody signed in', async () => {
    expect(await options.getByRole('combobox', { name: 'Cloud' }).inputValue()).toBe('public');
    expect(await options.getByRole('textbox', { name: 'Application (client) ID' }).inputValue()).toBe(CLIENT_ID);
    await button('Save').click();
    await options.getByText('Saved, but you are not signed in yet.').waitFor();
    await options.getByText('Nobody is signed in.').waitFor();
  });

  it('sign accounts in one after the other, test as the first, and sign one out alone', async () => {
    const { ada, ben } = world;
    world.entra.atPage = ada.user;
    await button('Sign in').click();
    await options.getByText(`${ada.username} is signed in.`).waitFor();
    await testConnection(options);
    await options.getByRole('list', { name: 'Connection test' }).getByText(ada.username).waitFor();

    world.entra.atPage = ben.user;
    await button('Add account').click();
    await signOutOf(ben).waitFor();
    expect(await options.getByRole('list', { name: 'Accounts' }).getByRole('listitem').count()).toBe(2);

    await signOutOf(ada).click();
    await options.getByText('The browser’s own session at Microsoft stays').waitFor();
    await signOutOf(ada).waitFor({ state: 'detached' });
    await signOutOf(ben).waitFor();
  });

  it('sign in at a tenant to give consent there', async () => {
    const { ada, directory } = world;
    const [, second] = directory.tenants;
    if (second === undefined) throw new Error('There are two tenants');
    world.entra.atPage = ada.user;
    await options.getByRole('textbox', { name: 'Tenant to give consent for' }).fill(second.domain);
    await button('Give consent for this tenant').click();
    await options.getByText(`${ada.username} is signed in.`).waitFor();
    await signOutOf(ada).waitFor();
  });
});
