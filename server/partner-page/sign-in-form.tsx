import { useEffect, useRef, useState } from 'preact/hooks';
import { isToken, pastedToken } from '../../src/domain/pasted-text';
import { useReader } from './reader';
import { keepToken, leaveToSignIn, type Means, type OpenIdConnect } from './sign-in';
import { type Leaving, leavingText } from './trouble';

interface SignInProps {
  readonly means: Means;
  /** Why one has to, or how leaving went; null at the first visit. */
  readonly why: Leaving | null;
  /** An access token was typed and is kept. */
  readonly onToken: () => void;
  readonly onAnotherAccount: (means: OpenIdConnect) => void;
}

/** Signing in by the means that the service takes: at the identity provider, or with an access token. */
export function SignIn({ means, why, onToken, onAnotherAccount }: SignInProps) {
  const { words } = useReader();
  const isGood = why?.code === 'done' || why?.code === 'doneHereOnly';
  return (
    <section class="card" aria-labelledby="sign-in">
      <h2 id="sign-in">{words.t('partnerPage.signIn.title')}</h2>
      <p>{words.t('partnerPage.signIn.intro')}</p>
      {why !== null && (
        <p id="sign-in-problem" role={isGood ? 'status' : 'alert'} class={isGood ? 'notice' : 'notice notice-bad'}>
          {leavingText(why, words)}
        </p>
      )}
      {means.kind === 'accessToken' ? (
        <TokenForm refused={why?.code === 'refused'} onToken={onToken} />
      ) : (
        <ProviderButtons means={means} onAnotherAccount={onAnotherAccount} />
      )}
      <p class="muted">{words.t('partnerPage.signIn.notForYou')}</p>
    </section>
  );
}

interface ProviderButtonsProps extends Pick<SignInProps, 'onAnotherAccount'> {
  readonly means: OpenIdConnect;
}

function ProviderButtons({ means, onAnotherAccount }: ProviderButtonsProps) {
  const { words } = useReader();
  return (
    <div class="acts">
      <button type="button" class="primary" onClick={() => leaveToSignIn(means)}>
        {words.t('partnerPage.signIn.act')}
      </button>
      <button type="button" onClick={() => onAnotherAccount(means)}>
        {words.t('partnerPage.signIn.another')}
      </button>
    </div>
  );
}

interface TokenFormProps extends Pick<SignInProps, 'onToken'> {
  /** The service has just refused the one typed before. */
  readonly refused: boolean;
}

function TokenForm({ refused, onToken }: TokenFormProps) {
  const { words } = useReader();
  const box = useRef<HTMLInputElement>(null);
  const [token, setToken] = useState('');
  const [unfit, setUnfit] = useState<'tokenMissing' | 'tokenUnreadable' | null>(null);
  useEffect(() => {
    if (refused || unfit !== null) box.current?.focus();
  }, [refused, unfit]);
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = pastedToken(token);
    const isGood = isToken(typed);
    setUnfit(isGood ? null : typed === '' ? 'tokenMissing' : 'tokenUnreadable');
    if (!isGood) return;
    keepToken(typed);
    onToken();
  };
  const problem = unfit !== null ? 'token-problem' : refused ? 'sign-in-problem' : null;
  return (
    <form onSubmit={submit} noValidate>
      <label for="token">{words.t('partnerPage.signIn.token')}</label>
      <input
        id="token"
        ref={box}
        type="password"
        autocomplete="off"
        spellcheck={false}
        value={token}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? 'token-hint' : `${problem} token-hint`}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      {unfit !== null && (
        <p id="token-problem" class="problem" role="alert">
          {words.t(`partnerPage.signIn.${unfit}`)}
        </p>
      )}
      <p id="token-hint" class="muted">
        {words.t('partnerPage.signIn.tokenHint')}
      </p>
      <button type="submit" class="primary">
        {words.t('partnerPage.signIn.act')}
      </button>
    </form>
  );
}
