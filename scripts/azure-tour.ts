import type { Page } from 'playwright-core';
import { testGuid } from '../test/azure/directory';
import { CSP_REFUSAL } from '../test/azure/management-server';
import { type AzureWorld, CLIENT_ID } from '../test/e2e/harness/azure';
import { saveConnection, testConnection } from '../test/e2e/harness/options';
import type { Panel } from '../test/e2e/harness/panel';
import { until } from '../test/e2e/harness/until';
import { startPictures } from './tour-pictures';

export const CONSULTANT = { partnerId: '4711001', name: 'Contoso Consulting' };
const OTHER = { partnerId: '4711002', name: 'Fabrikam Cloud Services' };
const THIRD = { partnerId: '4711003', name: 'Northwind Consulting' };
const EVERYTHING = [{ actions: ['*'] }];
const READING = [{ actions: ['*/read'] }];

/** How many tenants there are in the tour's Azure, at how many of those Microsoft wants a sign-in of its own, and at how many it refuses. */
export const TOUR_TENANTS = 12;
const NEED_A_SIGN_IN = [4, 5, 6];
const REFUSE = [8, 9];

/** The subscriptions of the tour, each for one thing that the panel says. */
const PRODUCTION = testGuid('d', 1);
const ONLY_READ = testGuid('d', 2);
const DELEGATED = testGuid('d', 3);
const BY_A_CSP = testGuid('d', 4);

/** Fills the tests' Azure with what the tour shows. */
export function furnish({ directory, management, ada }: AzureWorld): void {
  const [home, second, third] = directory.tenants;
  if (home === undefined || second === undefined || third === undefined) throw new Error('The tour has tenants.');
  for (const { partnerId, name } of [CONSULTANT, OTHER, THIRD]) management.partners.set(partnerId, name);
  const rows = [
    { id: PRODUCTION, name: 'Production', tenant: home.id, roles: EVERYTHING },
    { id: ONLY_READ, name: 'Archive', tenant: home.id, roles: READING },
    { id: DELEGATED, name: 'Customer’s shop', tenant: second.id, managedBy: [home.id], roles: EVERYTHING },
    { id: BY_A_CSP, name: 'Customer of a CSP', tenant: third.id, roles: EVERYTHING },
  ];
  for (const { roles, ...row } of rows) {
    management.subscriptions.set(row.id, {
      ...row,
      agreement: 'MicrosoftCustomerAgreement',
      roles: new Map([[ada.user, roles]]),
    });
  }
}

/** The portal's page of a subscription in the tour's Azure. */
export const productionPage = ({ ada }: AzureWorld) => pageOf(ada.homeTenant, PRODUCTION);

function pageOf(tenant: string, subscriptionId: string): string {
  return `https://portal.azure.com/#@${tenant}/resource/subscriptions/${subscriptionId}`;
}

/** Chooses Azure on the options page, which then says how to register the extension there. */
async function chooseAzure(options: Page): Promise<void> {
  const kinds = options.getByRole('combobox', { name: 'Where the record is kept' });
  await kinds.selectOption({ label: 'Azure Partner Admin Link' });
  await options.getByRole('textbox', { name: 'Application (client) ID' }).waitFor();
}

/** Sets up and saves a connection to Azure on the options page; nobody is signed in yet. */
export async function connectToAzure(options: Page): Promise<void> {
  await chooseAzure(options);
  await options.getByRole('textbox', { name: 'Application (client) ID' }).fill(CLIENT_ID);
  await saveConnection(options);
}

/**
 * Signs in, and makes, changes and removes partner links by itself through the real user interface. After each step it asks the tests'
 * Azure what it then holds, and prints that in one line; a screenshot of each goes to `folder`.
 * @throws {Error} at the first step that Azure does not confirm, and where it saw something that must never be
 */
