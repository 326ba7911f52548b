import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCE, startIdentityProvider, type TestProvider } from '../server/support/identity-provider';
import { type Running, start } from '../server/support/process';
import { launchPlainBrowser } from './harness/browser';
import { consentAtProvider, signInAtProvider } from './harness/provider-pages';
import { newDataFolder } from './harness/service';
import { still } from './harness/still';

const FABRIKAM_PERSON = 'pat.lindqvist@fabrikam.example';
const MAIN = 'avery.howard@contoso.example';
const CLIENT_ID = 'partner-page';
const SUPPORT = 'por-desk@contoso.example';
/** The rows of the subscriptions, without those of their months. */
const ROWS = '.subscriptions > tbody > tr:not(.all-months)';
const SERVICE = path.join(import.meta.dirname, '../../dist/service/main.js');

interface Demo {
  readonly folder: string;
  readonly running: Running;
  /** Where the service is, without the contract's path. */
  readonly origin: string;
  token(principalId: string): string;
}

describe("the partner's page", () => {
  let browser: Browser;
  let provider: TestProvider;
  let demo: Demo;
  let withProvider: Demo;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    [browser, provider] = await Promise.all([
      launchPlainBrowser(),
      startIdentityProvider({
        clients: [
          {
            client_id: CLIENT_ID,
            application_type: 'native',
            token_endpoint_auth_method: 'none',
            redirect_uris: ['http://localhost/partner'],
          },
        ],
      }),
    ]);
    [demo, withProvider] = await Promise.all([
      startDemo({ SUPPORT_CONTACT: SUPPORT }),
      startDemo({
        OIDC_ISSUER: provider.issuer,
        OIDC_AUDIENCE: AUDIENCE,
        OIDC_CLIENT_ID: CLIENT_ID,
      }),
    ]);
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(async () => {
    await browser.close();
    for (const { running, folder } of [demo, withProvider]) {
      running.child.kill('SIGTERM');
      await running.ended;
      await rm(folder, { recursive: true, force: true });
    }
    await provider.stop();
  });

  async function startDemo(env: Record<string, string>): Promise<Demo> {
    const folder = await newDataFolder();
    const file = path.join(folder, 'tokens.json');
    const running = start(SERVICE, ['demo', '--tokens-file', file], {
      DATA_DIR: path.join(folder, 'database'),
      ...env,
    });
    await running.event('listening');
    const { baseUrl, callers } = JSON.parse(await readFile(file, 'utf8'));
    const tokens = new Map<string, string>(
      callers.map(({ principalId, token }: { principalId: string; token: string }) => [principalId, token]),
    );
    return { folder, running, origin: new URL(baseUrl).origin, token: (principalId) => tokens.get(principalId) ?? '' };
  }

  /** Opens the page in a browser context of its own, and notes all that is asked for and all that the console says. */
  async function open({ origin }: Demo, look: BrowserContextOptions = {}) {
    const context = await browser.newContext(look);
    contexts.push(context);
    const page = await context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      // The provider's own pages are none of ours.
      const ours = message.location().url.startsWith(origin);
      if (ours && message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${origin}/partner`);
    return { page, asked, complaints };
  }

  async function signIn(page: Page, token: string): Promise<void> {
    await page.getByLabel('Access token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function openSignedIn(look: BrowserContextOptions = {}) {
    const opened = await open(demo, look);
    await signIn(opened.page, demo.token(FABRIKAM_PERSON));
    await opened.page.getByRole('heading', { name: 'Fabrikam Cloud Services (4852013)' }).waitFor();
    return opened;
  }

  /** What the service itself says that the partner sees. */
  async function shared(): Promise<{ subscriptionId: string; displayName: string; usage: { month: string }[] }[]> {
    const response = await fetch(`${demo.origin}/v1/partners/4852013/subscriptions?pageSize=200`, {
      headers: { authorization: `Bearer ${demo.token(FABRIKAM_PERSON)}` },
    });
    return (await response.json()).value;
  }

  it('takes the access token in a form, never in an address, and asks nobody but the service', async () => {
    const { page, asked, complaints } = await open(demo);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Enter your access token.').waitFor();
    await signIn(page, 'por_wrong');
    await page.getByRole('alert').filter({ hasText: 'The service refused this access token' }).waitFor();
    const box = page.getByLabel('Access token');
    await expect
      .poll(() => box.evaluate((element) => [element === document.activeElement, element.ariaInvalid]))
      .toEqual([true, 'true']);

    const token = demo.token(FABRIKAM_PERSON);
    await signIn(page, token);
    await page.getByRole('table', { name: 'Subscriptions' }).waitFor();
    expect(page.url()).toBe(`${demo.origin}/partner`);
    expect(asked.filter((address) => !address.startsWith(`${demo.origin}/`))).toEqual([]);
    expect(asked.join('\n')).not.toContain(token);
    // The one refusal above is told by the browser too.
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, '']);

    await page.reload();
    await page.getByText('Signed in as Pat Lindqvist, Fabrikam Cloud Services').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('is found from the address of the service alone', async () => {
    const { page } = await open(demo);
    await page.goto(demo.origin);
    await page.getByLabel('Access token').waitFor();
    expect(page.url()).toBe(`${demo.origin}/partner`);
    const { status, headers } = await fetch(demo.origin, { redirect: 'manual' });
    // Relative, so that a path that a proxy has before it stays.
    expect([status, headers.get('location')]).toEqual([302, 'partner']);
  });

  it('is found with a slash behind its address', async () => {
    const { page, complaints } = await open(demo);
    await page.goto(`${demo.origin}/partner/`);
    await page.getByLabel('Access token').waitFor();
    expect([page.url(), complaints]).toEqual([`${demo.origin}/partner`, []]);
    const { status, headers } = await fetch(`${demo.origin}/partner/`, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([302, '../partner']);
  });

  it('has its redirect address printed at the start, where people sign in at a provider', () => {
    expect(withProvider.running.output.told).toContain(
      `The partner's page signs in as ${CLIENT_ID}. Its redirect address, to be registered at the identity provider: ${withProvider.origin}/partner\n`,
    );
    expect(demo.running.output.told).not.toContain('redirect address');
  });

  it('is served so that nothing foreign and nothing inline runs on it', async () => {
    const response = await fetch(`${demo.origin}/partner`);
    const policy = response.headers.get('content-security-policy')?.split('; ');
    const own = `${demo.origin}/partner`;
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        `script-src ${own}/page.js`,
        `style-src ${own}/page.css`,
        `img-src ${own}/icon.svg`,
        `connect-src ${own}/sign-in.json ${demo.origin}/v1/`,
      ]),
    );
    expect(policy?.join().replaceAll(demo.origin, '')).not.toMatch(/unsafe|self|\*|http/);
    expect(await response.text()).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=|https?:/);
  });

  it('shows what the service says, each month too, and ends a row with its association', async () => {
    const { page } = await openSignedIn();
    const expected = await shared();
    expect(expected.length).toBeGreaterThan(1);
    const rows = page.locator(ROWS);
    await expect.poll(() => rows.count()).toBe(expected.length);
    const [first] = expected;
    if (first === undefined) throw new Error('Nothing is shared');
    const row = rows.filter({ hasText: first.subscriptionId });
    expect(await row.getByRole('img').getAttribute('aria-label')).toMatch(/by month: .+ – .+/);
    expect(await row.locator('rect').count()).toBe(12);
    expect(await row.locator('rect.open').count()).toBe(1);
    await row.getByRole('button', { name: 'All months' }).click();
    const months = page.getByRole('region', { name: `All months of ${first.displayName}` });
    await expect.poll(() => months.locator('tbody tr').count()).toBe(first.usage.length);
    expect(await months.getByRole('rowheader', { name: /, so far$/ }).count()).toBe(1);
    const [room, table] = await Promise.all([months.boundingBox(), page.locator('.subscriptions').boundingBox()]);
    expect(room?.width).toBeGreaterThan((table?.width ?? Infinity) - 40);

    await removePartner(first.subscriptionId);
    await page.reload();
    await page.getByRole('heading', { name: 'Fabrikam Cloud Services (4852013)' }).waitFor();
    await expect.poll(() => rows.count()).toBe(expected.length - 1);
    expect(await page.content()).not.toContain(first.subscriptionId);
  });

  async function removePartner(subscriptionId: string): Promise<void> {
    const headers = { authorization: `Bearer ${demo.token(MAIN)}` };
    const address = `${demo.origin}/v1/subscriptions/${subscriptionId}`;
    const { etag } = await (await fetch(address, { headers })).json();
    const removed = await fetch(`${address}/partnerOfRecord`, {
      method: 'DELETE',
      headers: { ...headers, 'if-match': etag, 'idempotency-key': crypto.randomUUID() },
    });
    expect(removed.status).toBe(200);
  }

  it('searches, sorts and adds up what it found', async () => {
    const { page } = await openSignedIn();
    await page.route('**/v1/partners/*/subscriptions?*', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const [one] = body.value;
      const others = ['Archive 10', 'Archive 9', 'zeta'].map((displayName, index) => ({
        ...one,
        displayName,
        subscriptionId: `other-${index}`,
      }));
      await route.fulfill({ response, json: { ...body, value: [...body.value, ...others] } });
    });
    await page.reload();
    await page.getByRole('table', { name: 'Subscriptions' }).waitFor();
    const names = page.locator(`${ROWS} > th > bdi`);
    const all = await names.allTextContents();
    expect(all.length).toBeGreaterThan(2);
    const byName = page.getByRole('columnheader', { name: 'Subscription' });
    expect(await byName.getAttribute('aria-sort')).toBe('ascending');
    expect(all).toEqual(all.toSorted(new Intl.Collator('en', { numeric: true }).compare));
    await byName.getByRole('button').click();
    await page.locator('th[aria-sort=descending]').waitFor();
    expect(await byName.getAttribute('aria-sort')).toBe('descending');
    expect(await names.allTextContents()).toEqual(all.toReversed());

    const totals = page.getByRole('table', { name: 'Totals' });
    const before = await totals.allTextContents();
    const first = 'Archive 9';
    await page.getByRole('searchbox', { name: 'Search' }).fill(first.toUpperCase());
    await page.getByText(`of ${all.length} found`).waitFor();
    expect(await names.allTextContents()).toEqual(all.toReversed().filter((name) => name.includes(first)));
    expect(await totals.allTextContents()).not.toEqual(before);

    await page.getByRole('searchbox', { name: 'Search' }).fill('nobody has this name');
    await page.getByText('Nothing matches.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText(`${all.length} subscriptions`, { exact: true }).waitFor();
    expect(await names.count()).toBe(all.length);
  });

  it('gives the same as a file, in which no cell is a formula', async () => {
    const { page } = await openSignedIn();
    await page.route('**/v1/partners/*/subscriptions?*', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.value[0].displayName = 'x;=HYPERLINK("https://elsewhere.example")';
      body.value[0].customer.name = '\t@SUM(A1)';
      body.value[0].usage = [{ month: '2026-01', service: 'azure', amount: -12.5, currency: '+EUR' }];
      await route.fulfill({ response, json: body });
    });
    await page.reload();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('partner-of-record-usage.csv');
    const csv = await readFile(await download.path(), 'utf8');
    const lines = csv.split('\r\n');
    expect(lines[0]).toMatch(/^\ufeffCustomer ID,Customer,Subscription ID,/);
    expect(lines.length - 2).toBe((await shared()).slice(1).reduce((sum, one) => sum + one.usage.length, 1));
    const row = lines.find((line) => line.includes('HYPERLINK'));
    expect(row).toContain(`"x;'=HYPERLINK(""https://elsewhere.example"")"`);
    expect(row).toContain(`"'\t'@SUM(A1)"`);
    expect(row).toContain(`2026-01,azure,-12.5,'+EUR,`);
  });

  it('shows names as text', async () => {
    const { page, complaints } = await openSignedIn();
    await page.route('**/v1/partners/*/subscriptions?*', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.value[0].displayName = '<img src=x onerror=alert(1)>\u202egnp';
      await route.fulfill({ response, json: body });
    });
    await page.reload();
    await page.getByText('<img src=x onerror=alert(1)>[U+202E]gnp').waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("says so to someone who is not of a partner's own people", async () => {
    const { page } = await open(demo);
    await signIn(page, demo.token(MAIN));
    await page.getByRole('heading', { name: 'This page is for partners' }).waitFor();
    await page.getByText('You see and change their partner of record with the browser extension.').waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
    expect(await page.getByText('You see this because').count()).toBe(0);
    expect(await page.getByText('Whom do I ask?').getByRole('link').getAttribute('href')).toBe(`mailto:${SUPPORT}`);
  });

  describe.each([
    { name: 'wide and light', look: { viewport: { width: 1200, height: 800 }, colorScheme: 'light' } },
    { name: 'wide and dark', look: { viewport: { width: 1200, height: 800 }, colorScheme: 'dark' } },
    { name: '320 pixels wide', look: { viewport: { width: 320, height: 700 }, colorScheme: 'light' } },
    { name: '320 pixels wide and dark', look: { viewport: { width: 320, height: 700 }, colorScheme: 'dark' } },
  ] as const)('$name', ({ name, look }) => {
    it('has nothing that axe objects to, and nothing wider than the window', async () => {
      const axe = await readFile('node_modules/axe-core/axe.min.js', 'utf8');
      const check = async (page: Page, part: string) => {
        await page.evaluate(axe);
        await still(page);
        const violations = await page.evaluate(async () => {
          const found = (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations;
          return found.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ failureSummary }) => failureSummary) }));
        });
        expect(violations).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
          look.viewport.width,
        );
        const pictures = process.env['PICTURES'];
        if (pictures !== undefined)
          await page.screenshot({ path: path.join(pictures, `${name} ${part}.png`), fullPage: true });
      };
      const { page } = await open(demo, look);
      await page.getByLabel('Access token').waitFor();
      await check(page, 'signed out');
      await signIn(page, 'por_wrong');
      await page.getByRole('alert').waitFor();
      await check(page, 'refused');
      await signIn(page, demo.token(FABRIKAM_PERSON));
      await page.getByRole('button', { name: 'All months' }).first().click();
      await check(page, 'signed in');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await signIn(page, demo.token(MAIN));
      await page.getByRole('heading', { name: 'This page is for partners' }).waitFor();
      await check(page, 'somebody else');
    });
  });

  describe('with an identity provider', () => {
    it('signs in there and comes back without a token in the address, and ends the token on leaving', async () => {
      const { page, asked, complaints } = await open(withProvider);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await signInAtProvider(page, FABRIKAM_PERSON);
      await page.getByRole('heading', { name: 'Fabrikam Cloud Services (4852013)' }).waitFor();
      expect(page.url()).toBe(`${withProvider.origin}/partner`);
      const token = await page.evaluate(() => sessionStorage.getItem('accessToken') ?? '');
      expect(token.split('.')).toHaveLength(3);
      expect(asked.join('\n')).not.toContain(token);
      expect(complaints).toEqual([]);

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out.').waitFor();
      await expect.poll(() => provider.requests).toContain('POST /token/revocation');
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    });

    describe('after somebody has signed in there', () => {
      /** Signs in, and notes with which prompt the provider is asked from then on; it has only `login` to ask for an account. */
      async function openSignedInThere() {
        const { page } = await open(withProvider);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await signInAtProvider(page, FABRIKAM_PERSON);
        await page.getByText('Signed in as Pat Lindqvist').waitFor();
        const prompts: (string | null)[] = [];
        const isSignIn = (url: URL) => url.origin === provider.issuer && url.pathname === '/auth';
        await page.context().route(isSignIn, async (route) => {
          const url = new URL(route.request().url());
          const prompt = url.searchParams.get('prompt');
          prompts.push(prompt);
          if (prompt !== null) url.searchParams.set('prompt', 'login');
          await route.continue({ url: url.href });
        });
        return { page, prompts };
      }

      async function signInAgain(page: Page, name: string): Promise<void> {
        await signInAtProvider(page, name);
        await page.waitForURL(`${withProvider.origin}/partner`);
      }

      it('asks there for the account when another one is to be used, and the one before is shown no more', async () => {
        const { page, prompts } = await openSignedInThere();
        const before = await page.evaluate(() => sessionStorage.getItem('accessToken'));
        const revoked = provider.requests.filter((request) => request === 'POST /token/revocation').length;
        await page.getByRole('button', { name: 'Use another account' }).click();
        await page.locator('input[name=login]').waitFor();
        expect(prompts).toEqual(['select_account']);
        const revocations = () => provider.requests.filter((request) => request === 'POST /token/revocation').length;
        await expect.poll(revocations).toBe(revoked + 1);

        await page.goBack();
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
        expect(await page.getByText('Pat Lindqvist').count()).toBe(0);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await signInAgain(page, MAIN);
        await page.getByText('Signed in as Avery Howard').waitFor();
        expect(prompts).toEqual(['select_account', 'select_account']);
        const after = await page.evaluate(() => sessionStorage.getItem('accessToken'));
        expect([after?.split('.').length, after === before]).toEqual([3, false]);
      });

      it('asks there for the account after they have signed out, in another tab too, until somebody has signed in', async () => {
        const { page, prompts } = await openSignedInThere();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByText('You are signed out.').waitFor();
        await page.close();

        const other = await page.context().newPage();
        await other.goto(`${withProvider.origin}/partner`);
        await other.getByRole('button', { name: 'Sign in' }).click();
        await signInAgain(other, MAIN);
        await other.getByText('Signed in as Avery Howard').waitFor();
        expect(prompts).toEqual(['select_account']);

        // A tab of its own has no token, and nobody has left since: the provider may say who is there.
        const third = await page.context().newPage();
        await third.goto(`${withProvider.origin}/partner`);
        await third.getByRole('button', { name: 'Sign in' }).click();
        await consentAtProvider(third);
        await third.getByText('Signed in as Avery Howard').waitFor();
        expect(prompts).toEqual(['select_account', null]);
      });

      it('asks there for the account when that is wished for before signing in', async () => {
        const { page, prompts } = await openSignedInThere();
        await page.evaluate(() => sessionStorage.clear());
        await page.reload();
        await page.getByRole('button', { name: 'Use another account' }).click();
        await page.locator('input[name=login]').waitFor();
        expect(prompts).toEqual(['select_account']);
      });
    });

    it('takes no return that it did not set out for', async () => {
      const { page } = await open(withProvider);
      await page.goto(`${withProvider.origin}/partner?code=stolen&state=guessed`);
      await page.getByRole('alert').waitFor();
      expect(page.url()).toBe(`${withProvider.origin}/partner`);
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    });
  });
});
