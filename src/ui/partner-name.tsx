import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PartnerRef } from '../domain/partner';
import type { Target } from '../domain/target';
import { visibleText } from '../domain/visible-text';
import { ABOUT_WORDS, aboutOf } from '../words/about';
import { t } from '../words/words';
import { OnPageContext } from './on-page';

/** How a page of the extension draws names: as they are, unless something in them is to be marked. */
export const MarkedContext = createContext<(name: string) => ComponentChildren>((name) => name);

/**
 * A text that a page around it is not to learn: there it is drawn as generated content, which `window.find()` and the selection
 * do not reach. Assistive technology reads it, and a copy puts it in (see content/copying.ts). Elsewhere it is drawn as the page
 * around it wants.
 */
function useDrawn(text: string) {
  const isOnPage = useContext(OnPageContext) !== null;
  const draw = useContext(MarkedContext);
  return isOnPage ? { 'data-text': text } : { children: draw(text) };
}

/** A name from a backend: its direction and invisible characters stay its own affair. */
export function Name({ text }: { readonly text: string }) {
  return <bdi {...useDrawn(visibleText(text))} />;
}

/** A Partner ID beside its name. */
export function Id({ text }: { readonly text: string }) {
  return <span class="id muted" {...useDrawn(text)} />;
}

interface PartnerOrNoneProps {
  readonly partner: PartnerRef | null;
  /** What is said where there is none. */
  readonly none: string;
}

/** The partner before or after a change of that target, or that there is none. */
export function PartnerOf({ target, partner }: { readonly target: Target; readonly partner: PartnerRef | null }) {
  return <PartnerOrNone partner={partner} none={t(ABOUT_WORDS[aboutOf(target)].nobody)} />;
}

/** The partner, or that there is none. */
export function PartnerOrNone({ partner, none }: PartnerOrNoneProps) {
  return partner === null ? <span>{none}</span> : <PartnerName partner={partner} />;
}

/** A partner as people know it: its name, where that is known, then its ID. */
export function PartnerName({ partner }: { readonly partner: PartnerRef }) {
  if (partner.name === null) return <Name text={partner.partnerId} />;
  return (
    <>
      <Name text={partner.name} /> <Id text={`(${partner.partnerId})`} />
    </>
  );
}
