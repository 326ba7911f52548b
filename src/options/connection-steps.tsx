import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isOfLinks, type SignInKind } from '../domain/connection';
import { type Failure, isSignInRefused } from '../domain/failure';
import type { KindFacts } from '../domain/kind-facts';
import { call } from '../messaging/call';
import { TEST_STEPS, type TestStep } from '../domain/connection-test';
import type { MessageInput } from '../messaging/protocol';
import { idFor } from '../storage/portable-connection';
import { Button } from '../ui/button';
import { listed, t } from '../words/words';
import { FIELDS, type Field, type Problems, useConnectionForm } from './connection-form';
import { ConnectionTest, resultsOf, type TestResults } from './connection-test';
import { goBack } from './go-back';
import { NotifyField } from './notify-field';
import { OutcomeNotice, useAct } from './outcome';
import { neededToSignIn, requestPermissions } from './permission';
import { useSaveConnection } from './save-connection';
import { isNotSignedIn, type Rejected, rejectedBy, savedButText } from './saved-but';
import { useScopes } from './scopes';
import { Section } from './section';
import { SignInStep } from './sign-in-step';
import { useSignInVisit } from './sign-in-visit';
import type { Stored } from './stored';
import { WhatNext } from './what-next';
import { WhereStep } from './where-step';

interface ConnectionStepsProps {
  readonly stored: Stored;
  /** The kinds of backend that this version knows; none while they are not known. */
  readonly kinds: readonly KindFacts[];
  /** The person chose this connection, or one more. */
  readonly chosen: boolean;
  /** The connection is stored, by that id. */
  readonly onSaved: (id: string) => void;
  /** The connection that is saved was tried, and works. */
  readonly onWorks: () => void;
}

