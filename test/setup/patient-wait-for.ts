import { vi } from 'vitest';
import { PATIENCE_MS } from '../patience';

// vitest 4.1 has a setting for how long `expect.poll` looks again, and none for `vi.waitFor`, which gives up after a second.
const { waitFor } = vi;
vi.waitFor = (look, options) =>
  waitFor(look, { timeout: PATIENCE_MS, ...(typeof options === 'number' ? { timeout: options } : options) });
