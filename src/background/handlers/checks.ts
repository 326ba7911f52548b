import type { Handlers } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { Log } from '../../platform/log';
import { StorageFull } from '../../storage/database';
import type { History } from '../../storage/history';
import { checkPartner } from '../check-partner';
import type { CheckRunner } from '../check-runner';
import type { Links } from '../links';
import type { MessageScope } from '../message-scope';
import type { PortalLimits } from '../portal-limits';

export interface CheckParts {
  readonly scope: MessageScope;
  readonly checks: CheckRunner;
  readonly history: History;
  readonly links: Pick<Links, 'connectionFor'>;
  readonly limits: PortalLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Checks were written into the history. */
  readonly onChecks: () => void;
}

const USED_PARTNERS = 8;

/** Whose a Partner ID is, one or many, and which were used before. */
export function createCheckHandlers(
  parts: CheckParts,
): Pick<Handlers, Extract<keyof Handlers, `checks.${string}` | `partner${string}`>> {
  const { checks, history, limits, clock, log } = parts;
  const { currentFor, pageShownIn, whyNone } = parts.scope;

  return {
    async 'partner.check'({ partnerId, connectionId }, sender) {
      if (!(await limits.mayCheck(sender))) return { kind: 'confirmInExtension' };
      const current = await currentFor(sender, connectionId);
      if (current === null) return { kind: 'failed', failure: await whyNone(sender, connectionId) };
      const { outcome } = await checkPartner(current.backend, partnerId, new AbortController().signal);
      const id = crypto.randomUUID();
      try {
        await history.addCheck({ id, connectionId: current.connection.id, partnerId, checkedAt: clock.now(), outcome });
      } catch (cause) {
        // There is no room for its row, but the person still learns what the check found.
        if (!(cause instanceof StorageFull)) throw cause;
        log.error('A check found no room in the history', cause);
      }
      parts.onChecks();
      return outcome;
    },

    'checks.start': ({ id, typed }) => checks.start(id, typed),

    async 'checks.stop'() {
      await checks.stop();
      return null;
    },

    async 'checks.resume'() {
      await checks.resume();
      return null;
    },

    async 'checks.clear'() {
      await checks.clear();
      return null;
    },

    async 'partners.used'({ ofLink }, sender) {
      const page = ofLink === true ? await pageShownIn(sender) : null;
      const connection =
        ofLink === true
          ? page && (await parts.links.connectionFor(page))
          : ((await currentFor(sender))?.connection ?? null);
      return connection === null ? { assigned: [], checked: [] } : history.partnersUsed(connection.id, USED_PARTNERS);
    },
  };
}
