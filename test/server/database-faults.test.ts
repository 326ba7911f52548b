import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS, type Fault } from './faults/faults';
import { type Ground, openGround, type Way } from './faults/ground';
import { runRound } from './faults/round';
import { databases } from './support/databases';
import { buildCommand } from './support/process';

const hasServer = databases.some(({ name }) => name === 'PostgreSQL');

interface Part {
  readonly way: Way;
  readonly number: number;
  readonly faults: readonly Fault[];
}

/** Every fault once on each way that it can happen on; the longer list on two grounds. */
const GROUNDS: readonly Part[] = [
  { way: 'PostgreSQL', number: 1, faults: FAULTS.filter(({ onlyPooled }) => !onlyPooled) },
  ...[0, 1].map(
    (rest): Part => ({
      way: 'PostgreSQL through PgBouncer',
      number: rest + 1,
      faults: FAULTS.filter((_fault, index) => index % 2 === rest),
    }),
  ),
];

describe.runIf(hasServer)('under 50 writers and a full outbox', () => {
  let main: string;
  let disposeBuild: () => Promise<void>;

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
  });
  afterAll(() => disposeBuild());

  // Side by side, each on a ground of its own: most of their time is waiting. A round's own limits are below this one together.
  describe.concurrent.each(GROUNDS)('on $way, ground $number', { timeout: 420_000 }, ({ way, faults }) => {
    let ground: Ground;
    beforeAll(async () => {
      ground = await openGround(way);
    });
    afterAll(() => ground.close());

    describe.sequential('the service lives, answers 200 or 503, goes on, and neither loses nor doubles a change or a mail', () => {
      for (const fault of faults) {
        it(fault.name, async () => {
          const { problems } = await runRound(main, ground, fault, 0);
          expect(problems).toEqual([]);
        });
      }
    });
  });
});
