import type { Stage } from './stage/stage';

/** What one measurement came to: its figures by name. */
export type Figures = Readonly<Record<string, number>>;

/** One of those that are measured side by side. */
export interface Side {
  readonly name: string;
  readonly measure: () => Promise<Figures>;
}

export type Unit = 'ms' | 'MB' | 'kB' | 'requests';

/** What a row's figure is held to. Where another side is named, the two of each round are compared, and the median of that counts. */
export type Hold =
  | { readonly kind: 'atMost'; readonly most: number }
  /** More than that side by at most so much. */
  | { readonly kind: 'above'; readonly side: string; readonly most: number }
  | { readonly kind: 'times'; readonly side: string; readonly most: number };

/** One row of the table. */
export interface Row {
  readonly what: string;
  /** Which of the figures it tells. */
  readonly figure: string;
  readonly unit: Unit;
  /** The side of which a round's figure is taken off the others': what they add to it is told. */
  readonly over?: string;
  readonly holds: readonly Hold[];
}

/** What is set up once and measured in rounds: each round measures every side once, the first side being ours. */
export interface Subject {
  /** What `--only` chooses it by. */
  readonly name: string;
  /** How many rounds there are when nobody says. */
  readonly rounds: number;
  /** A round that is not counted goes first: it warms up what only a first time is cold. */
  readonly warmsUp: boolean;
  /** What all of it may take, above what it takes on a busy machine. */
  readonly limitMs: number;
  readonly rows: readonly Row[];
  readonly prepare: (stage: Stage) => Promise<readonly Side[]>;
}
