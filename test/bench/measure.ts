import { within } from '../within';
import { evaluate, type Round } from './evaluate';
import type { MeasuredRow } from './latest';
import { onStage, type Peer, type Stage } from './stage/stage';
import type { Figures, Subject } from './subject';

interface Wanted {
  /** How many rounds, whatever the subject's own number is. */
  readonly rounds?: number;
  readonly peers: readonly Peer[];
  readonly print: (line: string) => void;
}

/** Measures a subject in rounds, side after side in each. Throws when it cannot be measured, or not in time. */
export function measure(subject: Subject, { peers, print, rounds = subject.rounds }: Wanted): Promise<MeasuredRow[]> {
  const limitMs = subject.limitMs * Math.max(1, rounds / subject.rounds);
  return onStage(peers, (stage) => within(`${subject.name} to be measured`, measureOn(stage), limitMs));

  async function measureOn(stage: Stage): Promise<MeasuredRow[]> {
    const sides = await subject.prepare(stage);
    const round = async (): Promise<Round> => {
      const figures = new Map<string, Figures>();
      for (const { name, measure } of sides) figures.set(name, await measure());
      return figures;
    };
    if (subject.warmsUp) await round();
    const all: Round[] = [];
    while (all.length < rounds) {
      const one = await round();
      all.push(one);
      print(
        `  ${subject.name} ${all.length} of ${rounds}: ${[...one].map(([name, came]) => lineOf(name, came)).join('; ')}`,
      );
    }
    const names = sides.map(({ name }) => name);
    return subject.rows.map((row) => evaluate(subject.name, row, names, all));
  }
}

function lineOf(side: string, figures: Figures): string {
  return `${side} ${Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure.toFixed(2)}`)
    .join(', ')}`;
}
