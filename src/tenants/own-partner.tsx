import { useRef, useState } from 'preact/hooks';
import { pastedPartnerId } from '../domain/pasted-partner-id';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { TextField } from '../ui/text-field';
import { useWork, WorkProblem } from '../ui/use-work';
import { t } from '../words/words';

/** Where the person says which partner is their own, without which no link is known to be another’s. */
export function OwnPartner() {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const { busy, problem, run } = useWork();
  const save = () => {
    const parsed = pastedPartnerId(typed);
    if (!parsed.ok) {
      setWrong(t(`partnerId.${parsed.problem}`));
      field.current?.focus();
      return;
    }
    run(() => call('ownPartnerId.save', { ownPartnerId: parsed.partnerId }));
  };
  return (
    <div class="card own-partner stack-tight">
      <p>{t('tenants.ownMissing')}</p>
      <TextField
        label={t('options.ownPartnerId')}
        value={typed}
        inputMode="numeric"
        hint={t('options.ownPartnerIdHint')}
        problem={wrong}
        inputRef={field}
        onType={(text) => {
          setTyped(text);
          setWrong(null);
        }}
        onEnter={save}
      />
      <div class="row">
        <Button busy={busy} onPress={save}>
          {t('options.saveOwnPartnerId')}
        </Button>
      </div>
      <WorkProblem problem={problem} />
    </div>
  );
}
