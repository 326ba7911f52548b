import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEMO_PRINCIPALS } from '../../../server/src/directory/demo';
import { NODE_SWITCHES } from '../../server/support/node-switches';
import { newDataFolder, SERVICE_COMMAND } from './service';

/** Above what loading thousands takes on a busy machine. */
const IMPORT_LIMIT_MS = 120_000;

/** Names that try to be something else than text. */
const HOSTILE_NAMES = [
  '<img src=x onerror=alert(1)>',
  '=HYPERLINK("http://x";"y")',
  '\u202Egnp.exe',
  '{count} {partner}',
];

/** The ID of one of them. */
export const manyId = (n: number) => `3a000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A data folder with the demo's data and so many more subscriptions, which the main caller may change and that partner, or nobody, holds. */
export async function folderOfMany(count: number, partnerId: string | null = null): Promise<string> {
  const folder = await newDataFolder();
  const [main = ''] = DEMO_PRINCIPALS;
  const subscriptions = Array.from({ length: count }, (_, n) => ({
    subscriptionId: manyId(n),
    displayName: `Many ${n} ${HOSTILE_NAMES[n] ?? ''}`.trim(),
    service: 'azure',
    state: 'Active',
    startDate: '2026-01-01T00:00:00Z',
    endDate: '2028-01-01T00:00:00Z',
    customerId: 'many',
    roles: { [main]: 'AccountAdministrator' },
    ...(partnerId !== null && {
      partnerOfRecord: { partnerId, assignedAt: '2026-02-01T00:00:00Z', assignedBy: 'Avery Howard' },
    }),
  }));
  const directory = {
    partners: [],
    customers: [{ id: 'many', name: 'Many Ltd' }],
    callers: [{ principalId: main, name: 'Avery Howard', organization: 'Contoso Ltd' }],
    subscriptions,
  };
  const aside = await mkdtemp(join(tmpdir(), 'partner-of-record-many-'));
  try {
    const file = join(aside, 'directory.json');
    await writeFile(file, JSON.stringify(directory));
    await promisify(execFile)(process.execPath, [...NODE_SWITCHES, SERVICE_COMMAND, 'import', file], {
      env: { ...process.env, DATA_DIR: join(folder, 'database') },
      timeout: IMPORT_LIMIT_MS,
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return folder;
}