/** Three steps to a connection: where the record is kept, how one signs in there, test and save. */
export function ConnectionSteps({ stored, kinds, chosen: isChosen, onSaved, onWorks }: ConnectionStepsProps) {
  const { settings, managed, agreedScopes } = stored;
  const [asked, setAsked] = useState(false);
  const [results, setResults] = useState<TestResults | null>(null);
  const [works, setWorks] = useState(false);
  const [rejected, setRejected] = useState<Rejected | null>(null);
  /** The service refused the token that is stored: when it was tried here, or before somebody was led here for that. */
  const [tokenRefused, setTokenRefused] = useState(false);
  const { busy, outcome, act, tell } = useAct<'test' | 'save'>();
  const { save, question } = useSaveConnection();
  const scopes = useScopes();
  const { visit, end } = useSignInVisit();
  const form = useConnectionForm(stored, () => {
    setResults(null);
    setWorks(false);
    setRejected(null);
    tell(null);
  });
  const fixed = managed.has('connections');
  const { values, address, problems, fields, chosen, provider } = form;
  const kind = kinds.find((one) => one.kind === values.kind);
  /** What is to be filled in first. */
  const first = values.signIn === 'entra' ? 'applicationId' : 'serviceUrl';
  // What was agreed to holds for the service and the provider it was agreed for.
  const agreed = provider === null ? null : agreedScopes;

  const saving = useRef<HTMLDivElement>(null);
  const testing = useRef<HTMLDivElement>(null);
  // Where a list could not be read, people are led here to test.
  useLayoutEffect(() => {
    if (location.hash === '#test') testing.current?.querySelector('button')?.focus();
  }, []);

  const outcomePlace = useRef<HTMLDivElement>(null);
  // Enter in a field above saves too; what is wrong with a field stands there, and there is the focus.
  useLayoutEffect(() => {
    if (outcome !== null && rejected === null) outcomePlace.current?.scrollIntoView({ block: 'nearest' });
  }, [outcome]);

  /** The field that is to be mended. */
  const [sought, setSought] = useState<{ readonly field: Field } | null>(null);
  const focusOn = (field: Field) => setSought({ field });
  useLayoutEffect(() => {
    if (sought === null) return;
    const input = fields[sought.field].current;
    input?.focus();
    // With what is said below it.
    input?.closest('.field')?.scrollIntoView({ block: 'nearest' });
  }, [sought]);
  useLayoutEffect(() => {
    if (visit === null) return;
    setTokenRefused(visit.why === 'refused');
    if (values[first] === '') focusOn(first);
    else if (values.signIn === 'accessToken') focusOn('token');
    else saving.current?.querySelector('button')?.focus();
  }, [visit]);
  useLayoutEffect(() => {
    if (isChosen) focusOn(first);
  }, []);
  /** The first thing that is wrong, which gets the focus; null when everything can be sent. */
  const firstBad = (): Field | null => {
    setAsked(true);
    setRejected(null);
    const bad = FIELDS.find((field) => problems[field] !== null) ?? null;
    if (bad !== null) focusOn(bad);
    return bad;
  };

  /** Tries what the form shows, step by step; answers why it does not work, or null when it does. */
  const tryOut = async (base: string, steps: () => Promise<readonly TestStep[]>): Promise<Failure | null> => {
    const permitted: TestResults = {
      address: { ok: true, words: base },
      permission: { ok: true, words: t('options.permissionHeld') },
    };
    setResults(permitted);
    const taken = await steps();
    setResults({ ...permitted, ...resultsOf(taken, values.signIn) });
    return taken.find((step) => !step.ok)?.failure ?? null;
  };

  /** Asks the browser for what this connection needs. First of all in a press: the browser asks only while that lasts. */
  const askBrowser = (origin: string) => {
    const [origins, permissions] = neededToSignIn(chosen);
    const needed = [origin, ...origins];
    return { needed: listed(needed), allowed: requestPermissions(needed, permissions) };
  };

  /** Tries what is stored, and learns of its token. */
  const tryStored = async (base: string, message: MessageInput<'connection.test'>): Promise<Failure | null> => {
    const failure = await tryOut(base, () => call('connection.test', { ...message, token: 'kept' }));
    setTokenRefused(failure !== null && isSignInRefused(failure));
    return failure;
  };

  const hasWorked = () => {
    setWorks(true);
    onWorks();
    if (visit === null) return;
    end();
    void goBack(visit);
  };

  /** What was found before somebody signed in does not hold any more. */
  const hasSignedIn = () => {
    setResults(null);
    tell(null);
    hasWorked();
  };

  const test = () => {
    if (firstBad() !== null || !address.ok) return;
    const { address: base, origin } = address;
    const { needed, allowed } = askBrowser(origin);
    act('test', async () => {
      if (!(await allowed)) {
        const words = t('options.permissionMissing', { origin: needed });
        setResults({ address: { ok: true, words: base }, permission: { ok: false, words } });
        return { good: false, words: t('options.testFailed') };
      }
      const message = await form.message(base, agreed);
      const failure = await (message.token === 'kept'
        ? tryStored(base, message)
        : tryOut(base, () => call('connection.test', message)));
      if (failure !== null) return { good: false, words: t('options.testFailed') };
      return { good: true, words: form.isUnsaved ? t('options.testPassedUnsaved') : t('options.testPassed') };
    });
  };

  const saveAll = () => {
    if (firstBad() !== null || !address.ok) return;
    const { address: base, origin } = address;
    const { needed, allowed } = askBrowser(origin);
    act('save', async () => {
      if (!(await allowed)) return { good: false, words: t('options.permissionRefused', { origin: needed }) };
      const settled = values.signIn === 'openIdConnect' ? await scopes.settle(base, agreed) : null;
      if (settled === 'declined') return { good: false, words: t('options.scopesDeclined') };
      const message = await form.message(base, settled);
      // What is saved is no other connection with the same address.
      setAsked(false);
      const id = await idFor({ kind: values.kind, address: base }, settings.connections);
      if (!(await save({ ...message, edited: form.edited }))) return null;
      onSaved(id);
      form.settle();
      if (message.token === 'typed') setTokenRefused(false);
      const failure = await tryStored(base, message);
      if (failure === null) {
        hasWorked();
        return { good: true, words: t('options.saved') };
      }
      const words = savedButText(failure, values.signIn);
      // Where one signs in on another's page that is the next thing to do, and nothing went wrong.
      if (isOnTheirPage(values.signIn) && isNotSignedIn(failure)) return { good: true, leaves: true, words };
      const found = rejectedBy(failure, values.signIn);
      setRejected(found);
      if (found !== null) focusOn(found.field);
      return { good: false, words };
    });
  };

  const told: Problems = {
    ...(asked ? problems : NOTHING_WRONG),
    ...(rejected?.words != null && { [rejected.field]: rejected.words }),
  };
  return (
    <>
      <WhereStep
        form={form}
        kinds={kinds}
        among={settings.connections.some(({ id }) => id !== form.edited)}
        fixed={fixed}
        problems={told}
        onEnter={saveAll}
      />
      <SignInStep
        form={form}
        stored={stored}
        kind={kind}
        visit={visit}
        tokenRefused={tokenRefused}
        agreed={agreed}
        fixed={fixed}
        problems={told}
        onEnter={saveAll}
        onSignedIn={hasSignedIn}
      />
      <Section title={t('options.finish')} step={3}>
        <NotifyField notify={settings.notify} managed={managed.has('notify')} onOutcome={tell} />
        <div class="row">
          <div ref={saving}>
            <Button kind="primary" onPress={saveAll} busy={busy.includes('save')}>
              {t('options.save')}
            </Button>
          </div>
          <div ref={testing}>
            <Button onPress={test} busy={busy.includes('test')}>
              {t('options.test')}
            </Button>
          </div>
        </div>
        {results !== null && (
          <ConnectionTest steps={kind?.steps ?? TEST_STEPS} results={results} running={busy.length > 0} />
        )}
        {outcome !== null && (
          <div ref={outcomePlace}>
            <OutcomeNotice outcome={outcome} />
          </div>
        )}
        {works && stored.connection !== null && (
          <WhatNext
            portals={settings.portals}
            connectionId={stored.connection.id}
            lists={kind?.can.list !== false}
            hasLinks={isOfLinks(stored.connection)}
          />
        )}
        {question}
        {scopes.question}
      </Section>
    </>
  );
}

function isOnTheirPage(signIn: SignInKind): boolean {
  return signIn === 'openIdConnect' || signIn === 'entra';
}

const NOTHING_WRONG: Problems = {
  cloud: null,
  serviceUrl: null,
  tenants: null,
  issuer: null,
  clientId: null,
  applicationId: null,
  token: null,
};
