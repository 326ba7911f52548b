import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConfirmSubject } from '../domain/confirm-window';
import { subscriptionName } from '../domain/partner-state';
import { type Remedy, remediesFor } from '../domain/remedies';
import { isRefusedForId } from '../domain/standing';
import { visibleText } from '../domain/visible-text';
import { aboutExtension } from '../platform/about';
import { browser } from '../platform/browser';
import { consoleLog } from '../platform/log';
import { onConfirmWindow, readConfirmWindow } from '../storage/confirm-window';
import { Button } from '../ui/button';
import { CheckedPartner } from '../ui/checked-partner';
import { ConfirmRemoval } from '../ui/confirm-removal';
import { formatAge } from '../ui/format';
import { Help } from '../ui/help';
import { ConfirmLink, ConfirmUnlink } from '../ui/link-questions';
import { NotPermitted } from '../ui/not-permitted';
import { Notice } from '../ui/notice';
import { OtherAccount } from '../ui/other-account';
import { PageFoot } from '../ui/page-foot';
import { PartnerIdField } from '../ui/partner-id-field';
import { Name, PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { StandingActs, StandingText } from '../ui/standing-text';
import { useKeptFocus } from '../ui/use-kept-focus';
import { WindowNotice } from '../ui/window-notice';
import { useNow } from '../ui/use-now';
import { type About, ABOUT_WORDS } from '../words/about';
import { askProblemText } from '../words/ask-problem';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { Support, SupportContext } from '../ui/support';
import { ProblemText } from '../ui/problem-text';
import { type Arming, watchArming } from './arming';
import { type Acts, type Contents, runConfirm } from './confirm-controller';
import { isUnderWay, matterOf, type Shown } from './confirm-state';
import { RequestToCopy } from './request-to-copy';

/** The window: about one record or link, or about nothing when it is not the worker's window any more. */
export function ConfirmPage({ subject }: { readonly subject: ConfirmSubject | null }) {
  return (
    <>
      <header class="confirm-head">
        <img src="/icons/icon-32.png" alt="" width="24" height="24" />
        <h1>{t('confirm.title')}</h1>
      </header>
      {subject === null ? (
        <main class="confirm-main">
          <Notice tone="plain">{t('confirm.nothing')}</Notice>
          <div class="row">
            <Button onPress={closeWindow}>{t('confirm.close')}</Button>
          </div>
        </main>
      ) : (
        <Confirming subject={subject} />
      )}
      <footer class="confirm-foot muted small">
        <p>{t(wordsFor(subject).whose)}</p>
        <PageFoot {...aboutExtension()} />
      </footer>
    </>
  );
}

/** What stands above the partner by now, and above the one that a change brings. */
const TITLES = {
  record: { now: 'confirm.now', after: 'confirm.after' },
  link: { now: 'confirm.linkNow', after: 'confirm.linkAfter' },
} as const satisfies Readonly<Record<About, unknown>>;

/** Before it is about anything it speaks of records. */
function wordsFor(subject: ConfirmSubject | null) {
  const about = aboutIn(subject);
  return { ...ABOUT_WORDS[about], ...TITLES[about] };
}

function aboutIn(subject: ConfirmSubject | null): About {
  return subject?.link === undefined ? 'record' : 'link';
}

function Confirming({ subject }: { readonly subject: ConfirmSubject }) {
  const main = useKeptFocus();
  const [contents, setContents] = useState<Contents | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    runConfirm(subject, setContents, ended.signal);
    return () => ended.abort();
  }, [subject]);
  const { armed, early, whenArmed } = useArming(contents?.shown ?? null);
  useGivingUp(subject, contents?.shown ?? null);
  if (contents === null) return null;
  const { shown, acts } = contents;
  const pressed: Acts = {
    ...acts,
    save: () => whenArmed(acts.save),
    link: (sure) => (sure ? whenArmed(() => acts.link(true)) : acts.link(false)),
    askToRemove: () => whenArmed(acts.askToRemove),
    remove: (sure) => (sure ? whenArmed(() => acts.remove(true)) : acts.remove(false)),
    act: (act) => whenArmed(() => acts.act(act)),
  };
  const mayCancel =
    shown === null || (shown.ended === null && shown.work === null && shown.task?.kind !== 'notPermitted');
  return (
    <SupportContext.Provider value={contents.view?.support ?? null}>
      <main class="confirm-main" data-armed={armed ? 'yes' : 'no'} tabIndex={-1} ref={main}>
        <Subject subject={subject} shown={shown} />
        <Status {...contents} subject={subject} acts={pressed} />
        <Problems {...contents} subject={subject} acts={pressed} />
        {shown !== null && <Doing subject={subject} shown={shown} acts={pressed} />}
        {early && (
          <Notice role="alert" tone="warn">
            {t('confirm.pressAgain')}
          </Notice>
        )}
        <div class="row confirm-end">
          <Button onPress={closeWindow}>{mayCancel ? t('pages.cancel') : t('confirm.close')}</Button>
        </div>
      </main>
    </SupportContext.Provider>
  );
}

