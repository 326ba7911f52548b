import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { windowProblemText } from '../words/window';
import { t } from '../words/words';
import { OutcomeNotice, useAct } from './outcome';

interface SignedInProps {
  readonly connectionId: string;
  readonly signedIn: boolean;
  /** Their name, where the provider told it. */
  readonly as: string | null;
  readonly onSignedIn: () => void;
}

/** Who is signed in at the provider of the stored connection, and the ways in and out. */
export function SignedIn({ connectionId, signedIn, as, onSignedIn }: SignedInProps) {
  const { busy, outcome, act } = useAct<'in' | 'out'>();
  const start = (another: boolean) =>
    act('in', async () => {
      const answer = await call('signIn.start', { another, connectionId });
      if (typeof answer !== 'string') return { good: false, words: windowProblemText(answer) };
      switch (answer) {
        case 'signedIn':
          onSignedIn();
          return null;
        case 'cancelled':
          return { good: false, words: t('pages.windows.cancelled') };
        case 'tooMany':
          return { good: false, words: t('pages.windows.tooMany') };
        case 'failed':
          return { good: false, words: t('options.signInFailed') };
        case 'providerAway':
          return { good: false, words: t('options.signInAway') };
        case 'optionsOpened':
          return { good: false, words: t('options.visit.notAllowed') };
      }
    });
  const signOut = () =>
    act('out', async () => {
      const { revoked } = await call('signIn.end', { connectionId });
      return { good: true, words: revoked ? t('options.signedOut') : t('options.signedOutHereOnly') };
    });
  return (
    <>
      <div class="row">
        <p>{signedIn ? signedInText(as) : t('options.notSignedIn')}</p>
        <Button onPress={signedIn ? signOut : () => start(false)} busy={busy.length > 0}>
          {signedIn ? t('options.signOut') : t('options.signInNow')}
        </Button>
        {signedIn && (
          <Button onPress={() => start(true)} busy={busy.includes('in')}>
            {t('options.useAnother')}
          </Button>
        )}
      </div>
      <OutcomeNotice outcome={outcome} />
    </>
  );
}

function signedInText(name: string | null): string {
  return name === null ? t('options.signedInNow') : t('options.signedInAs', { name: visibleText(name) });
}
