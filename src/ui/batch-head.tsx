import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../words/words';
import { Button } from './button';

interface BatchHeadProps {
  /** What its card is named by. */
  readonly id: string;
  /** What was asked for, in words. */
  readonly children: ComponentChildren;
  readonly ended: boolean;
  /** Whoever asked for it, or came to the page for it, is led there. */
  readonly takesFocus: boolean;
  readonly onDismiss: () => void;
}

/** The heading of a batch's card; one that has ended may be put away. */
export function BatchHead({ id, children, ended, takesFocus, onDismiss }: BatchHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // What was pressed is gone with the selection.
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, []);
  return (
    <div class="bulk-head">
      <h2 id={id} tabIndex={-1} ref={heading}>
        {children}
      </h2>
      {ended && (
        <Button kind="quiet" onPress={onDismiss}>
          {t('batch.dismiss')}
        </Button>
      )}
    </div>
  );
}
