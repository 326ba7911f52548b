import type { AttachedPartner } from '../domain/partner';
import { formatAge, formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { useNow } from '../ui/use-now';

/** A partner, and since when where that is known. */
export function PartnerSince({ partner }: { readonly partner: AttachedPartner }) {
  return (
    <>
      <PartnerName partner={partner} />{' '}
      {partner.assignedAt !== null && (
        <span class="small muted">
          <Sentence of="panel.since" with={{ date: <bdi>{formatDate(partner.assignedAt)}</bdi> }} />
        </span>
      )}
    </>
  );
}

/** Whose word it is, and how old. @param readAt in milliseconds since 1970 */
export function ReadFrom({ source, readAt }: { readonly source: string; readonly readAt: number }) {
  const age = <bdi>{formatAge(readAt, useNow())}</bdi>;
  return (
    <p class="small muted">
      <Sentence of="popup.readFrom" with={{ source: <Name text={source} />, age }} />
    </p>
  );
}