/** Which subscription it is, or whose link; who is the partner before the change, and who after one that is on its way. */
function Subject({ subject, shown }: { readonly subject: ConfirmSubject; readonly shown: Shown | null }) {
  const present = shown?.present ?? null;
  const work = shown?.work ?? null;
  const words = wordsFor(subject);
  const { link } = subject;
  return (
    <dl class="confirm-subject card">
      {link === undefined ? (
        <div>
          <dt class="muted small">{t('confirm.subscription')}</dt>
          <dd>
            {present !== null && (
              <strong>
                <Name text={subscriptionName(subject.subscriptionId, present)} />
              </strong>
            )}
            <span class="small muted confirm-id">
              <Name text={subject.subscriptionId} />
            </span>
          </dd>
        </div>
      ) : (
        <>
          <div>
            <dt class="muted small">{t('confirm.account')}</dt>
            <dd>
              <strong>
                <Name text={link.account} />
              </strong>
            </dd>
          </div>
          <div>
            <dt class="muted small">{t('confirm.tenant')}</dt>
            <dd>
              <strong>
                <Name text={link.tenant} />
              </strong>
              {link.tenant !== link.target.tenant && (
                <span class="small muted confirm-id">
                  <Name text={link.target.tenant} />
                </span>
              )}
            </dd>
          </div>
        </>
      )}
      {present !== null && (
        <div>
          <dt class="muted small">{t(words.now)}</dt>
          <dd>
            {present.partnerOfRecord === null ? (
              t(words.none)
            ) : (
              <strong>
                <PartnerName partner={present.partnerOfRecord} />
              </strong>
            )}
          </dd>
        </div>
      )}
      {work !== null && (
        <div>
          <dt class="muted small">{t(words.after)}</dt>
          <dd>
            <strong>{work.after === null ? t(words.none) : <PartnerName partner={work.after} />}</strong>
          </dd>
        </div>
      )}
    </dl>
  );
}

interface State {
  readonly text: ComponentChildren;
  readonly tone: 'busy' | 'good' | 'warn' | 'plain';
  readonly actions: ComponentChildren;
}

type AboutProps = Contents & { readonly subject: ConfirmSubject };

/** Where the change stands. The one `status` is there in every state, so that screen readers hear it change. */
function Status(contents: AboutProps) {
  const now = useNow();
  const { text, tone, actions } = stateOf(contents, now);
  return (
    <div class={text === null ? 'silent' : `notice notice-${tone}`}>
      {tone === 'busy' && <span class="spinner" aria-hidden="true" />}
      <div class="notice-text" role="status">
        {text}
      </div>
      {actions && <div class="row">{actions}</div>}
    </div>
  );
}

const SILENT: State = { text: null, tone: 'plain', actions: null };

