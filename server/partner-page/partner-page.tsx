import { useEffect, useState } from 'preact/hooks';
import { visibleText } from '../../src/domain/visible-text';
import { readView, SignedOut, Trouble, type View } from './api';
import { SharedSubscriptions } from './shared-subscriptions';
import {
  finishSignIn,
  forgetToken,
  keptToken,
  leaveToSignIn,
  type Means,
  type OpenIdConnect,
  readMeans,
  SignInFailed,
  signOut,
} from './sign-in';
import { SignIn } from './sign-in-form';
import { TEXT } from './strings';

/** What the page is at, from nobody being known to all being read. */
type Stage =
  | { readonly at: 'loading' }
  | { readonly at: 'signedOut'; readonly means: Means; readonly message: string | null }
  | { readonly at: 'here'; readonly view: View }
  | { readonly at: 'trouble'; readonly message: string };

/** The whole page: signing in, then what the partner's customers share. */
export function PartnerPage() {
  const [means, setMeans] = useState<Means | null>(null);
  const [stage, setStage] = useState<Stage>({ at: 'loading' });

  async function load(): Promise<void> {
    setStage({ at: 'loading' });
    const known = means ?? (await readMeans());
    setMeans(known);
    try {
      if (known.kind === 'openIdConnect') await finishSignIn(known);
    } catch (cause) {
      if (!(cause instanceof SignInFailed)) throw cause;
      return setStage({ at: 'signedOut', means: known, message: cause.message });
    }
    const token = keptToken();
    if (token === null) return setStage({ at: 'signedOut', means: known, message: null });
    try {
      setStage({ at: 'here', view: await readView(token) });
    } catch (cause) {
      if (!(cause instanceof SignedOut)) throw cause;
      forgetToken();
      const message = known.kind === 'openIdConnect' ? TEXT.sessionEnded : TEXT.tokenRefused;
      setStage({ at: 'signedOut', means: known, message });
    }
  }

  const start = () => {
    load().catch((cause: unknown) => {
      const known = cause instanceof Trouble || cause instanceof SignInFailed;
      setStage({ at: 'trouble', message: known ? cause.message : TEXT.unreadable });
    });
  };
  useEffect(start, []);

  const leave = async () => {
    const told = await signOut(means);
    if (means !== null) {
      setStage({ at: 'signedOut', means, message: told ? TEXT.signedOut : TEXT.signedOutHereOnly });
    }
  };

  // What is shown goes first: the way back from the provider's page leads here, maybe to somebody else.
  const leaveForAnother = async (known: OpenIdConnect) => {
    await leave();
    await leaveToSignIn(known);
  };

  return (
    <>
      <header>
        <div>
          <p class="muted">{TEXT.product}</p>
          <h1>{TEXT.title}</h1>
        </div>
        {stage.at === 'here' && (
          <div class="who">
            <p class="muted">
              {TEXT.signedInAs(visibleText(stage.view.me.name), visibleText(stage.view.me.organization))}
            </p>
            {means?.kind === 'openIdConnect' && (
              <button type="button" onClick={() => leaveForAnother(means)}>
                {TEXT.useAnotherAccount}
              </button>
            )}
            <button type="button" onClick={leave}>
              {TEXT.signOut}
            </button>
          </div>
        )}
      </header>
      <main>
        {stage.at === 'loading' && <p role="status">{TEXT.loading}</p>}
        {stage.at === 'signedOut' && (
          <SignIn means={stage.means} message={stage.message} onToken={start} onAnotherAccount={leaveForAnother} />
        )}
        {stage.at === 'trouble' && (
          <>
            <p role="alert" class="notice">
              {stage.message}
            </p>
            <button type="button" onClick={start}>
              {TEXT.tryAgain}
            </button>
          </>
        )}
        {stage.at === 'here' && <Shown view={stage.view} />}
      </main>
      <footer class="muted">{TEXT.shared}</footer>
    </>
  );
}

function Shown({ view: { partner } }: { readonly view: View }) {
  if (partner === null) return <p class="notice">{TEXT.notAPartner}</p>;
  return (
    <>
      <h2>{TEXT.partner(visibleText(partner.name), partner.id)}</h2>
      {partner.subscriptions.length === 0 ? (
        <p class="notice">{TEXT.none}</p>
      ) : (
        <SharedSubscriptions subscriptions={partner.subscriptions} />
      )}
    </>
  );
}
