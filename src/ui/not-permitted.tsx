import { Notice } from './notice';
import { PANEL } from './strings';

interface NotPermittedProps {
  /** Our sentence of the role and who may; null where the role alone would do. */
  readonly why: string | null;
  /** The service's own sentence; null when it gave none. */
  readonly reason: string | null;
}

/** Why somebody may not change the partner, in place of the controls. */
export function NotPermitted({ why, reason }: NotPermittedProps) {
  return (
    <Notice tone="plain">
      {why ?? (reason === null && PANEL.notPermitted)} {reason !== null && PANEL.reason(reason)}
    </Notice>
  );
}