function stateOf({ subject, shown, broken, acts }: AboutProps, now: number): State {
  const reading: State = { ...SILENT, text: t(wordsFor(subject).reading), tone: 'busy' };
  if (shown === null) return broken === null ? reading : SILENT;
  const { present, failure, asking, work, ended, task } = shown;
  if (asking !== null)
    return { ...SILENT, text: asking === 'removal' ? t('standing.removing') : t('standing.saving'), tone: 'busy' };
  if (work !== null) {
    const isStuck = work.may.length > 0;
    const actions = isStuck && <StandingActs standing={work} onAct={acts.act} />;
    return { text: <StandingText standing={work} now={now} />, tone: isStuck ? 'warn' : 'busy', actions };
  }
  if (task?.kind === 'form' && task.form.check?.kind === 'checking') {
    return { ...SILENT, text: t('panel.checking', { partnerId: task.form.check.partnerId }), tone: 'busy' };
  }
  if (ended?.at.phase === 'done') {
    const actions = ended.may.includes('undo') && (
      <StandingActs standing={{ ...ended, may: ['undo'] }} onAct={acts.act} />
    );
    return { text: <StandingText standing={ended} now={now} tense="news" />, tone: 'good', actions };
  }
  if (ended?.at.phase === 'cancelled' || ended?.at.phase === 'conflict')
    return { ...SILENT, text: <StandingText standing={ended} now={now} tense="news" /> };
  return present === null && failure === null ? reading : SILENT;
}

/** What is in the way, each with what to do about it. */
function Problems({ subject, draft, shown, view, reading, broken, acts }: AboutProps) {
  const now = useNow();
  const { link } = subject;
  const ended = shown?.ended ?? null;
  const about = aboutIn(subject);
  const offersSignIn = shown?.failure?.reason === 'signInNeeded' || shown?.work?.may.includes('signIn') === true;
  const again = (
    <Button busy={reading} onPress={acts.readAgain}>
      {t('pages.tryAgain')}
    </Button>
  );
  const remedies: Record<Remedy, () => ComponentChildren> = {
    signIn: () => (
      <Button key="signIn" onPress={acts.signIn}>
        {link === undefined ? t('pages.signIn') : t('link.signInAs', { account: visibleText(link.account) })}
      </Button>
    ),
    openOptions: () => (
      <Button key="openOptions" onPress={acts.openOptions}>
        {t('pages.openOptions')}
      </Button>
    ),
    // In the options too, which are offered where they help.
    testConnection: () => null,
    copyRequest: () => view && <RequestToCopy key="copyRequest" view={view} />,
    tryAgain: () => again,
  };
  return (
    <>
      {broken !== null && (
        <Notice role="alert" tone="bad" actions={again}>
          <ProblemText cause={broken} />
        </Notice>
      )}
      {view?.source === null ? (
        <Notice tone="plain" actions={<Button onPress={acts.openOptions}>{t('pages.openOptions')}</Button>}>
          {t(view.settingsUnread ? 'pages.settingsUnread' : wordsFor(subject).notConfigured)}
        </Notice>
      ) : (
        shown?.failure && (
          <Notice role="alert" tone="warn" actions={remediesFor(shown.failure).map((one) => remedies[one]())}>
            {failureText(shown.failure, view?.source, about)}{' '}
            {view?.readAt != null && (
              <Sentence of="panel.stale" with={{ age: <bdi>{formatAge(view.readAt, now)}</bdi> }} />
            )}
            <Support after={shown.failure} />
          </Notice>
        )
      )}
      {(ended?.at.phase === 'refused' || ended?.at.phase === 'unknown') && (
        <Notice role="alert" tone="bad">
          <StandingText standing={ended} now={now} tense="news" />
          {link !== undefined && isRefusedForId(ended) && <p>{t('link.location')}</p>}
          <Support />
        </Notice>
      )}
      {/* To sign in is offered once. */}
      <OtherAccount
        name={draft.otherAccount}
        wanted={offersSignIn ? null : (link?.account ?? null)}
        onSignIn={acts.signIn}
      />
      <WindowNotice problem={draft.windowProblem} failure={shown?.failure ?? null} />
      {shown?.askProblem && (
        <Notice role="alert" tone="bad">
          {shown.askProblem === 'otherByNow' ? t('standing.otherByNow') : askProblemText(shown.askProblem, about)}
        </Notice>
      )}
    </>
  );
}

