import type { ComponentChildren } from 'preact';
import { useContext, useRef, useState } from 'preact/hooks';
import { fold } from '../domain/fold';
import type { Partner, UsedPartners } from '../domain/partner';
import { t } from '../words/words';
import { OnPageContext, usePress } from './on-page';
import { Id, Name } from './partner-name';
import { PressAgain } from './press-again';
import { trusted } from './trusted';
import { useUniqueId } from './use-unique-id';

interface UsedPartnersProps {
  readonly typed: string;
  readonly partners: UsedPartners;
  /** Whether anything is offered just now. */
  readonly offers: boolean;
  /** They are about to be offered. */
  readonly onWant: () => void;
  readonly onChoose: (partner: Partner) => void;
  /** The text box that it stands beneath. */
  readonly children: ComponentChildren;
}

/**
 * Offers the partners assigned before, and those only checked, while the text box has the focus. An input with a `datalist`
 * would be a combobox to assistive technology and can't show names in every browser.
 */
export function UsedPartnersBox({ typed, partners, offers, onWant, onChoose, children }: UsedPartnersProps) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<'up' | 'down' | null>(null);
  const onPage = useContext(OnPageContext);
  const { press, early } = usePress('glance');
  const groups = open !== null && offers ? GROUPS.map((of) => ({ of, offered: matching(partners[of], typed) })) : [];
  const isOffering = groups.some(({ offered }) => offered.length > 0);

  /** A page that has the focus put into the text box is not to read them off there. */
  const mayOffer = () => onPage === null || onPage.focusIsPersons();

  /** Opens them where they have room, or more of it. */
  function offer(element: Element): void {
    const { top, bottom } = element.getBoundingClientRect();
    const below = innerHeight - bottom;
    setOpen(below < Math.min(ROOM, top) ? 'up' : 'down');
  }

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
        if (open !== null || !(event.target instanceof HTMLInputElement) || !mayOffer()) return;
        onWant();
        offer(event.currentTarget);
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Element && box.current?.contains(to))) setOpen(null);
      }}
      onInput={(event) => (mayOffer() ? offer(event.currentTarget) : setOpen(null))}
      onKeyDown={trusted((event: KeyboardEvent) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) setOpen(null);
        if (!isOffering) return;
        if (event.key === 'Escape') {
          // It closes the offers alone.
          event.stopPropagation();
          setOpen(null);
          box.current?.querySelector('input')?.focus();
        }
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
        event.preventDefault();
        move(event.key === 'ArrowDown' ? 1 : -1);
      })}
    >
      {children}
      {isOffering && (
        <div class={`offers offers-${open} card`}>
          {groups.map(({ of, offered }) => (
            <OfferGroup
              key={of}
              title={t(`panel.usedBefore.${of}`)}
              partners={offered}
              onChoose={(event, partner) =>
                press(event, () => {
                  box.current?.querySelector('input')?.focus();
                  setOpen(null);
                  onChoose(partner);
                })
              }
            />
          ))}
          {early && <PressAgain />}
        </div>
      )}
    </div>
  );
}

/** What all that is offered takes at most, in pixels. */
const ROOM = 230;

const GROUPS = ['assigned', 'checked'] as const;

interface OfferGroupProps {
  readonly title: string;
  readonly partners: readonly Partner[];
  readonly onChoose: (event: Event, partner: Partner) => void;
}

function OfferGroup({ title, partners, onChoose }: OfferGroupProps) {
  const titleId = useUniqueId();
  if (partners.length === 0) return null;
  return (
    <>
      <p class="offers-title muted small" id={titleId}>
        {title}
      </p>
      <ul aria-labelledby={titleId}>
        {partners.map((partner) => (
          <li key={partner.partnerId}>
            <button
              type="button"
              class="offer"
              // The focus stays in the text box, or the list would be gone before the click.
              onMouseDown={(event) => event.preventDefault()}
              onClick={trusted((event: Event) => onChoose(event, partner))}
            >
              <span class="offer-name">
                <Name text={partner.name} />
              </span>
              <Id text={partner.partnerId} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Those whose ID begins with what is typed or whose name holds it. One that is typed in full needs no offer. */
function matching(partners: readonly Partner[], typed: string): readonly Partner[] {
  const text = fold(typed.trim());
  return partners.filter(
    ({ partnerId, name }) => partnerId !== text && (partnerId.startsWith(text) || fold(name).includes(text)),
  );
}
