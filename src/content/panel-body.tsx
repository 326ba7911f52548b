import type { ComponentChildren } from 'preact';
import { Button } from '../ui/button';
import { ConfirmRemoval } from '../ui/confirm-removal';
import { formatAge, formatDate, formatMoment } from '../ui/format';
import { NotPermitted } from '../ui/not-permitted';
import { Notice } from '../ui/notice';
import { Name, PartnerName } from '../ui/partner-name';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { ConfirmInExtension } from './confirm-in-extension';
import type { Acts, PanelContents } from './panel-controller';
import type { ConfirmReason, ReadFailure, Shown } from './panel-state';
import { PartnerForm } from './partner-form';
import { Remedies } from './remedies';
import { WorkNotice, workStatus } from './work-notice';

type Read = Extract<Shown, { state: 'read' }>;

/** What stands in the card. The one `status` is there in every state, so that screen readers hear it change. */
export function PanelBody(contents: PanelContents) {
  const { shown, windowProblem, now, acts } = contents;
  const { text, tone, actions } = statusOf(contents);
  const confirm = confirmReason(contents);
  return (
    <>
      {shown.state === 'read' && <Current shown={shown} now={now} acts={acts} />}
      <div class={text === null ? 'silent' : `notice notice-${tone}`} data-about={text === null ? undefined : 'status'}>
        {tone === 'busy' && <span class="spinner" aria-hidden="true" />}
        <div class="notice-text" role="status">
          {text}
        </div>
        {actions && <div class="row">{actions}</div>}
      </div>
      <Problems {...contents} />
      {confirm !== null && <ConfirmInExtension why={confirm} problem={windowProblem} acts={acts} />}
      <Doing {...contents} />
    </>
  );
}

/** Why the extension's own window is the way on; what the worker will not take from a panel counts before what was not seen. */
function confirmReason({ shown, sureness }: PanelContents): ConfirmReason | null {
  const told = 'confirm' in shown ? shown.confirm : null;
  if (told !== null) return told;
  return sureness === 'unsure' && (shown.state === 'read' || shown.state === 'withheld') ? 'unsure' : null;
}

interface Status {
  readonly text: ComponentChildren;
  readonly tone: 'busy' | 'good' | 'warn' | 'plain';
  readonly actions: ComponentChildren;
}

const SILENT: Status = { text: null, tone: 'plain', actions: null };

function statusOf({ shown, now, acts }: PanelContents): Status {
  if (shown.state === 'reading') return { ...SILENT, text: t('panel.reading'), tone: 'busy' };
  const work = workIn(shown);
  if (work !== null) return workStatus(work, now, acts) ?? SILENT;
  if (shown.state !== 'read') return SILENT;
  const { task, ending } = shown;
  if (task.kind === 'form' && task.form.check?.kind === 'checking') {
    return { ...SILENT, text: t('panel.checking', { partnerId: task.form.check.partnerId }), tone: 'busy' };
  }
  if (ending?.kind === 'stopped') return { ...SILENT, text: t('panel.stopped') };
  if (ending?.kind !== 'done') return SILENT;
  const undo = ending.mayUndo && <Button onPress={acts.undo}>{t('standing.acts.undo')}</Button>;
  return {
    text: ending.standing.kind === 'remove' ? t('panel.removed') : t('panel.changed'),
    tone: 'good',
    actions: undo,
  };
}

function workIn(shown: Shown) {
  if (shown.state === 'unread') return shown.work;
  return shown.state === 'read' && shown.task.kind === 'work' ? shown.task.work : null;
}

/** The partner of record, since when, where that was read and when. */
function Current({ shown, now, acts }: { readonly shown: Read; readonly now: number; readonly acts: Acts }) {
  const { record, source, readAt, task } = shown;
  const partner = record.partnerOfRecord;
  return (
    <div class="panel-current">
      <div class="panel-facts">
        {partner === null ? (
          <p class="partner partner-none">{t('panel.none')}</p>
        ) : (
          <>
            <p class="partner">
              <PartnerName partner={partner} />
            </p>
            <p class="muted">
              {t('panel.since', { date: formatDate(partner.assignedAt) })}{' '}
              <Name text={t('panel.by', { name: partner.assignedBy })} />
            </p>
          </>
        )}
        <p class="muted small">
          <Name text={t('panel.readFrom', { source, moment: formatMoment(readAt, now) })} />
        </p>
      </div>
      {task.kind === 'form' && task.mayRemove && (
        <div data-focus="remove">
          <Button kind="danger" weight="glance" onPress={acts.askToRemove}>
            {t('panel.remove')}
          </Button>
        </div>
      )}
    </div>
  );
}

function readFailureText(failure: ReadFailure): string {
  if (failure === null) return t('panel.noAnswer');
  return typeof failure === 'string' ? t(`storage.${failure}`) : failureText(failure);
}

/** What is in the way, each with what to do about it. */
function Problems({ shown, now, acts }: PanelContents) {
  switch (shown.state) {
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
              {t('panel.openOptions')}
            </Button>
          }
        >
          {t('panel.notConfigured')}
        </Notice>
      );
    case 'withheld':
      return (
        <Notice
          tone="plain"
          actions={
            <Button weight="glance" onPress={acts.showPartner}>
              {t('panel.showPartner')}
            </Button>
          }
        >
          {t('panel.withheld')}
        </Notice>
      );
    case 'unread':
      return (
        <Notice role="alert" tone="warn" actions={<Remedies {...shown} acts={acts} />}>
          {readFailureText(shown.failure)}
        </Notice>
      );
    case 'read': {
      const { stale, ending, askProblem, readAt } = shown;
      return (
        <>
          {stale && (
            <Notice role="alert" tone="warn" actions={<Remedies {...stale} acts={acts} />}>
              {readFailureText(stale.failure)} {t('panel.stale', { age: formatAge(readAt, now) })}
            </Notice>
          )}
          {(ending?.kind === 'refused' || ending?.kind === 'unknown') && (
            <Notice role="alert" tone="bad">
              {ending.kind === 'refused' ? t('panel.refused') : t('standing.unknown')} {failureText(ending.failure)}
            </Notice>
          )}
          {askProblem && (
            <Notice role="alert" tone="bad" actions={askActions(askProblem, acts)}>
              {t(`standing.problems.${askProblem}`)}
            </Notice>
          )}
        </>
      );
    }
    case 'reading':
      return null;
  }
}

function askActions(problem: Exclude<Read['askProblem'], null>, acts: Acts): ComponentChildren {
  return problem === 'noAnswer' ? <Button onPress={acts.askAgain}>{t('panel.tryAgain')}</Button> : null;
}

/** What can be done now. */
function Doing({ shown, usedPartners, now, acts }: PanelContents) {
  const work = workIn(shown);
  if (work !== null) {
    return (
      <div data-about={`work ${work.kind}`}>
        <WorkNotice work={work} now={now} acts={acts} />
      </div>
    );
  }
  if (shown.state !== 'read') return null;
  const { task, record } = shown;
  switch (task.kind) {
    case 'form':
      return <PartnerForm form={task.form} usedPartners={usedPartners} current={record.partnerOfRecord} acts={acts} />;
    case 'confirmRemoval':
      return <ConfirmRemoval partner={task.partner} onAnswer={acts.remove} />;
    case 'notPermitted':
      return <NotPermitted why={task} />;
    default:
      return null;
  }
}
