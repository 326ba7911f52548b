import type { ComponentChildren } from 'preact';
import type { Failure } from '../domain/failure';
import { isRefusedForId } from '../domain/standing';
import type { LinkFacts } from '../messaging/protocol';
import { Button } from '../ui/button';
import { FailureText } from '../ui/failure-text';
import { CopyRequest } from '../ui/copy-request';
import { ConfirmRemoval } from '../ui/confirm-removal';
import { formatAge } from '../ui/format';
import { ConfirmLink, ConfirmUnlink } from '../ui/link-questions';
import { Notice } from '../ui/notice';
import { OtherAccount } from '../ui/other-account';
import { Name } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { StandingText } from '../ui/standing-text';
import { WhomToAsk } from '../ui/whom-to-ask';
import { WindowNotice } from '../ui/window-notice';
import { type About, ABOUT_WORDS } from '../words/about';
import { askProblemText } from '../words/ask-problem';
import { t } from '../words/words';
import { ChangeLog } from './change-log';
import { ConfirmInExtension } from './confirm-in-extension';
import type { Acts, PanelContents } from './panel-controller';
import { confirmReasonOf, linkIn, type ReadFailure, type Shown, workIn } from './panel-state';
import { PartnerForm } from './partner-form';
import { Remedies } from './remedies';
import { WorkNotice, workStatus } from './work-notice';

type Read = Extract<Shown, { state: 'read' }>;

interface PanelBodyProps extends PanelContents {
  readonly about: About;
  /** What can be done is there in full. */
  readonly open: boolean;
}

/** What stands below the line. The one `status` is there in every state, so that screen readers hear it change. */
export function PanelBody({ about, open, ...contents }: PanelBodyProps) {
  const { shown, windowProblem, now, acts } = contents;
  const { text, tone, actions, shows } = statusOf(about, contents);
  const confirm = confirmReasonOf(shown, contents.sureness);
  const log = shown.state === 'read' ? shown.log : null;
  return (
    <>
      <div
        class={text === null ? 'silent' : shows ? `notice notice-${tone}` : 'for-readers'}
        data-about={text === null ? undefined : 'status'}
      >
        {tone === 'busy' && <span class="spinner" aria-hidden="true" />}
        <div class="notice-text" role="status">
          {text}
        </div>
        {actions && <div class="row">{actions}</div>}
      </div>
      <Problems {...contents} about={about} />
      {confirm !== null && <ConfirmInExtension why={confirm} acts={acts} />}
      <WindowNotice problem={windowProblem} failure={failureIn(shown)} />
      <OtherAccount
        name={contents.otherAccount}
        wanted={linkIn(shown)?.account?.name ?? null}
        onSignIn={() => acts.signIn()}
      />
      <Working {...contents} />
      {shown.state === 'read' && shown.link !== null && <LinkHints link={shown.link} />}
      {open && shown.state === 'read' && <Doing {...contents} shown={shown} />}
      {shown.state === 'read' && log !== null && log.answer !== null && (
        <ChangeLog
          answer={log.answer}
          reading={log.reading}
          source={shown.source}
          now={now}
          onAgain={acts.readLogAgain}
        />
      )}
    </>
  );
}

interface Status {
  readonly text: ComponentChildren;
  readonly tone: 'busy' | 'good' | 'warn' | 'plain';
  readonly actions: ComponentChildren;
  /** Whether eyes read it here: where something else shows it already, it is said alone. */
  readonly shows: boolean;
}

const SILENT: Status = { text: null, tone: 'plain', actions: null, shows: true };

