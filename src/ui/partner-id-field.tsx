import type { Ref } from 'preact';
import type { PartnerForm } from '../domain/partner-form';
import { Button } from './button';
import { t } from '../words/words';
import { TextField } from './text-field';

interface PartnerIdFieldProps {
  readonly form: PartnerForm;
  /** Nothing is to be altered or checked just now. */
  readonly off?: boolean;
  readonly onType: (text: string) => void;
  /** Null where the backend does not tell whose an ID is. */
  readonly onCheck: (() => void) | null;
  /** What Enter does where there is no check; absent: nothing. */
  readonly onEnter?: (() => void) | undefined;
  readonly hint?: string | null;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** The text box for a Partner ID, with the button that checks it. */
export function PartnerIdField(props: PartnerIdFieldProps) {
  const { form, off = false, onType, onCheck, onEnter = nothing, hint = null, inputRef = null } = props;
  const { typed, problem, unusualLength, check } = form;
  return (
    <TextField
      label={t('panel.partnerId')}
      value={typed}
      inputMode="numeric"
      inputRef={inputRef}
      off={off}
      onType={onType}
      onEnter={onCheck ?? onEnter}
      problem={problem && t(`partnerId.${problem}`)}
      hint={unusualLength ? joined(t('panel.unusualLength'), hint) : hint}
      beside={
        onCheck !== null && (
          <Button weight="glance" busy={check?.kind === 'checking'} off={off} onPress={onCheck}>
            {t('panel.checkId')}
          </Button>
        )
      }
    />
  );
}

function joined(one: string, other: string | null): string {
  return other === null ? one : `${one} ${other}`;
}

const nothing = (): void => undefined;
