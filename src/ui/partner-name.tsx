import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import type { Partner } from '../domain/partner';
import { visibleText } from '../domain/visible-text';
import { OnPageContext } from './on-page';
import { cutAtMatches, SearchedContext } from './searched';

/**
 * A text that a page around it is not to learn: there it is drawn as generated content, which `window.find()` and the selection
 * do not reach. Assistive technology reads it, and a copy puts it in (see content/copying.ts). Elsewhere what is searched for is
 * marked in it.
 */
function useDrawn(text: string) {
  const isOnPage = useContext(OnPageContext) !== null;
  const searched = useContext(SearchedContext);
  return isOnPage ? { 'data-text': text } : { children: marked(text, searched) };
}

function marked(text: string, searched: string): ComponentChildren {
  return cutAtMatches(text, searched).map((part, at) => (at % 2 === 0 ? part : <mark key={at}>{part}</mark>));
}

/** A name from a backend: its direction and invisible characters stay its own affair. */
export function Name({ text }: { readonly text: string }) {
  return <bdi {...useDrawn(visibleText(text))} />;
}

/** A Partner ID beside its name. */
export function Id({ text }: { readonly text: string }) {
  return <span class="id muted" {...useDrawn(text)} />;
}

/** A partner as people know it: its name, then its ID. */
export function PartnerName({ partner }: { readonly partner: Partner }) {
  return (
    <>
      <Name text={partner.name} /> <Id text={`(${partner.partnerId})`} />
    </>
  );
}
