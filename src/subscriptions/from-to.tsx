import type { PartnerRef } from '../domain/partner';
import { PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { t } from '../words/words';

/** From which partner to which, or none. */
export function FromTo({ before, after }: { readonly before: PartnerRef | null; readonly after: PartnerRef | null }) {
  return (
    <Sentence
      of="panel.log.fromTo"
      with={{ before: <PartnerOrNone partner={before} />, after: <PartnerOrNone partner={after} /> }}
    />
  );
}

export function PartnerOrNone({ partner }: { readonly partner: PartnerRef | null }) {
  return partner === null ? <span>{t('panel.log.none')}</span> : <PartnerName partner={partner} />;
}
