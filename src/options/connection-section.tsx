import { useLayoutEffect, useState } from 'preact/hooks';
import { OWN_SCOPES } from '../domain/scopes';
import { visibleText } from '../domain/visible-text';
import {
  isSameSignIn,
  parseIssuer,
  parseServiceUrl,
  SIGN_IN_KINDS,
  type SignIn,
  type SignInKind,
} from '../domain/settings';
import { call } from '../messaging/call';
import { handOver } from '../storage/secrets';
import { Button } from '../ui/button';
import { CheckField, SelectField } from '../ui/choices';
import { problemText } from '../words/problem';
import { scopesText } from '../words/scopes';
import { listed, t } from '../words/words';
import { TextField } from '../ui/text-field';
import { ConnectionTest, resultsOf, STEPS, type TestResults } from './connection-test';
import { OutcomeNotice, useAct } from './outcome';
import { neededToSignIn, redirectUri, requestPermissions } from './permission';
import { useSaveConnection } from './save-connection';
import { ScopesNotice, useScopes } from './scopes';
import { Section } from './section';
import type { Stored } from './stored';

/** What was typed or chosen and not saved yet; what is absent is as stored. */
interface Draft {
  readonly serviceUrl?: string;
  readonly signIn?: SignInKind;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly remember?: boolean;
  readonly sendResource?: boolean;
  readonly notify?: boolean;
}

