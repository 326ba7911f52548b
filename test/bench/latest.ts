import * as v from 'valibot';

const figure = v.pipe(v.number(), v.finite());
const spread = v.object({ median: figure, least: figure, most: figure });
const unit = v.picklist(['ms', 'MB', 'kB', 'requests']);

const held = v.object({
  kind: v.picklist(['atMost', 'above', 'times']),
  /** The side that ours is compared with; null where it stands alone. */
  side: v.nullable(v.string()),
  most: figure,
  /** What it came to. */
  came: spread,
  held: v.boolean(),
});

const row = v.object({
  subject: v.string(),
  what: v.string(),
  unit,
  /** The side that was taken off the others; null where none was. */
  over: v.nullable(v.string()),
  /** Ours first. `rounds`: what each round came to, in their order. */
  sides: v.array(v.object({ name: v.string(), ...spread.entries, rounds: v.array(figure) })),
  holds: v.array(held),
});

/** What `bench/latest.json` says: the last whole run. */
export const latestSchema = v.object({
  date: v.pipe(v.string(), v.isoTimestamp()),
  commit: v.string(),
  machine: v.object({ processor: v.string(), cores: v.number(), memoryGb: v.number(), system: v.string() }),
  browser: v.string(),
  node: v.string(),
  rows: v.array(row),
  /** Subjects that could not be measured, and why. */
  notMeasured: v.array(v.object({ subject: v.string(), why: v.string() })),
});

export type Latest = v.InferOutput<typeof latestSchema>;
export type MeasuredRow = v.InferOutput<typeof row>;
export type Held = v.InferOutput<typeof held>;
export type Spread = v.InferOutput<typeof spread>;