interface DoingProps {
  readonly subject: ConfirmSubject;
  readonly shown: Shown;
  readonly acts: Acts;
}

/** What can be done now. */
function Doing({ subject, shown: { task, can }, acts }: DoingProps) {
  const { link } = subject;
  const words = wordsFor(subject);
  const box = useRef<HTMLInputElement>(null);
  const hasForm = task?.kind === 'form';
  const began = useRef(false);
  useEffect(() => {
    if (!hasForm || began.current) return;
    // Once: later the focus is where the person has it.
    began.current = true;
    box.current?.focus();
  }, [hasForm]);
  switch (task?.kind) {
    case 'form': {
      const { form, mayRemove } = task;
      const isAsItCame = form.typed !== '' && form.typed === subject.typed && (form.check === null || !task.canCheck);
      const hints = [isAsItCame ? t('confirm.typed') : null, link === undefined ? null : t('link.location')];
      return (
        <div class="stack">
          <PartnerIdField
            form={form}
            onType={acts.type}
            onCheck={task.canCheck ? acts.check : null}
            onEnter={link === undefined ? undefined : acts.save}
            hint={hints.filter((hint) => hint !== null).join(' ') || null}
            inputRef={box}
          />
          <Help about="partnerId" />
          <CheckedPartner
            check={form.check}
            can={can}
            title={t(words.after)}
            about={aboutIn(subject)}
            onSave={acts.save}
            onSignIn={acts.signIn}
          />
          {mayRemove && (
            <div class="confirm-remove" data-focus="remove">
              <Button kind="danger" onPress={acts.askToRemove}>
                {t(words.remove)}
              </Button>
            </div>
          )}
        </div>
      );
    }
    case 'confirmRemoval':
      if (link !== undefined) return <ConfirmUnlink {...link} partner={task.partner} onAnswer={acts.remove} />;
      return <ConfirmRemoval partner={task.partner} mails={can?.mails === true} onAnswer={acts.remove} />;
    case 'confirmLink':
      return link && <ConfirmLink {...link} {...task} onAnswer={acts.link} />;
    case 'notPermitted':
      return (
        <>
          <NotPermitted why={task} />
          <Support />
        </>
      );
    case undefined:
      return null;
  }
}

/** Presses count once the window, with what stands in it now, has been before the person for half a second. */
function useArming(shown: Shown | null) {
  const [armed, setArmed] = useState(false);
  const [early, setEarly] = useState(false);
  const arming = useRef<Arming | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    arming.current = watchArming(setArmed, ended.signal);
    return () => ended.abort();
  }, []);
  const matter = shown && matterOf(shown);
  // Before the person can see it.
  useLayoutEffect(() => {
    arming.current?.again();
    setEarly(false);
  }, [matter]);
  const whenArmed = (act: () => void) => {
    const counts = arming.current?.isArmed() === true;
    setEarly(!counts);
    if (counts) act();
  };
  return { armed, early, whenArmed };
}

/** Another record or link has its window now, since nothing was under way in this one. */
function useGivingUp(subject: ConfirmSubject, shown: Shown | null): void {
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    const ended = new AbortController();
    const look = async () => {
      const present = await readConfirmWindow();
      const isOurs = present === null || present.subject.id === subject.id;
      if (!isOurs && !(latest.current !== null && isUnderWay(latest.current))) closeWindow();
    };
    onConfirmWindow(() => {
      look().catch((cause: unknown) => consoleLog.error('Whose window this is could not be read', cause));
    }, ended.signal);
    return () => ended.abort();
  }, [subject]);
}

/** As a tab, which is all that the window has: a person may have made it one among others. */
function closeWindow(): void {
  browser.tabs
    .getCurrent()
    .then((tab) => (tab?.id === undefined ? undefined : browser.tabs.remove(tab.id)))
    .catch((cause: unknown) => consoleLog.error('The window could not be closed', cause));
}