/** Which service to call and how to sign in there. */
export function ConnectionSection({ settings, managed, tokenKept, signedIn, signedInAs, agreedScopes }: Stored) {
  const [draft, setDraft] = useState<Draft>({});
  const [token, setToken] = useState('');
  const [asked, setAsked] = useState(false);
  const [results, setResults] = useState<TestResults | null>(null);
  const { busy, outcome, act, tell } = useAct<'test' | 'save' | 'signIn' | 'signOut' | 'agree'>();
  const { save, question } = useSaveConnection();
  const scopes = useScopes();

  const { connection } = settings;
  const fixed = managed.has('connection');
  const serviceUrl = draft.serviceUrl ?? connection?.serviceUrl ?? '';
  const signIn = draft.signIn ?? connection?.signIn ?? 'accessToken';
  const provider = connection?.signIn === 'openIdConnect' ? connection : null;
  const issuer = draft.issuer ?? provider?.issuer ?? '';
  const clientId = draft.clientId ?? provider?.clientId ?? '';
  const remember = draft.remember ?? (provider === null ? tokenKept === 'device' : provider.staySignedIn);
  const sendResource = draft.sendResource ?? provider?.sendResource ?? false;
  const notify = draft.notify ?? settings.notify;
  const address = parseServiceUrl(serviceUrl);
  // A stored token belongs to the stored address and goes nowhere else.
  const stored = tokenKept !== 'not' && address.ok && address.serviceUrl === connection?.serviceUrl;
  const urlProblem = address.ok ? null : t(`options.serviceUrlProblems.${address.problem}`);
  const tokenProblem = signIn === 'accessToken' && token.trim() === '' && !stored ? t('options.tokenMissing') : null;

  // Once something else is stored, by this form or elsewhere, that is what holds. Before anything can be typed: later, it would
  // throw away what was typed first.
  useLayoutEffect(() => setDraft({}), [JSON.stringify([connection, settings.notify])]);

  const parsedIssuer = parseIssuer(issuer);
  const issuerProblem = parsedIssuer.ok ? null : t(`options.serviceUrlProblems.${parsedIssuer.problem}`);
  const clientIdProblem = clientId.trim() === '' ? t('options.clientIdMissing') : null;
  const incomplete = signIn === 'openIdConnect' ? (issuerProblem ?? clientIdProblem) : tokenProblem;
  const chosenWith = (scopes: readonly string[] | null): SignIn =>
    signIn === 'openIdConnect'
      ? { signIn, issuer, clientId: clientId.trim(), staySignedIn: remember, scopes, sendResource }
      : { signIn };
  const chosen = chosenWith(null);
  /** What is shown is what is stored, so that it is clear where one signs in. */
  const settled =
    provider !== null && address.ok && address.serviceUrl === provider.serviceUrl && isSameSignIn(provider, chosen);
  /** What was agreed to holds for the service and the provider it was agreed for. */
  const agreed = settled ? agreedScopes : null;

  const edit = (change: Draft) => {
    setDraft({ ...draft, ...change });
    setResults(null);
    tell(null);
  };
  /** Leaves a typed token where the worker finds it, and says what the worker needs to know. */
  const form = async (serviceUrl: string, scopes: readonly string[] | null) => {
    const typed = signIn === 'accessToken' && token.trim() !== '';
    if (typed) await handOver(token.trim());
    return { serviceUrl, ...chosenWith(scopes), token: typed ? 'typed' : 'kept', remember } as const;
  };

  const test = () => {
    setAsked(true);
    if (!address.ok) {
      setResults({ address: { ok: false, words: t(`options.serviceUrlProblems.${address.problem}`) } });
      return;
    }
    if (incomplete !== null) return;
    const [origins, permissions] = neededToSignIn(chosen);
    const needed = [address.origin, ...origins];
    const allowed = requestPermissions(needed, permissions);
    act('test', async () => {
      const reached: TestResults = { address: { ok: true, words: address.serviceUrl } };
      setResults(reached);
      if (!(await allowed)) {
        setResults({
          ...reached,
          permission: { ok: false, words: t('options.permissionMissing', { origin: listed(needed) }) },
        });
        return { good: false, words: t('options.testFailed') };
      }
      const permitted: TestResults = { ...reached, permission: { ok: true, words: t('options.permissionHeld') } };
      setResults(permitted);
      const all = { ...permitted, ...resultsOf(await call('connection.test', await form(address.serviceUrl, agreed))) };
      setResults(all);
      const passed = STEPS.every((step) => all[step]?.ok);
      return { good: passed, words: passed ? t('options.testPassed') : t('options.testFailed') };
    });
  };

  const saveAll = () => {
    setAsked(true);
    if (!address.ok || incomplete !== null) return;
    const [origins, permissions] = neededToSignIn(chosen);
    const needed = [address.origin, ...origins];
    const allowed = requestPermissions(needed, permissions);
    act('save', async () => {
      if (!(await allowed)) return { good: false, words: t('options.permissionRefused', { origin: listed(needed) }) };
      const settledScopes = signIn === 'openIdConnect' ? await scopes.settle(address.serviceUrl, agreed) : null;
      if (settledScopes === 'declined') return { good: false, words: t('options.scopesDeclined') };
      if (!(await save({ ...(await form(address.serviceUrl, settledScopes)), notify }))) return null;
      setDraft((present) => ({ ...present, serviceUrl: address.serviceUrl }));
      setToken('');
      setAsked(false);
      return { good: true, words: t('options.saved') };
    });
  };

  const startSignIn = (another: boolean) =>
    act('signIn', async () => {
      switch (await call('signIn.start', { another })) {
        case 'signedIn':
          return null;
        case 'cancelled':
          return { good: false, words: t('options.signInCancelled') };
        case 'failed':
          return { good: false, words: t('options.signInFailed') };
        case 'providerAway':
          return { good: false, words: t('options.signInAway') };
        case 'optionsOpened':
          return { good: false, words: t('options.signInNotAllowed') };
      }
    });
  const signOut = () =>
    act('signOut', async () => {
      const { revoked } = await call('signIn.end', {});
      return { good: true, words: revoked ? t('options.signedOut') : t('options.signedOutHereOnly') };
    });

  const agree = (wanted: readonly string[]) =>
    act('agree', async () => {
      await call('scopes.agree', { scopes: wanted });
      return { good: true, words: t('options.scopesAgreed') };
    });

  const toggleNotify = (wanted: boolean) => {
    setDraft({ ...draft, notify: wanted });
    if (!wanted) return;
    const untick = (words: string) => {
      setDraft((present) => ({ ...present, notify: false }));
      tell({ good: false, words });
    };
    requestPermissions([], ['notifications']).then(
      (allowed) => allowed || untick(t('options.notifyRefused')),
      (cause: unknown) => untick(problemText(cause)),
    );
  };

  return (
    <Section title={t('options.connection')} managed={fixed}>
      <SelectField
        label={t('options.backend')}
        value="service"
        options={[['service', t('options.backendService')]]}
        disabled={fixed}
        onChoose={() => undefined}
      />
      <TextField
        label={t('options.serviceUrl')}
        value={serviceUrl}
        inputMode="url"
        readOnly={fixed}
        hint={t('options.serviceUrlHint')}
        problem={asked ? urlProblem : null}
        onType={(text) => edit({ serviceUrl: text })}
      />
      <SelectField
        label={t('options.signIn')}
        value={signIn}
        options={SIGN_IN_KINDS.map((kind) => [kind, t(`options.signIns.${kind}`)] as const)}
        disabled={fixed}
        onChoose={(kind) => edit({ signIn: kind })}
      />
      {signIn === 'accessToken' && (
        <>
          <TextField
            label={t('options.accessToken')}
            type="password"
            value={token}
            placeholder={stored ? t('options.tokenStored') : t('options.tokenNone')}
            problem={asked ? tokenProblem : null}
            onType={(text) => {
              setToken(text);
              edit({});
            }}
          />
          <CheckField
            label={t('options.remember')}
            hint={t('options.rememberHint')}
            checked={remember}
            onToggle={(checked) => edit({ remember: checked })}
          />
        </>
      )}
      {signIn === 'openIdConnect' && (
        <>
          <TextField
            label={t('options.issuer')}
            value={issuer}
            inputMode="url"
            readOnly={fixed}
            hint={t('options.issuerHint')}
            problem={asked ? issuerProblem : null}
            onType={(text) => edit({ issuer: text })}
          />
          <TextField
            label={t('options.clientId')}
            value={clientId}
            readOnly={fixed}
            hint={t('options.clientIdHint', { redirect: redirectUri() })}
            problem={asked ? clientIdProblem : null}
            onType={(text) => edit({ clientId: text })}
          />
          <CheckField
            label={t('options.remember')}
            hint={t('options.rememberSignInHint')}
            checked={remember}
            disabled={fixed}
            onToggle={(checked) => edit({ remember: checked })}
          />
          <CheckField
            label={t('options.sendResource')}
            hint={t('options.sendResourceHint')}
            checked={sendResource}
            disabled={fixed}
            onToggle={(checked) => edit({ sendResource: checked })}
          />
          <p class="muted">{t('options.scopes', { scopes: scopesText(agreed ?? OWN_SCOPES) })}</p>
          {settled && (
            <ScopesNotice
              serviceUrl={provider.serviceUrl}
              agreed={agreedScopes}
              busy={busy === 'agree'}
              onAgree={agree}
            />
          )}
          {settled && (
            <div class="row">
              <p>{signedIn ? signedInText(signedInAs) : t('options.notSignedIn')}</p>
              <Button
                onPress={signedIn ? signOut : () => startSignIn(false)}
                busy={busy === 'signIn' || busy === 'signOut'}
              >
                {signedIn ? t('options.signOut') : t('options.signInNow')}
              </Button>
              {signedIn && (
                <Button onPress={() => startSignIn(true)} busy={busy === 'signIn'}>
                  {t('options.useAnother')}
                </Button>
              )}
            </div>
          )}
        </>
      )}
      <CheckField
        label={t('options.notify')}
        checked={notify}
        disabled={managed.has('notify')}
        hint={managed.has('notify') ? t('options.managed') : undefined}
        onToggle={toggleNotify}
      />
      <div class="row">
        <Button onPress={test} busy={busy === 'test'}>
          {t('options.test')}
        </Button>
        <Button kind="primary" onPress={saveAll} busy={busy === 'save'}>
          {t('options.save')}
        </Button>
      </div>
      {results !== null && <ConnectionTest results={results} running={busy === 'test'} />}
      <OutcomeNotice outcome={outcome} />
      {question}
      {scopes.question}
    </Section>
  );
}

function signedInText(name: string | null): string {
  return name === null ? t('options.signedInNow') : t('options.signedInAs', { name: visibleText(name) });
}
