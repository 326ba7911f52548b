import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';

/** Gathers what is to be announced, so that many things at once are announced as one. */
export interface Gathering {
  /**
   * Has something announced within {@link GATHER_MS}, in place of what is gathered under the same name and was not announced yet.
   * Returns at once and never throws: an announcement that fails, or never ends, is logged and keeps no other from its audience.
   * @param restMs one that follows another of the same name comes so much later at the soonest; 0 unless given
   */
  add(name: string, announce: () => Promise<void>, restMs?: number): void;
  /** Resolves once whatever is gathered by now was announced or has failed. */
  settled(): Promise<void>;
}

/** From the first thing on, so long is gathered what follows it. */
export const GATHER_MS = 100;
/** An announcement that takes longer holds up what is next of the same name no more. */
export const ANNOUNCE_WITHIN_MS = 10_000;

export function createGathering({ clock, log }: { readonly clock: Clock; readonly log: Log }): Gathering {
  const gathered = new Map<string, { readonly announce: () => Promise<void>; readonly restMs: number }>();
  /** When the last one of a name was announced, on the clock of elapsed time. */
  const announcedAt = new Map<string, number>();
  const underWay = new Map<string, Promise<void>>();
  let gathering: Promise<void> | null = null;

  function gather(): void {
    gathering ??= new Promise<void>((resolve) => {
      clock.callAt(clock.now() + GATHER_MS, resolve, new AbortController().signal);
    }).then(() => {
      gathering = null;
      announceGathered();
    });
  }

  function announceGathered(): void {
    for (const [name, { announce, restMs }] of gathered) {
      // An older announcement that ends after a newer one would have the last word.
      if (underWay.has(name)) continue;
      if (clock.elapsed() - (announcedAt.get(name) ?? Number.NEGATIVE_INFINITY) < restMs) {
        gather();
        continue;
      }
      gathered.delete(name);
      if (restMs > 0) announcedAt.set(name, clock.elapsed());
      underWay.set(name, carryOut(name, announce));
    }
  }

  async function carryOut(name: string, announce: () => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const tooLong = new Promise<never>((_resolve, reject) => {
      const giveUp = () => reject(new Error(`It has not ended within ${ANNOUNCE_WITHIN_MS} ms`));
      clock.callAt(clock.now() + ANNOUNCE_WITHIN_MS, giveUp, ended.signal);
    });
    try {
      await Promise.race([announce(), tooLong]);
    } catch (cause) {
      log.error(`This could not be announced: ${name}`, cause);
    }
    ended.abort();
    underWay.delete(name);
    if (gathered.has(name)) gather();
  }

  return {
    add(name, announce, restMs = 0) {
      gathered.set(name, { announce, restMs });
      gather();
    },
    async settled() {
      await gathering;
      await Promise.all(underWay.values());
    },
  };
}
