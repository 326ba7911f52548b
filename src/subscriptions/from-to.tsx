import type { PartnerRef } from '../domain/partner';
import { PartnerOrNone } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { t } from '../words/words';

/** From which partner to which, or none. */
export function FromTo({ before, after }: { readonly before: PartnerRef | null; readonly after: PartnerRef | null }) {
  return (
    <Sentence
      of="panel.log.fromTo"
      with={{ before: <PartnerOrNobody partner={before} />, after: <PartnerOrNobody partner={after} /> }}
    />
  );
}

/** The same of one partner, in a row that has room for few words. */
export function PartnerOrNobody({ partner }: { readonly partner: PartnerRef | null }) {
  return <PartnerOrNone partner={partner} none={t('panel.log.none')} />;
}
