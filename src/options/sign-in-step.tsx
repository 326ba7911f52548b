import { OWN_SCOPES } from '../domain/scopes';
import { SIGN_IN_KINDS } from '../domain/connection';
import type { SignInVisit } from '../domain/sign-in-visit';
import type { KindFacts } from '../domain/kind-facts';
import { call } from '../messaging/call';
import { CheckField, SelectField } from '../ui/choices';
import { Notice } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { scopesText } from '../words/scopes';
import { t } from '../words/words';
import type { ConnectionForm, Problems } from './connection-form';
import { AzureSignIn } from './azure-sign-in';
import { OutcomeNotice, useAct } from './outcome';
import { RedirectAddress } from './redirect-address';
import { ScopesNotice } from './scopes';
import { Section } from './section';
import { SignedIn } from './signed-in';
import type { Stored } from './stored';

interface SignInStepProps {
  readonly form: ConnectionForm;
  readonly stored: Stored;
  /** Undefined while it is not known, or where this version does not know it. */
  readonly kind: KindFacts | undefined;
  /** Why the person was led here to sign in; null when they came by themselves. */
  readonly visit: SignInVisit | null;
  /** The service refused the access token that is stored. */
  readonly tokenRefused: boolean;
  /** What the provider that the form shows is asked for, as was agreed; null where nobody has. */
  readonly agreed: readonly string[] | null;
  readonly fixed: boolean;
  readonly problems: Problems;
  readonly onEnter: () => void;
  /** Somebody has signed in at the provider. */
  readonly onSignedIn: () => void;
}

/** The second step: how one signs in there. */
export function SignInStep(props: SignInStepProps) {
  const { form, stored, visit, agreed, fixed, problems, onEnter, onSignedIn } = props;
  const { values, fields, provider } = form;
  const offered = props.kind?.signIns ?? SIGN_IN_KINDS;
  // One that the kind has no more stays for as long as it is stored so; Entra comes with its kind alone.
  const signIns = SIGN_IN_KINDS.filter(
    (kind) => (offered.includes(kind) && kind !== 'entra') || kind === values.signIn,
  );
  const { busy, outcome, act } = useAct<'agree'>();
  const isRefused = form.tokenHeld && props.tokenRefused;
  const agree = (wanted: readonly string[]) =>
    act('agree', async () => {
      await call('scopes.agree', { scopes: wanted, ...(provider !== null && { connectionId: provider.id }) });
      return { good: true, words: t('options.scopesAgreed') };
    });
  const remember = (hint: string, disabled: boolean) => (
    <CheckField
      label={t('options.remember')}
      hint={hint}
      checked={values.remember}
      disabled={disabled}
      onToggle={(checked) => form.edit({ remember: checked })}
    />
  );

  return (
    <Section title={t('options.how')} step={2} managed={fixed}>
      {visit !== null && (
        <Notice role="status" tone="warn">
          {values.signIn === 'entra' && visit.why === 'notSignedIn'
            ? t('options.visit.account')
            : t(`options.visit.${visit.why}`)}
        </Notice>
      )}
      {values.signIn === 'entra' ? (
        <AzureSignIn
          form={form}
          stored={stored}
          fixed={fixed}
          problems={problems}
          onEnter={onEnter}
          onSignedIn={onSignedIn}
        >
          {remember(t('options.rememberAzureHint'), fixed)}
        </AzureSignIn>
      ) : (
        <SelectField
          label={t('options.signIn')}
          value={values.signIn}
          options={signIns.map((kind) => [kind, t(`options.signIns.${kind}`)] as const)}
          hint={t(`options.signInHints.${values.signIn}`)}
          disabled={fixed}
          onChoose={(signIn) => form.edit({ signIn })}
        />
      )}
      {values.signIn === 'accessToken' && (
        <>
          <TextField
            label={t('options.accessToken')}
            type="password"
            value={form.token}
            placeholder={form.tokenHeld && !isRefused ? t('options.tokenStored') : t('options.tokenNone')}
            hint={isRefused && t('options.tokenRefused')}
            problem={problems.token}
            inputRef={fields.token}
            onType={form.typeToken}
            onEnter={onEnter}
          />
          {remember(t('options.rememberHint'), false)}
        </>
      )}
      {values.signIn === 'openIdConnect' && (
        <>
          <TextField
            label={t('options.issuer')}
            value={values.issuer}
            inputMode="url"
            readOnly={fixed}
            hint={t('options.issuerHint')}
            problem={problems.issuer}
            inputRef={fields.issuer}
            onType={(issuer) => form.edit({ issuer })}
            onEnter={onEnter}
          />
          <TextField
            label={t('options.clientId')}
            value={values.clientId}
            readOnly={fixed}
            hint={t('options.clientIdHint')}
            problem={problems.clientId}
            inputRef={fields.clientId}
            onType={(clientId) => form.edit({ clientId })}
            onEnter={onEnter}
          />
          <RedirectAddress />
          {remember(t('options.rememberSignInHint'), fixed)}
          <CheckField
            label={t('options.sendResource')}
            hint={t('options.sendResourceHint')}
            checked={values.sendResource}
            disabled={fixed}
            onToggle={(sendResource) => form.edit({ sendResource })}
          />
          <p class="muted">{t('options.scopes', { scopes: scopesText(agreed ?? OWN_SCOPES) })}</p>
          {provider !== null && (
            <>
              <ScopesNotice address={provider.address} agreed={agreed} busy={busy.includes('agree')} onAgree={agree} />
              <OutcomeNotice outcome={outcome} />
              <SignedIn
                connectionId={provider.id}
                signedIn={stored.signedIn}
                as={stored.signedInAs}
                onSignedIn={onSignedIn}
              />
            </>
          )}
        </>
      )}
    </Section>
  );
}
