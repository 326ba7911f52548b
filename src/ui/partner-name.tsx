import type { Partner } from '../domain/partner';
import { visibleText } from '../domain/visible-text';

/** A name from a backend: its direction and invisible characters stay its own affair. */
export function Name({ text }: { readonly text: string }) {
  return <bdi>{visibleText(text)}</bdi>;
}

/** A partner as people know it: its name, then its ID. */
export function PartnerName({ partner }: { readonly partner: Partner }) {
  return (
    <>
      <Name text={partner.name} /> <span class="id muted">({partner.partnerId})</span>
    </>
  );
}
