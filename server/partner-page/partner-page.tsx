import { useEffect, useState } from 'preact/hooks';
import { type Me, readView, SignedOut, type View } from './api';
import { Name, Sentence, useReader } from './reader';
import { SharedSubscriptions } from './shared-subscriptions';
import {
  finishSignIn,
  forgetToken,
  keptToken,
  leaveToSignIn,
  type Means,
  type OpenIdConnect,
  readMeans,
  signOut,
} from './sign-in';
import { SignIn } from './sign-in-form';
import { Support } from './support';
import { type Cause, type Leaving, SignInFailed, Trouble, troubleText } from './trouble';

/** What the page is at, from nobody being known to all being read. */
type Stage =
  | { readonly at: 'loading' }
  | { readonly at: 'signedOut'; readonly means: Means; readonly why: Leaving | null }
  | { readonly at: 'here'; readonly view: View }
  | { readonly at: 'trouble'; readonly why: Cause };

/** The whole page: signing in, then what the partner's customers share. Its sentences are for whoever reads them at that stage. */
export function PartnerPage() {
  const { words } = useReader();
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
      return setStage({ at: 'signedOut', means: known, why: cause.why });
    }
    const token = keptToken();
    if (token === null) return setStage({ at: 'signedOut', means: known, why: null });
    try {
      setStage({ at: 'here', view: await readView(token) });
    } catch (cause) {
      if (!(cause instanceof SignedOut)) throw cause;
      forgetToken();
      const code = known.kind === 'openIdConnect' ? 'ended' : 'refused';
      setStage({ at: 'signedOut', means: known, why: { code } });
    }
  }

  const start = () => {
    load().catch((cause: unknown) => {
      setStage({ at: 'trouble', why: cause instanceof Trouble ? cause.why : { code: 'unreadable' } });
    });
  };
  useEffect(start, []);

  const leave = async () => {
    const told = await signOut(means);
    if (means !== null) setStage({ at: 'signedOut', means, why: { code: told ? 'done' : 'doneHereOnly' } });
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
          <p class="muted">{words.t('partnerPage.product')}</p>
          <h1>{titleOf(stage, words.t)}</h1>
        </div>
        {stage.at === 'here' && (
          <div class="who">
            <p class="muted">
              <Sentence of="partnerPage.signIn.as" with={namesOf(stage.view.me)} />
            </p>
            {means?.kind === 'openIdConnect' && (
              <button type="button" onClick={() => leaveForAnother(means)}>
                {words.t('partnerPage.signIn.another')}
              </button>
            )}
            <button type="button" onClick={leave}>
              {words.t('partnerPage.signIn.out')}
            </button>
          </div>
        )}
      </header>
      <main>
        {stage.at === 'loading' && <p role="status">{words.t('partnerPage.loading')}</p>}
        {stage.at === 'signedOut' && (
          <SignIn means={stage.means} why={stage.why} onToken={start} onAnotherAccount={leaveForAnother} />
        )}
        {stage.at === 'trouble' && (
          <>
            <p role="alert" class="notice notice-bad">
              {troubleText(stage.why, words)}
            </p>
            <button type="button" onClick={start}>
              {words.t('partnerPage.tryAgain')}
            </button>
          </>
        )}
        {stage.at === 'here' && <Shown view={stage.view} />}
      </main>
      <footer class="muted">
        {stage.at === 'here' && (
          <>
            {stage.view.partner !== null && <p>{words.t('partnerPage.shared.why')}</p>}
            <Support support={stage.view.me.support} />
          </>
        )}
      </footer>
    </>
  );
}

function titleOf(stage: Stage, t: ReturnType<typeof useReader>['words']['t']): string {
  if (stage.at !== 'here') return t('partnerPage.title');
  return stage.view.partner === null ? t('partnerPage.other.title') : t('partnerPage.shared.title');
}

function namesOf({ name, organization }: Me) {
  return { name: <Name text={name} />, organization: <Name text={organization} /> };
}

function Shown({ view: { me, partner } }: { readonly view: View }) {
  const { words } = useReader();
  if (partner === null) {
    return (
      <section class="card">
        <p>
          <Sentence of="partnerPage.other.who" with={namesOf(me)} />
        </p>
        <p>{words.t('partnerPage.other.administrator')}</p>
        <p>{words.t('partnerPage.other.partner')}</p>
      </section>
    );
  }
  return (
    <>
      <h2>
        <Sentence of="partnerPage.shared.partner" with={{ name: <Name text={partner.name} />, id: partner.id }} />
      </h2>
      {partner.subscriptions.length === 0 ? (
        <p class="notice">{words.t('partnerPage.shared.none')}</p>
      ) : (
        <SharedSubscriptions partner={partner} />
      )}
    </>
  );
}
