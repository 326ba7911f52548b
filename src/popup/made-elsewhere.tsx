import { useState } from 'preact/hooks';
import type { ForeignChange } from '../domain/history';
import type { Settings } from '../domain/settings';
import { targetNameOf } from '../domain/target';
import { askOver } from '../messaging/ask-over';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { Button } from '../ui/button';
import { ForeignChangeText, Restore } from '../ui/foreign-change';
import { Name } from '../ui/partner-name';
import { t } from '../words/words';
import { mayRestore } from './may-restore';

interface MadeElsewhereProps {
  /** Those that nobody has met, or the newest of them. */
  readonly foreign: readonly ForeignChange[];
  /** How many there are. */
  readonly count: number;
  /** Null while they are being read. */
  readonly settings: Settings | null;
  readonly onDone: (act: 'seen' | 'restore') => void;
}

/** More than this nobody reads one by one here: they stand in the history. */
const ONE_BY_ONE = 3;

/** The changes made elsewhere that nobody has met: a few with what may be done about each, many as one. */
export function MadeElsewhere({ foreign, count, settings, onDone }: MadeElsewhereProps) {
  if (count === 0) return null;
  if (count > ONE_BY_ONE) {
    return (
      <article class="needy card" aria-labelledby="made-elsewhere">
        <h3 id="made-elsewhere">{t('elsewhere.many', { count })}</h3>
        <p class="small muted">{t('elsewhere.manyHint')}</p>
        <div class="row change-acts">
          <Seen changeIds={null} onDone={() => onDone('seen')} />
        </div>
      </article>
    );
  }
  return (
    <>
      {foreign.map((one) => (
        <article key={one.id} class="needy card" aria-labelledby={`needy-${one.id}`}>
          <h3 id={`needy-${one.id}`} class="one-line">
            <Name text={targetNameOf(one.target, one.targetName)} />
          </h3>
          <p>
            <ForeignChangeText foreign={one} />
          </p>
          {mayRestore(one, settings) ? (
            <Restore
              foreign={one}
              restore={(seen) => askOver('restore', one.id, seen)}
              onDone={() => onDone('restore')}
            >
              <Seen changeIds={[one.id]} onDone={() => onDone('seen')} />
            </Restore>
          ) : (
            <div class="row change-acts">
              <Seen changeIds={[one.id]} onDone={() => onDone('seen')} />
            </div>
          )}
        </article>
      ))}
    </>
  );
}

interface SeenProps {
  /** Null: all of them. */
  readonly changeIds: string[] | null;
  readonly onDone: () => void;
}

function Seen({ changeIds, onDone }: SeenProps) {
  const [busy, setBusy] = useState(false);
  const press = () => {
    setBusy(true);
    call('foreign.seen', { changeIds })
      .then(onDone, (cause: unknown) => consoleLog.error('A change could not be marked as seen', cause))
      .finally(() => setBusy(false));
  };
  return (
    <Button busy={busy} onPress={press}>
      {t('needsYou.seen')}
    </Button>
  );
}
