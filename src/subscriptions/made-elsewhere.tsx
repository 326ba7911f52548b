import type { ForeignChange } from '../domain/history';
import type { Holding } from '../domain/partner-state';
import { askOver } from '../messaging/ask-over';
import { ForeignChangeText, Restore, type Restored } from '../ui/foreign-change';
import { t } from '../words/words';

interface MadeElsewhereProps {
  /** The change of this subscription that nobody has met yet. */
  readonly foreign: ForeignChange;
  /** It was asked for that what was there before is put back. */
  readonly onDone?: () => void;
}

/** Told in the row of a subscription that somebody else has changed: from whom to whom, by whom, and a way back. */
export function MadeElsewhere({ foreign, onDone }: MadeElsewhereProps) {
  return (
    <div class="made-elsewhere small">
      <p>
        <ForeignChangeText foreign={foreign} />
      </p>
      <Restore foreign={foreign} restore={(seen) => restoring(foreign, seen)} {...(onDone && { onDone })} />
    </div>
  );
}

async function restoring({ id }: ForeignChange, seen: Holding): Promise<Restored> {
  const asked = await askOver('restore', id, seen);
  return asked.kind === 'problem' ? { kind: 'problem', words: t(`standing.problems.${asked.problem}`) } : asked;
}
