import { type Failure, isSignInRefused } from '../domain/failure';
import type { SignInKind } from '../domain/connection';
import { visibleText } from '../domain/visible-text';
import { Support } from '../ui/support';
import { TEST_STEPS, type TestStep, type TestStepName } from '../domain/connection-test';
import { aboutAt } from '../words/about';
import { amountText } from '../words/amount-of-time';
import { failureText, withRequestId } from '../words/failure';
import { t } from '../words/words';

const OURS = ['address', 'permission'] as const;
/** Those that are ours, and then the kind's. */
export const STEPS = [...OURS, ...TEST_STEPS] as const;
type Step = (typeof STEPS)[number];

/** What the steps taken so far told; a step that was not reached is absent. */
export type TestResults = Partial<Record<Step, { readonly ok: boolean; readonly words: string }>>;

/** The worker's steps in words, for somebody who signs in so. */
export function resultsOf(steps: readonly TestStep[], signIn: SignInKind): TestResults {
  return Object.fromEntries(
    steps.map((step) => [
      step.step,
      { ok: step.ok, words: step.ok ? passedText(step, signIn) : failedText(step.failure, signIn) },
    ]),
  );
}

function failedText(failure: Failure, signIn: SignInKind): string {
  // Whoever pastes a token has nowhere to sign in.
  const isToken = signIn === 'accessToken' && isSignInRefused(failure);
  return isToken ? withRequestId(t('options.rejected.token'), failure) : failureText(failure, null, aboutAt(signIn));
}

function passedText(step: Extract<TestStep, { ok: true }>, signIn: SignInKind): string {
  switch (step.step) {
    case 'reachable':
      if (step.aheadMs !== undefined) {
        const of = step.aheadMs < 0 ? 'options.reachableClockBehind' : 'options.reachableClockAhead';
        return t(of, { amount: amountText(step.aheadMs) });
      }
      return t(signIn === 'entra' ? 'options.reachableAzure' : 'options.reachable');
    case 'contract':
      return t('options.contract', { version: String(step.version) });
    case 'signedIn':
      if (step.name === null) return t('options.signInCounts');
      if (step.organization === '') return visibleText(step.name);
      return t('options.signedIn', {
        name: visibleText(step.name),
        organization: visibleText(step.organization),
      });
  }
}

interface ConnectionTestProps {
  /** Those that the kind has. */
  readonly steps: readonly TestStepName[];
  readonly results: TestResults;
  readonly running: boolean;
}

/** The steps of a connection test, each with its mark and what it told. */
export function ConnectionTest({ steps, results, running }: ConnectionTestProps) {
  const all = [...OURS, ...steps];
  const current = running ? all.find((step) => results[step] === undefined) : undefined;
  return (
    <>
      <ol class="steps" aria-label={t('options.steps')}>
        {all.map((step) => {
          const result = results[step];
          const state = result === undefined ? 'open' : result.ok ? 'passed' : 'failed';
          return (
            <li key={step} class="step">
              <span class={`mark step-${state}`} aria-hidden="true">
                {step === current ? <span class="spinner" /> : { open: '–', passed: '✓', failed: '✕' }[state]}
              </span>
              <span class="step-name">{t(`options.step.${step}`)}</span>
              <span class={state === 'open' ? 'muted' : ''}>
                {state !== 'open' && (
                  <span class="for-readers">{t(state === 'passed' ? 'options.passed' : 'options.failed')}: </span>
                )}
                <bdi>{result?.words ?? (step === current ? t('options.testing') : t('options.notReached'))}</bdi>
              </span>
            </li>
          );
        })}
      </ol>
      {(results.contract?.ok === false || results.signedIn?.ok === false) && <Support />}
    </>
  );
}
