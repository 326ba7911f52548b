import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { registrationCommands } from '../domain/azure-application';
import { redirectUri } from '../platform/redirect-uri';
import { Button } from '../ui/button';
import { TextField } from '../ui/text-field';
import { useCopying } from '../ui/use-copying';
import { t } from '../words/words';
import { AzureAccounts } from './azure-accounts';
import { AzureConsent } from './azure-consent';
import type { ConnectionForm, Problems } from './connection-form';
import { RedirectAddress } from './redirect-address';
import type { Stored } from './stored';

interface AzureSignInProps {
  readonly form: ConnectionForm;
  readonly stored: Stored;
  readonly fixed: boolean;
  readonly problems: Problems;
  readonly onEnter: () => void;
  /** Somebody has signed in. */
  readonly onSignedIn: () => void;
  /** Whether the browser stays signed in. */
  readonly children: ComponentChildren;
}

/** How one signs in at Microsoft Entra: with which application, and as whom. */
export function AzureSignIn({ form, stored, fixed, problems, onEnter, onSignedIn, children }: AzureSignInProps) {
  const { values, fields, azure } = form;
  const { settings, managed } = stored;
  const isOffered =
    !fixed && values.applicationId !== '' && values.applicationId === settings.azureClientIds[values.cloud];
  const from = managed.has('azureClientIds') ? 'policy' : 'build';
  return (
    <>
      <p class="muted">{t('options.signInHints.entra')}</p>
      <TextField
        label={t('options.applicationId')}
        value={values.applicationId}
        readOnly={fixed}
        hint={t(isOffered ? `options.applicationIdFrom.${from}` : 'options.applicationIdHint')}
        problem={problems.applicationId}
        inputRef={fields.applicationId}
        onType={(applicationId) => form.edit({ applicationId })}
        onEnter={onEnter}
      />
      {!fixed && <Register />}
      <RedirectAddress />
      {children}
      {azure !== null && (
        <>
          <AzureAccounts key={azure.id} connectionId={azure.id} onSignedIn={onSignedIn} />
          <AzureConsent connectionId={azure.id} onSignedIn={onSignedIn} />
        </>
      )}
    </>
  );
}

/** How to come to an application. */
function Register() {
  const { copy, outcome } = useCopying();
  const [commands] = useState(() => registrationCommands(redirectUri()));
  return (
    <details class="disclosure small">
      <summary>{t('options.register.question')}</summary>
      <p class="muted">{t('options.register.how')}</p>
      <pre class="commands" dir="ltr">
        {commands}
      </pre>
      <div class="row">
        <Button onPress={() => copy(commands)}>{t('options.register.copy')}</Button>
        <p class="muted" role="status">
          {outcome}
        </p>
      </div>
      <p class="muted">{t('options.register.verified')}</p>
    </details>
  );
}
