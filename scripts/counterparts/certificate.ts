import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate for `localhost` that is its own authority, as files in PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Both in one, as HAProxy wants them. */
  readonly bothFile: string;
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Makes a certificate for this run alone in the folder. */
export async function writeCertificate(folder: string): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: DNS_NAME, value: 'localhost' },
          { type: IP_ADDRESS, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const certificateFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  const bothFile = join(folder, 'both.pem');
  await writeFile(certificateFile, made.cert);
  await writeFile(keyFile, made.private, { mode: 0o600 });
  await writeFile(bothFile, `${made.cert}\n${made.private}`, { mode: 0o600 });
  return { certificate: made.cert, certificateFile, keyFile, bothFile };
}
