import type { ComponentChildren } from 'preact';
import { useContext, useId, useRef, useState } from 'preact/hooks';
import type { Partner } from '../domain/partner';
import { OnPageContext, usePress } from '../ui/on-page';
import { Id, Name } from '../ui/partner-name';
import { PressAgain } from '../ui/press-again';
import { t } from '../words/words';
import { trusted } from '../ui/trusted';
import type { Acts } from './panel-controller';

interface UsedPartnersProps {
  readonly typed: string;
  readonly partners: readonly Partner[];
  readonly acts: Acts;
  /** The text box that it stands beneath. */
  readonly children: ComponentChildren;
}

/**
 * Offers the partners used before while the text box has the focus. An input with a `datalist` would be a combobox to assistive
 * technology and can't show names in every browser.
 */
export function UsedPartners({ typed, partners, acts, children }: UsedPartnersProps) {
  const titleId = useId();
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const onPage = useContext(OnPageContext);
  const { press, early } = usePress('glance');
  const offered = open ? matching(partners, typed) : [];

  /** A page that has the focus put into the text box is not to read them off there. */
  const mayOffer = () => onPage === null || onPage.focusIsPersons();

  /** Up and down through text box and offers. */
  function move(step: 1 | -1): void {
    const stops = [...(box.current?.querySelectorAll<HTMLElement>('input, .offer') ?? [])];
    const at = stops.findIndex((stop) => stop.matches(':focus'));
    stops[at + step]?.focus();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what its text box and buttons do.
    <div
      class="offers-box"
      ref={box}
      onFocusIn={(event) => {
        if (open || !(event.target instanceof HTMLInputElement) || !mayOffer()) return;
        acts.wantUsedPartners();
        setOpen(true);
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Element && box.current?.contains(to))) setOpen(false);
      }}
      onInput={() => setOpen(mayOffer())}
      onKeyDown={trusted((event: KeyboardEvent) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) setOpen(false);
        if (offered.length === 0) return;
        if (event.key === 'Escape') {
          setOpen(false);
          box.current?.querySelector('input')?.focus();
        }
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
        event.preventDefault();
        move(event.key === 'ArrowDown' ? 1 : -1);
      })}
    >
      {children}
      {offered.length > 0 && (
        <div class="offers card">
          <p class="offers-title muted small" id={titleId}>
            {t('panel.usedBefore')}
          </p>
          <ul aria-labelledby={titleId}>
            {offered.map((partner) => (
              <li key={partner.partnerId}>
                <button
                  type="button"
                  class="offer"
                  // The focus stays in the text box, or the list would be gone before the click.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={trusted((event: Event) =>
                    press(event, () => {
                      box.current?.querySelector('input')?.focus();
                      setOpen(false);
                      acts.choose(partner);
                    }),
                  )}
                >
                  <span class="offer-name">
                    <Name text={partner.name} />
                  </span>
                  <Id text={partner.partnerId} />
                </button>
              </li>
            ))}
          </ul>
          {early && <PressAgain />}
        </div>
      )}
    </div>
  );
}

/** Those whose ID begins with what is typed or whose name holds it. One that is typed in full needs no offer. */
function matching(partners: readonly Partner[], typed: string): readonly Partner[] {
  const text = typed.trim().toLocaleLowerCase();
  return partners.filter(
    ({ partnerId, name }) =>
      partnerId !== text && (partnerId.startsWith(text) || name.toLocaleLowerCase().includes(text)),
  );
}
