import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS } from './faults/faults';
import { type Ground, openGround, WAYS } from './faults/ground';
import { runRound } from './faults/round';
import { databases } from './support/databases';
import { buildCommand } from './support/process';

const hasServer = databases.some(({ name }) => name === 'PostgreSQL');

describe.runIf(hasServer)('under 50 writers and a full outbox', () => {
  let main: string;
  let disposeBuild: () => Promise<void>;

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
  });
  afterAll(() => disposeBuild());

  // Side by side: most of their time is waiting. A round's own limits are below this one together.
  describe.concurrent.each(WAYS)('on %s', { timeout: 420_000 }, (way) => {
    let ground: Ground;
    beforeAll(async () => {
      ground = await openGround(way);
    });
    afterAll(() => ground.close());

    describe.sequential('the service lives, answers 200 or 503, goes on, and neither loses nor doubles a change or a mail', () => {
      for (const fault of FAULTS) {
        if (fault.onlyPooled && way === 'PostgreSQL') continue;
        it(fault.name, async () => {
          const { problems } = await runRound(main, ground, fault, 0);
          expect(problems).toEqual([]);
        });
      }
    });
  });
});
