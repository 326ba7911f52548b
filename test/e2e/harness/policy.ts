import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath } from '../../../scripts/chromium';

/** What one browser takes for its `/etc/chromium`, where an organisation's policy lies. */
export interface PolicyFolder {
  /** Starts Chromium with that folder in the place of the machine's own, which stays as it is. */
  readonly executable: string;
  /** Puts a policy in force, in place of the one before; a running browser follows within seconds. */
  set(policy: object): Promise<void>;
  remove(): Promise<void>;
}

/**
 * The folder lies over `/etc/chromium` in a mount namespace of the browser's own: no other browser of this machine meets the
 * policy, and nothing of it is left however the test ends. Needs Linux, `unshare`, and a `/etc/chromium` to lie over.
 */
export async function createPolicyFolder(): Promise<PolicyFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'partner-of-record-policy-'));
  const etc = join(folder, 'etc');
  const managed = join(etc, 'policies', 'managed');
  await mkdir(managed, { recursive: true });
  const executable = join(folder, 'chromium.sh');
  const asRoot = process.getuid?.() === 0 ? '' : '--user --map-root-user ';
  await writeFile(
    executable,
    `#!/bin/sh
exec unshare ${asRoot}--mount sh -c 'mount --bind "$0" /etc/chromium && exec "$@"' '${etc}' '${await chromiumPath()}' "$@"
`,
  );
  await chmod(executable, 0o755);
  return {
    executable,
    async set(policy) {
      // Whole at once: the browser reads whenever it likes.
      await writeFile(join(folder, 'next.json'), JSON.stringify(policy));
      await rename(join(folder, 'next.json'), join(managed, 'policy.json'));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
