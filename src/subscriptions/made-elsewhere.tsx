import type { ForeignChange } from '../domain/history';
import { askOver } from '../messaging/ask-over';
import { ForeignChangeText, Restore } from '../ui/foreign-change';

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
      <Restore foreign={foreign} restore={(seen) => askOver('restore', foreign.id, seen)} {...(onDone && { onDone })} />
    </div>
  );
}
