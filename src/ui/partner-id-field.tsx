import type { Ref } from 'preact';
import type { PartnerForm } from '../domain/partner-form';
import { Button } from './button';
import { PANEL, PARTNER_ID_PROBLEMS } from './strings';
import { TextField } from './text-field';

interface PartnerIdFieldProps {
  readonly form: PartnerForm;
  readonly onType: (text: string) => void;
  readonly onCheck: () => void;
  readonly hint?: string | null;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** The text box for a Partner ID, with the button that checks it. */
export function PartnerIdField({ form, onType, onCheck, hint = null, inputRef = null }: PartnerIdFieldProps) {
  const { typed, problem, unusualLength, check } = form;
  return (
    <TextField
      label={PANEL.partnerId}
      value={typed}
      inputMode="numeric"
      inputRef={inputRef}
      onType={onType}
      onEnter={onCheck}
      problem={problem && PARTNER_ID_PROBLEMS[problem]}
      hint={unusualLength ? PANEL.unusualLength : hint}
      beside={
        <Button weight="glance" busy={check?.kind === 'checking'} onPress={onCheck}>
          {PANEL.checkId}
        </Button>
      }
    />
  );
}
