import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { startProgram } from '../server-program';
import type { Counterpart } from './counterpart';
import { documented } from './documented';
import { freePort } from './free-port';
import { haveInstalled, versionSaidBy } from './program';

const PLACKUP = '/usr/bin/plackup';
const SHARE = '/usr/share/lemonldap-ng/portal';
const PORTAL = `${SHARE}/htdocs/index.psgi`;
/** What the portal loads whether or not it is used: captchas, and the names of clients. */
const LIBRARIES = ['/usr/share/perl5/GD/SecurityImage.pm', '/usr/share/perl5/String/Random.pm'];
const PACKAGES = [
  'lemonldap-ng-fastcgi-server',
  'liblemonldap-ng-portal-perl',
  'libgd-securityimage-perl',
  'libimage-magick-perl',
  'libstring-random-perl',
];

export const installLemonLdap = () => haveInstalled([PLACKUP, PORTAL, ...LIBRARIES], PACKAGES);

/** The person whom its demonstration knows, by this name and password. */
export const PERSON = { login: 'dwho', name: 'Doctor Who' };
/** Where clients have people sent back to; nobody listens there. */
export const REDIRECT = 'https://por.example.com/partner';

const clientSchema = v.looseObject({
  oidcRPMetaDataOptionsClientID: v.string(),
  oidcRPMetaDataOptionsRedirectUris: v.literal(REDIRECT),
  oidcRPMetaDataOptionsAdditionalAudiences: v.string(),
});

/** A LemonLDAP::NG with its demonstration's people. */
export interface LemonLdap extends Counterpart {
  readonly issuer: string;
  /** The client that the docs describe, and what its access tokens are meant for. */
  readonly client: { readonly id: string; readonly audience: string };
  /** Another client, whose access tokens are meant for another service. */
  readonly otherClient: string;
}

/**
 * Starts its portal with a client as docs/sign-in.md describes it.
 * @param withPlugin also with the plugin that the docs have for the audience of access tokens
 */
export async function startLemonLdap(withPlugin: boolean): Promise<LemonLdap> {
  const version = await versionSaidBy(
    '/usr/bin/perl',
    ['-MLemonldap::NG::Portal', '-e', 'print "version $Lemonldap::NG::Portal::VERSION\n"'],
    /version ([\d.]+)/,
  );
  const client = v.parse(clientSchema, JSON.parse(await documented('sign-in.md', 'json', 'LemonLDAP::NG')));
  const folder = await mkdtemp(join(tmpdir(), 'por-lemonldap-'));
  const port = await freePort();
  const issuer = `http://localhost:${port}/`;
  const storage = async (name: string) => {
    const Directory = join(folder, name);
    const LockDirectory = join(Directory, 'lock');
    await mkdir(LockDirectory, { recursive: true });
    return { Directory, LockDirectory };
  };
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const other = {
    ...client,
    oidcRPMetaDataOptionsClientID: 'elsewhere-page',
    oidcRPMetaDataOptionsAdditionalAudiences: 'https://elsewhere.example.com',
  };
  const configuration = {
    cfgNum: 1,
    cfgAuthor: 'interop',
    cfgDate: 1,
    cfgVersion: version,
    portal: issuer,
    domain: 'localhost',
    securedCookie: 0,
    authentication: 'Demo',
    userDB: 'Same',
    passwordDB: 'Demo',
    registerDB: 'Null',
    demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' },
    whatToTrace: 'uid',
    locationRules: {},
    exportedHeaders: {},
    portalDisplayResetPassword: 0,
    portalDisplayCertificateResetByMail: 0,
    globalStorage: 'Apache::Session::File',
    globalStorageOptions: {
      ...(await storage('sessions')),
      generateModule: 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
    },
    persistentStorage: 'Apache::Session::File',
    persistentStorageOptions: await storage('psessions'),
    issuerDBOpenIDConnectActivation: 1,
    oidcServiceAllowAuthorizationCodeFlow: 1,
    oidcServicePrivateKeySig: keys.privateKey,
    oidcServicePublicKeySig: keys.publicKey,
    oidcServiceKeyIdSig: 'interop',
    oidcRPMetaDataOptions: { por: client, elsewhere: other },
    oidcRPMetaDataExportedVars: { por: { name: 'cn' }, elsewhere: { name: 'cn' } },
    ...(withPlugin && { customPlugins: 'Por::Audience' }),
  };
  const configurations = join(folder, 'conf');
  const plugins = join(folder, 'lib', 'Por');
  await mkdir(configurations);
  await mkdir(plugins, { recursive: true });
  await writeFile(join(configurations, 'lmConf-1.json'), JSON.stringify(configuration));
  await writeFile(join(plugins, 'Audience.pm'), await documented('sign-in.md', 'perl', 'LemonLDAP::NG'));
  const settings = join(folder, 'lemonldap-ng.ini');
  const lines = [
    '[all]',
    'logLevel = warn',
    '[configuration]',
    'type = File',
    `dirName = ${configurations}`,
    '[portal]',
    `templateDir = ${SHARE}/templates`,
    'staticPrefix = /static',
    'languages = en',
  ];
  await writeFile(settings, `${lines.join('\n')}\n`);
  const program = await startProgram(
    PLACKUP,
    ['--server', 'HTTP::Server::PSGI', '--host', '127.0.0.1', '--port', String(port), PORTAL],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], LLNG_DEFAULTCONFFILE: settings, PERL5LIB: join(folder, 'lib') },
    },
    'Accepting connections',
  );
  return {
    version: `LemonLDAP::NG ${version}`,
    issuer,
    client: { id: client.oidcRPMetaDataOptionsClientID, audience: client.oidcRPMetaDataOptionsAdditionalAudiences },
    otherClient: other.oidcRPMetaDataOptionsClientID,
    stop: async () => {
      await program.end('SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}
