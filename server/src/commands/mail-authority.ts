import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Configuration } from '../configuration';
import { messageOf } from '../thrown';
import { CommandError } from './terminal';

/**
 * Reads the certificates by which that of the mail server is judged; null: the well-known ones are. Throws a
 * {@link CommandError} when they cannot be read.
 */
export async function readMailAuthority({ mail }: Pick<Configuration, 'mail'>): Promise<string | null> {
  if (mail.kind === 'folder' || mail.encryption.kind !== 'verified' || mail.encryption.authorityFile === null)
    return null;
  const file = mail.encryption.authorityFile;
  try {
    const text = await readFile(file, 'utf8');
    // Node's TLS takes any text, and leaves out without a word what it cannot read of it.
    const [, ...certificates] = text.split(/(?=-----BEGIN (?:TRUSTED )?CERTIFICATE-----)/);
    for (const certificate of [certificates.shift() ?? text, ...certificates]) new X509Certificate(certificate);
    return text;
  } catch (error) {
    throw new CommandError(
      `SMTP_CA_FILE names ${file}, which cannot be read as certificates: ${messageOf(error)}. It must be a text file of certificates that begin with -----BEGIN CERTIFICATE-----.`,
      { cause: error },
    );
  }
}
