import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adminConsentAddress, registrationCommands } from '../../../src/domain/azure-application';
import { AZURE_ENDPOINTS } from '../../../src/domain/azure-cloud';
import { uuid } from '../../support/targets';

const REDIRECT = 'https://fobnlladjoobbjgfpefhmhhpdkgjfdae.chromiumapp.org/';
const APPLICATION = uuid(7);

describe('the commands that register an application', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'az-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs them in Bash, as Cloud Shell does, over an `az` that notes what it is asked for and answers as that one does. */
  function run(graph: string, fails = ''): { readonly said: string; readonly asked: readonly string[][] } {
    const az = join(folder, 'az');
    writeFileSync(
      az,
      `#!${process.execPath}
const asked = process.argv.slice(2);
require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'asked'))}, JSON.stringify(asked) + '\\n');
const what = asked.slice(0, 2).join(' ');
if (what === ${JSON.stringify(fails)}) process.exit(1);
if (what === 'ad app') console.log(${JSON.stringify(APPLICATION)});
if (what === 'cloud show') console.log(${JSON.stringify(graph)});
`,
    );
    chmodSync(az, 0o755);
    const { stdout } = spawnSync('bash', [], {
      input: registrationCommands(REDIRECT),
      env: { PATH: `${folder}:${process.env['PATH']}` },
      encoding: 'utf8',
    });
    const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
    return { said: stdout, asked: asked.map((line) => JSON.parse(line)) };
  }

  /** What follows that flag. */
  const flag = (asked: readonly string[] | undefined, name: string) => asked?.[asked.indexOf(name) + 1];

  test('make one for accounts of every organisation that asks for Azure’s user_impersonation alone, and print its ID', () => {
    const { said, asked } = run('https://graph.microsoft.com/');
    const [create, , patch] = asked;
    expect(create?.slice(0, 3)).toEqual(['ad', 'app', 'create']);
    expect(flag(create, '--display-name')).toBe('Partner of Record Helper');
    expect(flag(create, '--sign-in-audience')).toBe('AzureADMultipleOrgs');
    expect(JSON.parse(flag(create, '--required-resource-accesses') ?? '')).toEqual([
      {
        resourceAppId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
        resourceAccess: [{ id: '41094075-9dad-400e-a0bd-54e686782033', type: 'Scope' }],
      },
    ]);
    expect(flag(patch, '--method')).toBe('PATCH');
    expect(flag(patch, '--headers')).toBe('Content-Type=application/json');
    expect(JSON.parse(flag(patch, '--body') ?? '')).toEqual({ spa: { redirectUris: [REDIRECT] } });
    expect(said).toBe(`Application (client) ID: ${APPLICATION}\n`);
  });

  test.each([
    ['https://graph.microsoft.com/'],
    ['https://graph.microsoft.us/'],
    ['https://microsoftgraph.chinacloudapi.cn'],
  ])('tell the Graph of the cloud they are run in, %s, once', (graph) => {
    const address = new URL(`/v1.0/applications(appId='${APPLICATION}')`, graph).href;
    expect(flag(run(graph).asked[2], '--url')).toBe(address);
  });

  test.each(['ad app', 'cloud show', 'rest --method'])('print no ID where “az %s” fails', (fails) => {
    expect(run('https://graph.microsoft.com/', fails).said).toBe('');
  });
});

test('the documentation prints the same commands', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/partner-admin-link.md'), 'utf8');
  expect(/```sh\n([\s\S]*?)```/.exec(docs)?.[1]).toBe(registrationCommands('REDIRECT-ADDRESS'));
});

describe('the link by which an administrator gives consent', () => {
  test.each([
    ['public', 'https://login.microsoftonline.com', 'https://management.azure.com/user_impersonation'],
    [
      'usGovernment',
      'https://login.microsoftonline.us',
      'https://management.core.usgovcloudapi.net/user_impersonation',
    ],
    [
      'china',
      'https://login.partner.microsoftonline.cn',
      'https://management.core.chinacloudapi.cn/user_impersonation',
    ],
  ] as const)(
    'leads to the tenant at the sign-in of %s, and asks for its management interface alone',
    (cloud, origin, scope) => {
      const link = new URL(
        adminConsentAddress(AZURE_ENDPOINTS[cloud], {
          clientId: APPLICATION,
          tenant: 'contoso.example',
          redirectUri: REDIRECT,
        }),
      );
      expect(link.origin + link.pathname).toBe(`${origin}/contoso.example/v2.0/adminconsent`);
      expect(Object.fromEntries(link.searchParams)).toEqual({ client_id: APPLICATION, scope, redirect_uri: REDIRECT });
    },
  );
});
