import type { Partner } from '../domain/partner';
import { Button } from '../ui/button';
import { PANEL, PARTNER_ID_PROBLEMS } from '../ui/strings';
import { TextField } from '../ui/text-field';
import { CheckedPartner } from './checked-partner';
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
  const { typed, problem, unusualLength, check, confirms } = form;
  const others = usedPartners.filter(({ partnerId }) => partnerId !== current?.partnerId);
  return (
    <div class="stack">
      <UsedPartners typed={typed} partners={others} acts={acts}>
        <TextField
          label={PANEL.partnerId}
          value={typed}
          inputMode="numeric"
          onType={acts.type}
          onEnter={acts.check}
          problem={problem && PARTNER_ID_PROBLEMS[problem]}
          hint={unusualLength && PANEL.unusualLength}
          beside={
            <Button weight="glance" busy={check?.kind === 'checking'} onPress={acts.check}>
              {PANEL.checkId}
            </Button>
          }
        />
      </UsedPartners>
      <CheckedPartner check={check} confirms={confirms} acts={acts} />
    </div>
  );
}