function statusOf(about: About, { shown, now, acts }: PanelContents): Status {
  // The line shows it.
  if (shown.state === 'reading') return { ...SILENT, text: t(ABOUT_WORDS[about].reading), shows: false };
  if (shown.state === 'unread' && shown.work !== null) return workStatus(shown.work, now, acts, false) ?? SILENT;
  if (shown.state !== 'read') return SILENT;
  const { task, ending, work, log } = shown;
  if (work !== null) return workStatus(work, now, acts, 'busy' in task && task.busy) ?? SILENT;
  // The button that was pressed shows these.
  if (task.kind === 'form' && task.form.check?.kind === 'checking') {
    return { ...SILENT, text: t('panel.checking', { partnerId: task.form.check.partnerId }), shows: false };
  }
  if (ending === null && log !== null && log.answer === null)
    return { ...SILENT, text: t('panel.log.reading'), shows: false };
  switch (ending?.kind) {
    case 'done': {
      const undo = ending.mayUndo && <Button onPress={acts.undo}>{t('standing.acts.undo')}</Button>;
      return {
        ...SILENT,
        text: <StandingText standing={ending.standing} now={now} tense="news" />,
        tone: 'good',
        actions: undo,
      };
    }
    case 'ended':
      return { ...SILENT, text: <StandingText standing={ending.standing} now={now} tense="news" /> };
    case 'failed':
    case undefined:
      return SILENT;
  }
}

interface ReadFailureTextProps {
  readonly failure: ReadFailure;
  readonly service: string | null;
  readonly about: About;
}

function ReadFailureText({ failure, service, about }: ReadFailureTextProps) {
  if (failure === null) return <>{t('panel.noAnswer')}</>;
  if (typeof failure === 'string') return <>{t(`storage.${failure}`)}</>;
  return <FailureText failure={failure} service={service} about={about} />;
}

/** What is in the way, each with what to do about it. */
function Problems({ about, shown, now, acts }: PanelContents & { readonly about: About }) {
  switch (shown.state) {
    case 'absent':
      return null;
    case 'gone':
      return (
        <Notice role="alert" tone="warn">
          {t('panel.gone')}
        </Notice>
      );
    case 'notConfigured':
      return (
        <Notice
          tone="plain"
          actions={
            <Button weight="free" onPress={acts.openOptions}>
              {t('pages.openOptions')}
            </Button>
          }
        >
          {t(shown.unread ? 'pages.settingsUnread' : 'panel.notConfigured')}
        </Notice>
      );
    case 'withheld':
      return (
        <Notice
          tone="plain"
          actions={
            <Button weight="glance" onPress={acts.showPartner}>
              {t(ABOUT_WORDS[about].show)}
            </Button>
          }
        >
          {t(ABOUT_WORDS[about].withheld)}
        </Notice>
      );
    case 'unread':
      return (
        <Notice role="alert" tone="warn" actions={<UnreadActs shown={shown} acts={acts} />}>
          <p>
            <ReadFailureText failure={shown.failure} service={shown.source} about={about} />
          </p>
          {isUnknown(shown.failure) && shown.support !== null && <WhomToAsk support={shown.support} />}
        </Notice>
      );
    case 'read': {
      const { stale, ending, askProblem, readAt } = shown;
      return (
        <>
          {stale && (
            <Notice role="alert" tone="warn" actions={<Remedies {...stale} acts={acts} />}>
              <ReadFailureText failure={stale.failure} service={shown.source} about={about} />{' '}
              <Sentence of="panel.stale" with={{ age: <bdi>{formatAge(readAt, now)}</bdi> }} />
            </Notice>
          )}
          {ending?.kind === 'failed' && (
            <Notice role="alert" tone="bad">
              <p>
                <StandingText standing={ending.standing} now={now} tense="news" />
              </p>
              {ending.failure.reason === 'refused' && shown.support !== null && <WhomToAsk support={shown.support} />}
              {shown.link !== null && isRefusedForId(ending.standing) && <p>{t('link.location')}</p>}
            </Notice>
          )}
          {askProblem && (
            <Notice role="alert" tone="bad" actions={askActions(askProblem, acts)}>
              {askProblemText(askProblem, about)}
            </Notice>
          )}
        </>
      );
    }
    case 'reading':
      return null;
  }
}

