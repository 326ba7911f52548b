import type { Settings } from '../../domain/settings';
import type { Handlers } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { ClockReading, History } from '../../storage/history';
import type { SettingsBook } from '../../storage/settings-book';
import type { OwnSettings } from '../../storage/settings-shapes';

export interface SettingsParts {
  readonly settings: () => Promise<Settings>;
  readonly book: SettingsBook;
  readonly history: History;
  readonly clock: Clock;
  /** What time it is by the service's clock; null while it has not said. */
  readonly trustedNow: () => number | null;
  /** The settings were written; `before` are those that were in force. */
  readonly onSettings: (before: Settings) => Promise<void>;
  /** Rows were removed from the history. */
  readonly onRemoved: () => void;
}

type SettingsMessage =
  | 'notify.save'
  | 'portals.save'
  | 'confirm.save'
  | 'watch.save'
  | 'ownPartnerId.save'
  | 'settings.discardDamaged'
  | 'history.clear';

/** Each switch of the settings by itself, and how long the history is kept. */
export function createSettingsHandlers(
  parts: SettingsParts,
): Pick<Handlers, SettingsMessage | Extract<keyof Handlers, `retention.${string}`>> {
  const { settings, history, clock } = parts;

  return {
    'notify.save': ({ notify }) => choose({ notify }),

    'portals.save': ({ portals }) => choose({ portals }),

    'confirm.save': ({ confirm }) => choose({ confirm }),

    'watch.save': (chosen) => choose(chosen),

    'ownPartnerId.save': (chosen) => choose(chosen),

    async 'settings.discardDamaged'() {
      const before = await settings();
      await parts.book.discardDamaged();
      await parts.onSettings(before);
      return null;
    },

    async 'retention.preview'({ retention }) {
      return { removes: await history.countBeyond(retention, time()) };
    },

    async 'retention.save'({ retention, mayRemove }) {
      const now = time();
      const removes = await history.countBeyond(retention, now);
      if (removes > mayRemove) return { ok: false, problem: 'wouldRemove', removes };
      await choose({ retention });
      const { removed } = await history.prune(retention, now);
      parts.onRemoved();
      return { ok: true, removed };
    },

    async 'history.clear'() {
      const removed = await history.clear();
      parts.onRemoved();
      return { removed };
    },
  };

  function time(): ClockReading {
    return { now: clock.now(), trusted: parts.trustedNow() };
  }

  /** Keeps those parts as the person's choice; nothing else goes along. */
  async function choose(chosen: OwnSettings): Promise<null> {
    const before = await settings();
    await parts.book.write(() => chosen);
    await parts.onSettings(before);
    return null;
  }
}
