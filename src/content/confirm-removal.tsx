import { useEffect, useId, useRef } from 'preact/hooks';
import type { PartnerOfRecord } from '../domain/partner';
import { Button } from '../ui/button';
import { PartnerName } from '../ui/partner-name';
import { PANEL } from '../ui/strings';
import { trusted } from '../ui/trusted';
import type { Acts } from './panel-controller';

/** The question before a removal. The focus begins on No; Escape is No. */
export function ConfirmRemoval({ partner, acts }: { readonly partner: PartnerOfRecord; readonly acts: Acts }) {
  const id = useId();
  const no = useRef<HTMLDivElement>(null);
  useEffect(() => no.current?.querySelector('button')?.focus(), []);
  return (
    <div
      class="notice notice-bad panel-question"
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      data-returns-to="remove"
      data-about={`remove ${partner.partnerId}`}
      onKeyDown={trusted((event: KeyboardEvent) => {
        if (event.key === 'Escape') acts.remove(false);
      })}
    >
      <div class="notice-text">
        <h3 id={`${id}-title`}>{PANEL.removeTitle}</h3>
        <div id={`${id}-text`}>
          <p>{PANEL.removeText}</p>
          <p class="muted small">
            <PartnerName partner={partner} /> {PANEL.mailRemoved}
          </p>
        </div>
      </div>
      <div class="row" ref={no}>
        <Button weight="free" onPress={() => acts.remove(false)}>
          {PANEL.no}
        </Button>
        <Button kind="danger" onPress={() => acts.remove(true)}>
          {PANEL.yes}
        </Button>
      </div>
    </div>
  );
}