/** Why nothing newer could be read; null where it could, or the extension itself is why. */
function failureIn(shown: Shown): Failure | null {
  const failure = shown.state === 'read' ? shown.stale?.failure : shown.state === 'unread' ? shown.failure : null;
  return typeof failure === 'object' ? failure : null;
}

interface UnreadActsProps {
  readonly shown: Extract<Shown, { state: 'unread' }>;
  readonly acts: Acts;
}

/** A subscription that the service does not know can be asked for. */
function UnreadActs({ shown, acts }: UnreadActsProps) {
  const { failure, subscriptionId, source } = shown;
  return (
    <>
      <Remedies {...shown} acts={acts} />
      {isUnknown(failure) && subscriptionId !== null && (
        <CopyRequest request={{ subscriptionId, page: location.href, service: source, person: null }} />
      )}
    </>
  );
}

function isUnknown(failure: ReadFailure): boolean {
  return failure !== null && typeof failure !== 'string' && failure.code === 'SubscriptionNotFound';
}

function askActions(problem: Exclude<Read['askProblem'], null>, acts: Acts): ComponentChildren {
  return problem === 'noAnswer' ? <Button onPress={acts.askAgain}>{t('pages.tryAgain')}</Button> : null;
}

/** A change that is stuck until the person answers, or whose outcome nobody knows. */
function Working({ shown, now, acts }: PanelContents) {
  const work = workIn(shown);
  if (work === null) return null;
  return (
    <div data-about={`work ${work.kind}`}>
      <WorkNotice work={work} now={now} acts={acts} />
    </div>
  );
}

/** Where the link counts, and whether work on the subscription is attributed by it. */
function LinkHints({ link: { isDelegated, tenant, attribution } }: { readonly link: LinkFacts }) {
  return (
    <div class="small muted">
      {isDelegated && tenant !== null && (
        <p>
          <Sentence of="link.delegated" with={{ tenant: <Name text={tenant.name ?? tenant.id} /> }} />
        </p>
      )}
      {attribution !== null && <p>{t(`link.attribution.${attribution.reason}`)}</p>}
    </div>
  );
}

function namesOf({ account, tenant }: LinkFacts) {
  return { account: account?.name ?? '', tenant: tenant?.name ?? tenant?.id ?? '' };
}

/** Whose links may be shown besides. */
function Accounts({ link: { account, accounts }, acts }: { readonly link: LinkFacts; readonly acts: Acts }) {
  const others = accounts.filter(({ user }) => user !== account?.user);
  return (
    <div class="row">
      {others.map(({ user, name }) => (
        <Button key={user} kind="quiet" weight="free" onPress={() => acts.chooseAccount(user)}>
          <span>
            <Sentence of="link.use" with={{ account: <Name text={name} /> }} />
          </span>
        </Button>
      ))}
      <Button kind="quiet" weight="free" onPress={() => acts.signIn(true)}>
        {t('link.another')}
      </Button>
    </div>
  );
}

/** What can be done now. */
function Doing({ shown: { task, present, can, link }, usedPartners, acts }: PanelContents & { readonly shown: Read }) {
  switch (task.kind) {
    case 'form':
      return (
        <>
          <PartnerForm
            link={link}
            form={task.form}
            can={can}
            busy={task.busy}
            usedPartners={usedPartners}
            current={present.partnerOfRecord}
            acts={acts}
          />
          {link !== null && <Accounts link={link} acts={acts} />}
        </>
      );
    case 'confirmLink':
      return link && <ConfirmLink {...task} {...namesOf(link)} onAnswer={acts.link} />;
    case 'confirmRemoval':
      if (link !== null) return <ConfirmUnlink {...task} {...namesOf(link)} onAnswer={acts.remove} />;
      return (
        <ConfirmRemoval partner={task.partner} mails={can?.mails === true} busy={task.busy} onAnswer={acts.remove} />
      );
    case 'notPermitted':
    case 'nothing':
      return null;
  }
}
