import { useRef, useState } from 'preact/hooks';
import { withoutUnseen } from '../domain/pasted-text';
import { parseTenant } from '../domain/tenant';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { TextField } from '../ui/text-field';
import { useCopying } from '../ui/use-copying';
import { t } from '../words/words';
import { azureOutcome } from './azure-outcome';
import { OutcomeNotice, useAct } from './outcome';

interface AzureConsentProps {
  readonly connectionId: string;
  readonly onSignedIn: () => void;
}

/** How a tenant comes to allow what the extension asks for: by whoever signs in there, or by its administrator. */
export function AzureConsent({ connectionId, onSignedIn }: AzureConsentProps) {
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const { busy, outcome, act, tell } = useAct<'give' | 'link'>();
  const { copy, outcome: copied, forget } = useCopying();
  /** Does it for the tenant that is typed; where none is, says so. */
  const withTenant = (use: (tenant: string) => void) => {
    const text = withoutUnseen(typed).trim();
    const tenant = parseTenant(text);
    if (tenant !== null) return use(tenant);
    setProblem(
      text === '' ? t('options.consent.tenantMissing') : t('options.tenantUnreadable', { tenant: visibleText(text) }),
    );
    field.current?.focus();
  };
  const give = () =>
    withTenant((tenant) =>
      act('give', async () => {
        const answer = await call('azure.signIn', { connectionId, user: null, tenant });
        if (answer.kind === 'signedIn') onSignedIn();
        return azureOutcome(answer);
      }),
    );
  const copyLink = () =>
    withTenant((tenant) =>
      act('link', async () => {
        const link = await call('azure.consentLink', { connectionId, tenant });
        if (link !== null) copy(link);
        return null;
      }),
    );
  return (
    <div class="stack-tight">
      <h3>{t('options.consent.title')}</h3>
      <p class="muted small">{t('options.consent.how')}</p>
      <TextField
        label={t('options.consent.tenant')}
        value={typed}
        hint={t('options.consent.tenantHint')}
        problem={problem}
        inputRef={field}
        onType={(text) => {
          setTyped(text);
          setProblem(null);
          // That was of another tenant.
          tell(null);
          forget();
        }}
        onEnter={give}
      />
      <div class="row">
        <Button onPress={give} busy={busy.includes('give')}>
          {t('options.consent.give')}
        </Button>
        <Button onPress={copyLink} busy={busy.includes('link')}>
          {t('options.consent.copy')}
        </Button>
        <p class="muted small" role="status">
          {copied}
        </p>
      </div>
      <OutcomeNotice outcome={outcome} />
    </div>
  );
}
