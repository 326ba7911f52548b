import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { readMailAuthority } from '../../server/src/commands/mail-authority';
import { InvalidConfiguration, readConfiguration } from '../../server/src/configuration';
import type { MailConfiguration } from '../../server/src/mail/delivery';

const FROM = { MAIL_FROM: 'por@contoso.example' };

describe('the settings of the mail server', () => {
  it.each<[Record<string, string>, Extract<MailConfiguration, { kind: 'server' }>['encryption']]>([
    [{ SMTP_URL: 'smtp://mail.example.com:25' }, { kind: 'verified', authorityFile: null }],
    [{ SMTP_URL: 'smtps://u:p@mail.example.com?name=por.example.com' }, { kind: 'verified', authorityFile: null }],
    [
      { SMTP_URL: 'smtp://mail.example.com', SMTP_TLS: 'verify' },
      { kind: 'verified', authorityFile: null },
    ],
    [
      { SMTP_URL: 'smtp://mail.example.com', SMTP_CA_FILE: 'ca.pem' },
      { kind: 'verified', authorityFile: 'ca.pem' },
    ],
    [{ SMTP_URL: 'smtps://mail.example.com', SMTP_TLS: 'unverified' }, { kind: 'unverified' }],
    [{ SMTP_URL: 'smtp://mail.example.com', SMTP_TLS: 'none' }, { kind: 'none' }],
    // On this machine nobody needs a certificate to know whom they speak to.
    [{ SMTP_URL: 'smtp://localhost:25' }, { kind: 'asOffered' }],
    [{ SMTP_URL: 'smtp://LOCALHOST:25' }, { kind: 'asOffered' }],
    [{ SMTP_URL: 'smtp://[::1]:25' }, { kind: 'asOffered' }],
    [{ SMTP_URL: 'smtps://127.0.0.1' }, { kind: 'asOffered' }],
    [{ SMTP_URL: 'smtp://localhost/?name=[127.0.0.1]' }, { kind: 'asOffered' }],
    [{ SMTP_URL: 'smtp://p%40r:s%2Fc%23t@localhost?name=por' }, { kind: 'asOffered' }],
    [
      { SMTP_URL: 'smtp://localhost:25', SMTP_TLS: 'verify' },
      { kind: 'verified', authorityFile: null },
    ],
    [
      { SMTP_URL: 'smtp://localhost:25', SMTP_CA_FILE: 'ca.pem' },
      { kind: 'verified', authorityFile: 'ca.pem' },
    ],
    // It passes for another machine.
    [{ SMTP_URL: 'smtp://localhost.example.com' }, { kind: 'verified', authorityFile: null }],
  ])('say of %j how it is spoken to', (env, encryption) => {
    expect(readConfiguration({ ...FROM, ...env }).mail).toMatchObject({ kind: 'server', encryption });
  });

  it.each<[Record<string, string>, string]>([
    [{ SMTP_URL: 'smtps://mail.example.com', SMTP_TLS: 'none' }, 'SMTP_TLS is none, but SMTP_URL begins with smtps://'],
    [{ SMTP_URL: 'smtp://m.example.com', SMTP_TLS: 'unverified', SMTP_CA_FILE: 'a' }, 'SMTP_CA_FILE says whose'],
    [{ SMTP_TLS: 'none' }, 'SMTP_URL is missing'],
    [{ SMTP_CA_FILE: 'ca.pem' }, 'SMTP_URL is missing'],
    // One half of a sign-in fails at each mail; a password with a bare / or # names another server.
    [{ SMTP_URL: 'smtp://por@mail.example.com' }, 'SMTP_URL has one of user and password'],
    [{ SMTP_URL: 'smtp://:secret@mail.example.com' }, 'SMTP_URL has one of user and password'],
    [{ SMTP_URL: 'smtp://por:4/x@mail.example.com' }, 'SMTP_URL must end behind the host and port'],
    [{ SMTP_URL: 'smtp://por:4#x@mail.example.com' }, 'SMTP_URL must end behind the host and port'],
    [{ SMTP_URL: 'smtp://mail.example.com/?name=' }, 'SMTP_URL must have ?name= once'],
    [{ SMTP_URL: 'smtp://mail.example.com?name=a%0d%0aRSET' }, 'SMTP_URL must have ?name= once'],
    [{ SMTP_URL: 'smtp://mail.example.com?name=a.example&name=b.example' }, 'SMTP_URL must have ?name= once'],
    [{ SMTP_URL: 'smtp://mail.example.com?name=1e5' }, 'SMTP_URL must have ?name= once'],
  ])('refuse %j in a sentence', (env, sentence) => {
    const read = () => readConfiguration({ ...FROM, ...env });
    expect(read).toThrow(InvalidConfiguration);
    expect(read).toThrow(sentence);
  });

  it('name the authority by a file, which is read at the start, or told why not', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'por-authority-'));
    const { cert } = await generate([{ name: 'commonName', value: 'Contoso private CA' }]);
    await writeFile(path.join(folder, 'ca.pem'), cert);
    await writeFile(path.join(folder, 'not.pem'), 'not a certificate');
    const authorityOf = (file: string) =>
      readMailAuthority(
        readConfiguration({ ...FROM, SMTP_URL: 'smtp://mail.example.com', SMTP_CA_FILE: path.join(folder, file) }),
      );
    expect(await authorityOf('ca.pem')).toBe(cert);
    await writeFile(path.join(folder, 'two.pem'), `${cert}\n${cert}\n`);
    await writeFile(path.join(folder, 'cut.pem'), `${cert}\n${cert.slice(0, 400)}`);
    expect(await authorityOf('two.pem')).toBe(`${cert}\n${cert}\n`);
    await expect(authorityOf('cut.pem')).rejects.toThrow(/^SMTP_CA_FILE names .*cut\.pem, which cannot be read/);
    await expect(authorityOf('absent.pem')).rejects.toThrow(/^SMTP_CA_FILE names .*absent\.pem.*ENOENT/);
    await expect(authorityOf('not.pem')).rejects.toThrow(/^SMTP_CA_FILE names .*not\.pem, which cannot be read/);
    expect(await readMailAuthority(readConfiguration({}))).toBeNull();
    await rm(folder, { recursive: true });
  });
});
