import { BackendError } from '../../backends/backend';
import type { Handlers } from '../../messaging/serve';
import type { Log } from '../../platform/log';
import type { History } from '../../storage/history';
import { ASK_FOR_MS, type Connections } from '../connections';
import { learnMaker } from '../learn-maker';

export interface ForeignParts {
  readonly history: Pick<History, 'markMet' | 'noteMaker' | 'readForeign'>;
  readonly connections: Pick<Connections, 'byId'>;
  readonly log: Log;
  /** The person has met changes made elsewhere. */
  readonly onMet: () => void;
  /** More is known of a row of the history. */
  readonly onHistory: () => void;
}

/** The messages about changes that were made elsewhere. */
export function createForeignHandlers(
  parts: ForeignParts,
): Pick<Handlers, Extract<keyof Handlers, `foreign.${string}`>> {
  const { history, log } = parts;
  /** A log that did not say it once is not read for that again, while the worker lives. */
  const lookedUp = new Set<string>();

  return {
    async 'foreign.seen'({ changeIds }) {
      if (await history.markMet(changeIds)) parts.onMet();
      return null;
    },

    async 'foreign.who'({ changeId }) {
      const foreign = await history.readForeign(changeId);
      const current = foreign && (await parts.connections.byId(foreign.target.connectionId));
      if (foreign === null || foreign.by !== null || current === null || lookedUp.has(changeId)) return null;
      lookedUp.add(changeId);
      try {
        if (await learnMaker(current, foreign, history, AbortSignal.timeout(ASK_FOR_MS))) parts.onHistory();
      } catch (cause) {
        if (!(cause instanceof BackendError) && !(cause instanceof DOMException)) throw cause;
        lookedUp.delete(changeId);
        log.info('The log that says who made a change could not be read', { why: String(cause) });
      }
      return null;
    },
  };
}
