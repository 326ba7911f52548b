import type { Capabilities } from '../domain/capabilities';
import type { Partner, PartnerRef, UsedPartners } from '../domain/partner';
import { CheckedPartner } from '../ui/checked-partner';
import { Help } from '../ui/help';
import { PartnerIdField } from '../ui/partner-id-field';
import { UsedPartnersBox } from '../ui/used-partners';
import type { LinkFacts } from '../messaging/protocol';
import { t } from '../words/words';
import type { Acts } from './panel-controller';
import type { Form } from './panel-state';

interface PartnerFormProps {
  /** Whose link it is for; null: for the record. */
  readonly link: LinkFacts | null;
  readonly form: Form;
  /** What the backend can do. */
  readonly can: Capabilities | null;
  /** What was saved by it is under way. */
  readonly busy: boolean;
  readonly usedPartners: UsedPartners;
  /** Needs no offer. */
  readonly current: PartnerRef | null;
  readonly acts: Acts;
}

/** Type or choose an ID, check it, see whose it is, save. */
export function PartnerForm({ link, form, can, busy, usedPartners, current, acts }: PartnerFormProps) {
  const others = (partners: readonly Partner[]) => partners.filter(({ partnerId }) => partnerId !== current?.partnerId);
  const offers = { assigned: others(usedPartners.assigned), checked: others(usedPartners.checked) };
  return (
    <div class="stack" aria-busy={busy}>
      <UsedPartnersBox
        typed={form.typed}
        partners={offers}
        offers={!busy}
        onWant={acts.wantUsedPartners}
        onChoose={acts.choose}
      >
        <PartnerIdField
          form={form}
          off={busy}
          onType={acts.type}
          onCheck={form.canCheck ? acts.check : null}
          // A link is asked about once more; a record would be saved at once.
          onEnter={link === null ? undefined : acts.save}
          hint={link === null ? null : t('link.location')}
        />
      </UsedPartnersBox>
      <Help about="partnerId" />
      <CheckedPartner
        check={form.check}
        can={can}
        about={link === null ? 'record' : 'link'}
        busy={busy}
        onSave={form.confirms ? null : acts.save}
        onSignIn={acts.signIn}
      />
    </div>
  );
}
