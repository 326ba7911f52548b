import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OPTIONS_PAGE } from '../e2e/harness/addresses';
import { type Portals, startPortals } from '../e2e/harness/portals';
import { firefox, setPolicy } from './firefox';

const ADDRESS = 'http://localhost:8787/v1';

let portals: Portals;
let folder: string;
let browser: Awaited<ReturnType<typeof firefox.launch>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partner-of-record-policy-'));
  const home = join(folder, 'home');
  await setPolicy(home, {
    connections: [{ name: 'Contoso partners', address: ADDRESS, signIn: 'none' }],
    portals: { off: ['accountCentre'] },
  });
  portals = await startPortals();
  browser = await firefox.launch(portals, join(folder, 'profile'), home);
});
afterAll(async () => {
  await browser?.close();
  await portals?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

it('what an organisation sets by policy is in force in Firefox from the first start, and read-only', async () => {
  const options = await browser.openOurs(OPTIONS_PAGE);
  await options.waitForText('Set by your organisation');
  await options.waitForText('Contoso partners');
  const box = `[...document.querySelectorAll('input')].find(({ value }) => value === '${ADDRESS}')`;
  await expect.poll(() => options.run(`String(${box}?.readOnly)`)).toBe('true');
});
