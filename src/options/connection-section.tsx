import { useLayoutEffect, useState } from 'preact/hooks';
import { OWN_SCOPES } from '../domain/scopes';
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
import { OPTIONS, problemText } from '../ui/strings';
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

const BACKENDS = [['service', OPTIONS.backendService]] as const;
const SIGN_INS = SIGN_IN_KINDS.map((kind) => [kind, OPTIONS.signIns[kind]] as const);

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
  const urlProblem = address.ok ? null : OPTIONS.serviceUrlProblems[address.problem];
  const tokenProblem = signIn === 'accessToken' && token.trim() === '' && !stored ? OPTIONS.tokenMissing : null;

  // Once something else is stored, by this form or elsewhere, that is what holds. Before anything can be typed: later, it would
  // throw away what was typed first.
  useLayoutEffect(() => setDraft({}), [JSON.stringify([connection, settings.notify])]);

  const parsedIssuer = parseIssuer(issuer);
  const issuerProblem = parsedIssuer.ok ? null : OPTIONS.serviceUrlProblems[parsedIssuer.problem];
  const clientIdProblem = clientId.trim() === '' ? OPTIONS.clientIdMissing : null;
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
      setResults({ address: { ok: false, words: OPTIONS.serviceUrlProblems[address.problem] } });
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
        setResults({ ...reached, permission: { ok: false, words: OPTIONS.permissionMissing(needed.join(' and ')) } });
        return { good: false, words: OPTIONS.testFailed };
      }
      const permitted: TestResults = { ...reached, permission: { ok: true, words: OPTIONS.permissionHeld } };
      setResults(permitted);
      const all = { ...permitted, ...resultsOf(await call('connection.test', await form(address.serviceUrl, agreed))) };
      setResults(all);
      const passed = STEPS.every((step) => all[step]?.ok);
      return { good: passed, words: passed ? OPTIONS.testPassed : OPTIONS.testFailed };
    });
  };

  const saveAll = () => {
    setAsked(true);
    if (!address.ok || incomplete !== null) return;
    const [origins, permissions] = neededToSignIn(chosen);
    const needed = [address.origin, ...origins];
    const allowed = requestPermissions(needed, permissions);
    act('save', async () => {
      if (!(await allowed)) return { good: false, words: OPTIONS.permissionRefused(needed.join(' and ')) };
      const settledScopes = signIn === 'openIdConnect' ? await scopes.settle(address.serviceUrl, agreed) : null;
      if (settledScopes === 'declined') return { good: false, words: OPTIONS.scopesDeclined };
      if (!(await save({ ...(await form(address.serviceUrl, settledScopes)), notify }))) return null;
      setDraft((present) => ({ ...present, serviceUrl: address.serviceUrl }));
      setToken('');
      setAsked(false);
      return { good: true, words: OPTIONS.saved };
    });
  };

  const startSignIn = (another: boolean) =>
    act('signIn', async () => {
      switch (await call('signIn.start', { another })) {
        case 'signedIn':
          return null;
        case 'cancelled':
          return { good: false, words: OPTIONS.signInCancelled };
        case 'failed':
          return { good: false, words: OPTIONS.signInFailed };
        case 'providerAway':
          return { good: false, words: OPTIONS.signInAway };
        case 'optionsOpened':
          return { good: false, words: OPTIONS.signInNotAllowed };
      }
    });
  const signOut = () =>
    act('signOut', async () => {
      const { revoked } = await call('signIn.end', {});
      return { good: true, words: revoked ? OPTIONS.signedOut : OPTIONS.signedOutHereOnly };
    });

  const agree = (wanted: readonly string[]) =>
    act('agree', async () => {
      await call('scopes.agree', { scopes: wanted });
      return { good: true, words: OPTIONS.scopesAgreed };
    });

  const toggleNotify = (wanted: boolean) => {
    setDraft({ ...draft, notify: wanted });
    if (!wanted) return;
    const untick = (words: string) => {
      setDraft((present) => ({ ...present, notify: false }));
      tell({ good: false, words });
    };
    requestPermissions([], ['notifications']).then(
      (allowed) => allowed || untick(OPTIONS.notifyRefused),
      (cause: unknown) => untick(problemText(cause)),
    );
  };

  return (
    <Section title={OPTIONS.connection} managed={fixed}>
      <SelectField
        label={OPTIONS.backend}
        value="service"
        options={BACKENDS}
        disabled={fixed}
        onChoose={() => undefined}
      />
      <TextField
        label={OPTIONS.serviceUrl}
        value={serviceUrl}
        inputMode="url"
        readOnly={fixed}
        hint={OPTIONS.serviceUrlHint}
        problem={asked ? urlProblem : null}
        onType={(text) => edit({ serviceUrl: text })}
      />
      <SelectField
        label={OPTIONS.signIn}
        value={signIn}
        options={SIGN_INS}
        disabled={fixed}
        onChoose={(kind) => edit({ signIn: kind })}
      />
      {signIn === 'accessToken' && (
        <>
          <TextField
            label={OPTIONS.accessToken}
            type="password"
            value={token}
            placeholder={stored ? OPTIONS.tokenStored : OPTIONS.tokenNone}
            problem={asked ? tokenProblem : null}
            onType={(text) => {
              setToken(text);
              edit({});
            }}
          />
          <CheckField
            label={OPTIONS.remember}
            hint={OPTIONS.rememberHint}
            checked={remember}
            onToggle={(checked) => edit({ remember: checked })}
          />
        </>
      )}
      {signIn === 'openIdConnect' && (
        <>
          <TextField
            label={OPTIONS.issuer}
            value={issuer}
            inputMode="url"
            readOnly={fixed}
            hint={OPTIONS.issuerHint}
            problem={asked ? issuerProblem : null}
            onType={(text) => edit({ issuer: text })}
          />
          <TextField
            label={OPTIONS.clientId}
            value={clientId}
            readOnly={fixed}
            hint={OPTIONS.clientIdHint(redirectUri())}
            problem={asked ? clientIdProblem : null}
            onType={(text) => edit({ clientId: text })}
          />
          <CheckField
            label={OPTIONS.remember}
            hint={OPTIONS.rememberSignInHint}
            checked={remember}
            disabled={fixed}
            onToggle={(checked) => edit({ remember: checked })}
          />
          <CheckField
            label={OPTIONS.sendResource}
            hint={OPTIONS.sendResourceHint}
            checked={sendResource}
            disabled={fixed}
            onToggle={(checked) => edit({ sendResource: checked })}
          />
          <p class="muted">{OPTIONS.scopes(agreed ?? OWN_SCOPES)}</p>
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
              <p>{signedIn ? signedInText(signedInAs) : OPTIONS.notSignedIn}</p>
              <Button
                onPress={signedIn ? signOut : () => startSignIn(false)}
                busy={busy === 'signIn' || busy === 'signOut'}
              >
                {signedIn ? OPTIONS.signOut : OPTIONS.signInNow}
              </Button>
              {signedIn && (
                <Button onPress={() => startSignIn(true)} busy={busy === 'signIn'}>
                  {OPTIONS.useAnother}
                </Button>
              )}
            </div>
          )}
        </>
      )}
      <CheckField
        label={OPTIONS.notify}
        checked={notify}
        disabled={managed.has('notify')}
        hint={managed.has('notify') ? OPTIONS.managed : undefined}
        onToggle={toggleNotify}
      />
      <div class="row">
        <Button onPress={test} busy={busy === 'test'}>
          {OPTIONS.test}
        </Button>
        <Button kind="primary" onPress={saveAll} busy={busy === 'save'}>
          {OPTIONS.save}
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
  return name === null ? OPTIONS.signedInNow : OPTIONS.signedInAs(name);
}
