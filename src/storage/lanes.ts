import * as v from 'valibot';
import type { LaneHold } from '../domain/batch';
import { holdOfConnection, type Lane, WIDEST } from '../domain/lane';
import { uuidSchema, waitSchema } from '../domain/schemas';
import type { Open } from './both-stores';
import { write } from './database';

/** A lane as it is kept, and whose it is. */
export interface KeptLane {
  readonly connectionId: string;
  readonly lane: Lane;
  /** The changes whose next request may have left, for all that their rows say. */
  readonly claims: Readonly<Record<string, Claim>>;
}

/** A request that may leave from that moment on. `attempts`: how often its change had been tried before. */
export interface Claim {
  readonly at: number;
  readonly attempts: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const laneSchema = v.object({
  connectionId: uuidSchema,
  lane: v.object({
    width: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(WIDEST)),
    hold: v.nullable(
      v.variant('for', [
        v.object({ for: v.literal('signIn') }),
        v.object({ for: v.literal('time'), wait: waitSchema, silent: v.exactOptional(v.literal(true)) }),
      ]),
    ),
    probes: v.boolean(),
    refusals: count,
    answers: count,
  }),
  claims: v.optional(v.record(v.string(), v.object({ at: v.number(), attempts: count })), {}),
}) satisfies v.GenericSchema<unknown, KeptLane>;

/** What holds up lanes, so that a worker that has ended in between sends no more for it. */
export interface LaneStore {
  /** Every lane by its name. One that cannot be read is as good as new. */
  read(): Promise<ReadonlyMap<string, KeptLane>>;
  /**
   * @param durability `strict` where a request may leave by it; `relaxed` unless given
   * @throws {StorageFull} when there is no room
   */
  write(lanes: ReadonlyMap<string, KeptLane>, durability?: 'strict' | 'relaxed'): Promise<void>;
}

export function createLaneStore(open: Open): LaneStore {
  return {
    async read() {
      const { store } = (await open()).transaction('lanes');
      const [names, lanes] = await Promise.all([store.getAllKeys(), store.getAll()]);
      return new Map(
        names.flatMap((name, i) => {
          const read = v.safeParse(laneSchema, lanes[i]);
          return read.success ? [[name, read.output] as const] : [];
        }),
      );
    },

    write: (lanes, durability = 'relaxed') =>
      write(open, ['lanes'], durability, async ({ store }) => {
        await Promise.all([...lanes].map(([name, lane]) => store.put(lane, name)));
      }),
  };
}

/** What holds up a connection; null where nothing does, or not all of its lanes. */
export type HoldOf = (connectionId: string) => LaneHold | null;

/** The same of every connection as it is kept, at that moment (milliseconds since the epoch). */
export async function readHolds(open: Open, now: number): Promise<HoldOf> {
  const lanes = [...(await createLaneStore(open).read()).values()];
  return (connectionId) => holdOfConnection(lanes, connectionId, now);
}
