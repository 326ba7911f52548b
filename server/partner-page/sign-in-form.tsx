import { useState } from 'preact/hooks';
import { keepToken, leaveToSignIn, type Means, type OpenIdConnect } from './sign-in';
import { TEXT } from './strings';

interface SignInProps {
  readonly means: Means;
  /** Why one has to, or how leaving went. */
  readonly message: string | null;
  /** An access token was typed and is kept. */
  readonly onToken: () => void;
  readonly onAnotherAccount: (means: OpenIdConnect) => void;
}

/** Signing in by the means that the service takes: at the identity provider, or with an access token. */
export function SignIn({ means, message, onToken, onAnotherAccount }: SignInProps) {
  return (
    <section class="card" aria-labelledby="sign-in">
      <h2 id="sign-in">{TEXT.signInTitle}</h2>
      <p>{TEXT.signInIntro}</p>
      {message !== null && (
        <p role="alert" class="notice">
          {message}
        </p>
      )}
      {means.kind === 'accessToken' ? (
        <TokenForm onToken={onToken} />
      ) : (
        <ProviderButtons means={means} onAnotherAccount={onAnotherAccount} />
      )}
    </section>
  );
}

interface ProviderButtonsProps extends Pick<SignInProps, 'onAnotherAccount'> {
  readonly means: OpenIdConnect;
}

function ProviderButtons({ means, onAnotherAccount }: ProviderButtonsProps) {
  return (
    <div class="acts">
      <button type="button" class="primary" onClick={() => leaveToSignIn(means)}>
        {TEXT.signIn}
      </button>
      <button type="button" onClick={() => onAnotherAccount(means)}>
        {TEXT.useAnotherAccount}
      </button>
    </div>
  );
}

function TokenForm({ onToken }: Pick<SignInProps, 'onToken'>) {
  const [token, setToken] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = token.trim();
    setMissing(typed === '');
    if (typed === '') return;
    keepToken(typed);
    onToken();
  };
  return (
    <form onSubmit={submit} noValidate>
      <label for="token">{TEXT.accessToken}</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        value={token}
        aria-invalid={missing}
        aria-describedby={missing ? 'token-problem token-hint' : 'token-hint'}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      {missing && (
        <p id="token-problem" class="problem">
          {TEXT.accessTokenMissing}
        </p>
      )}
      <p id="token-hint" class="muted">
        {TEXT.accessTokenHint}
      </p>
      <button type="submit" class="primary">
        {TEXT.signIn}
      </button>
    </form>
  );
}
