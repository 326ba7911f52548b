import { defaultName, LONGEST_NAME } from '../domain/connection';
import { TextField } from '../ui/text-field';
import { t } from '../words/words';
import type { ConnectionForm, Problems } from './connection-form';
import { Section } from './section';

interface WhereStepProps {
  readonly form: ConnectionForm;
  readonly fixed: boolean;
  readonly problems: Problems;
  readonly onEnter: () => void;
}

/** The first step: what keeps the record, and what people call it. */
export function WhereStep({ form, fixed, problems, onEnter }: WhereStepProps) {
  const { values, address, fields } = form;
  return (
    <Section title={t('options.where')} step={1} managed={fixed}>
      <TextField
        label={t('options.name')}
        value={values.name}
        placeholder={address.ok ? defaultName(address.address) : ''}
        hint={t('options.nameHint')}
        maxLength={LONGEST_NAME}
        readOnly={fixed}
        onType={(name) => form.edit({ name })}
        onEnter={onEnter}
      />
      <TextField
        label={t('options.serviceUrl')}
        value={values.serviceUrl}
        inputMode="url"
        readOnly={fixed}
        hint={t('options.serviceUrlHint')}
        problem={problems.serviceUrl}
        inputRef={fields.serviceUrl}
        onType={(serviceUrl) => form.edit({ serviceUrl })}
        onEnter={onEnter}
      />
    </Section>
  );
}
