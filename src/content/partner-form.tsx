import type { Partner } from '../domain/partner';
import { CheckedPartner } from '../ui/checked-partner';
import { PartnerIdField } from '../ui/partner-id-field';
import type { Acts } from './panel-controller';
import type { Form } from './panel-state';
import { UsedPartners } from './used-partners';

interface PartnerFormProps {
  readonly form: Form;
  readonly usedPartners: readonly Partner[];
  /** Needs no offer. */
  readonly current: Partner | null;
  readonly acts: Acts;
}

/** Type or choose an ID, check it, see whose it is, save. */
export function PartnerForm({ form, usedPartners, current, acts }: PartnerFormProps) {
  const others = usedPartners.filter(({ partnerId }) => partnerId !== current?.partnerId);
  return (
    <div class="stack">
      <UsedPartners typed={form.typed} partners={others} acts={acts}>
        <PartnerIdField form={form} onType={acts.type} onCheck={acts.check} />
      </UsedPartners>
      <CheckedPartner check={form.check} onSave={form.confirms ? null : acts.save} onSignIn={acts.signIn} />
    </div>
  );
}