export async function azureTour(world: AzureWorld, folder: string): Promise<void> {
  const { management, entra, directory, ada, browser } = world;
  const pictures = await startPictures(folder);
  const mine = (tenant = ada.homeTenant) => ({ user: ada.user, tenant });
  const tenantAt = (at: number) => directory.tenants[at]?.id ?? '';
  const linkedTo = (partnerId: string) =>
    directory.tenants.filter(({ id }) => management.link(mine(id))?.partnerId === partnerId).length;
  const writes = () =>
    management.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/partners')).length;

  /** The step counts only when Azure, asked directly, holds what it should, and all was done as Azure wants it. */
  async function confirm(step: string, page: Page, links: number, to = CONSULTANT.partnerId): Promise<void> {
    const number = await pictures.take(step, page);
    const held = linkedTo(to);
    console.log(`${number}  ${step.padEnd(38)} links to ${to} at Azure: ${held}; writes so far: ${writes()}`);
    const wrong = [...world.violations(), ...(held === links ? [] : [`There should be ${links} links.`])];
    if (wrong.length > 0) throw new Error(`“${step}”: ${wrong.join(' ')}`);
  }

  async function open(tenant: string, subscriptionId: string): Promise<{ page: Page; link: Panel }> {
    const page = await browser.open(pageOf(tenant, subscriptionId));
    return { page, link: world.linkOn(page) };
  }

  async function link(panel: Panel, partnerId: string): Promise<void> {
    management.nextChange(mine());
    await panel.type('Partner ID', partnerId);
    await panel.click('button', 'Link partner');
    await panel.waitFor('alertdialog', 'Link partner ID?');
  }

  entra.atPage = ada.user;
  const options = await browser.welcomePage();
  await chooseAzure(options);
  await confirm('Options: how to register', options, 0);
  await connectToAzure(options);
  await options.getByRole('button', { name: 'Sign in', exact: true }).click();
  await options.getByText(`${ada.username} is signed in.`).waitFor();
  await testConnection(options);
  await confirm('Options: signed in and tested', options, 0);
  await options.close();

  const { page, link: panel } = await open(ada.homeTenant, PRODUCTION);
  await panel.waitForText('No partner link');
  await panel.waitForText('likely attributed');
  await confirm('Panel: no link yet', page, 0);
  await link(panel, CONSULTANT.partnerId);
  await confirm('Panel: asks first', page, 0);
  await panel.click('button', 'Yes');
  await panel.waitForText('Partner link has been changed.');
  await panel.waitForText(CONSULTANT.name);
  await confirm('Panel: linked', page, 1);

  management.setLink(mine(), OTHER.partnerId);
  await link(panel, THIRD.partnerId);
  await panel.click('button', 'Yes');
  await panel.waitForText('Meanwhile your link was set to ');
  await confirm('Panel: changed elsewhere meanwhile', page, 0);
  management.nextChange(mine());
  await panel.click('button', 'Overwrite');
  await panel.waitForText('Partner link has been changed.');
  await confirm('Panel: overwritten', page, 1, THIRD.partnerId);

  management.nextChange(mine());
  await panel.click('button', 'Remove link');
  await panel.waitFor('alertdialog', 'Remove partner link?');
  await confirm('Panel: removing asks first', page, 1, THIRD.partnerId);
  await panel.click('button', 'Yes');
  await panel.waitForText('Partner link has been removed.');
  await confirm('Panel: removed', page, 0, THIRD.partnerId);
  await page.close();

  const archive = await open(ada.homeTenant, ONLY_READ);
  await archive.link.waitForText('No partner link');
  await archive.link.waitForText('attributed');
  await confirm('Panel: work here is not attributed', archive.page, 0);
  await archive.page.close();

  const delegated = await open(tenantAt(1), DELEGATED);
  await delegated.link.waitForText('delegated to you');
  await confirm('Panel: delegated by Azure Lighthouse', delegated.page, 0);
  await delegated.page.close();

  management.startFault({ kind: 'cspRefusal' }, { on: ['write'], of: mine(tenantAt(2)) });
  const csp = await open(tenantAt(2), BY_A_CSP);
  await csp.link.waitForText('No partner link');
  management.nextChange(mine(tenantAt(2)));
  await csp.link.type('Partner ID', CONSULTANT.partnerId);
  await csp.link.click('button', 'Link partner');
  await csp.link.click('button', 'Yes');
  await csp.link.waitForText(CSP_REFUSAL);
  await confirm('Panel: refused to a CSP', csp.page, 0);
  await csp.page.close();

  for (const at of NEED_A_SIGN_IN) {
    const demand = { number: 50079, error: 'interaction_required', until: 'signedInThere' } as const;
    entra.demand({ ...mine(tenantAt(at)), ...demand });
  }
  const refusals = REFUSE.map((at) =>
    management.startFault({ kind: 'forbidden' }, { on: ['write'], of: mine(tenantAt(at)), times: 1000 }),
  );
  const tenants = await browser.open(browser.extensionUrl('src/tenants/index.html'));
  const button = (name: string | RegExp) => tenants.getByRole('button', { name });
  const reached = TOUR_TENANTS - NEED_A_SIGN_IN.length - REFUSE.length;
  await button(`Sign in to ${NEED_A_SIGN_IN.length} tenants`).waitFor();
  await confirm('Tenants: all that the account reaches', tenants, 0);
  await tenants.getByRole('checkbox', { name: 'Select all' }).check();
  await tenants.getByRole('textbox', { name: 'Partner ID' }).fill(CONSULTANT.partnerId);
  for (const { id } of directory.tenants) management.nextChange(mine(id));
  await button(`Link partner in ${TOUR_TENANTS} tenants`).click();
  await button('Yes').waitFor();
  await confirm('Tenants: asks once for all', tenants, 0);
  await button('Yes').click();
  await until('the links that need nobody', async () => linkedTo(CONSULTANT.partnerId) === reached);
  await tenants.getByText(`${REFUSE.length} failed`).waitFor();
  await confirm('Tenants: three wait, two are refused', tenants, reached);
  await button(`Sign in to ${NEED_A_SIGN_IN.length} tenants`).click();
  await until('those that waited', async () => linkedTo(CONSULTANT.partnerId) === TOUR_TENANTS - REFUSE.length);
  await confirm('Tenants: signed in, and done', tenants, TOUR_TENANTS - REFUSE.length);
  for (const refusal of refusals) refusal.stop();
  await button('Retry failed').click();
  await until('those that were refused', async () => linkedTo(CONSULTANT.partnerId) === TOUR_TENANTS);
  await confirm('Tenants: the refused ones tried again', tenants, TOUR_TENANTS);
  await tenants.close();

  const popup = await browser.open(browser.extensionUrl('src/popup/index.html'));
  await popup.setViewportSize({ width: 420, height: 600 });
  await popup.getByRole('tab', { name: 'History' }).click();
  await popup.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
  await confirm('Popup: the history', popup, TOUR_TENANTS);
  await popup.close();
  console.log(`Every step was confirmed by Azure under test. ${pictures.count()} screenshots are in ${folder}.`);
}
