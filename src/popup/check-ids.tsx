import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Settings } from '../domain/settings';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import type { HistoryReader } from '../storage/history';
import { readSettings } from '../storage/settings';
import { Button } from '../ui/button';
import { formatAge } from '../ui/format';
import { Notice } from '../ui/notice';
import { Name } from '../ui/partner-name';
import { failureText } from '../words/failure';
import { problemText } from '../words/problem';
import { t } from '../words/words';
import type { Live } from '../ui/use-live';
import { useNow } from '../ui/use-now';
import { type Answer, type CheckedId, checkTyped, type ValidId } from './check-run';

interface CheckIdsProps {
  readonly history: HistoryReader;
  readonly settings: Live<Settings>;
}

/** Looks up one Partner ID or many. */
export function CheckIds({ history, settings }: CheckIdsProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [ids, setIds] = useState<readonly CheckedId[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const run = useRef<AbortController | null>(null);
  const now = useNow();
  useEffect(() => () => run.current?.abort(), []);

  if (settings.state === 'here' && settings.value.connection === null) {
    return (
      <Notice role="status" tone="plain" actions={<OpenOptions />}>
        {t('pages.notConfigured')}
      </Notice>
    );
  }

  const check = () => {
    run.current?.abort();
    const ended = new AbortController();
    run.current = ended;
    setProblem(typed.trim() === '' ? t('partnerId.empty') : null);
    checkTyped(
      typed,
      {
        latestCheck: async (partnerId) => {
          const { connection } = await readSettings();
          return connection && history.latestCheck(connection.id, partnerId);
        },
        check: (partnerId) => call('partner.check', { partnerId }),
        show: setIds,
      },
      ended.signal,
    ).catch((cause: unknown) => setProblem(problemText(cause)));
  };
  const ended = ids.filter((known) => 'problem' in known || known.answer !== null).length;

  return (
    <div class="stack">
      <div class="field">
        <label class="label" for={id}>
          {t('popup.partnerIds')}
        </label>
        <textarea
          id={id}
          class="input ids-input"
          rows={2}
          value={typed}
          autocomplete="off"
          spellcheck={false}
          inputMode="numeric"
          aria-describedby={`${id}-hint`}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            check();
          }}
        />
        <p id={`${id}-hint`} class="muted small">
          {t('popup.partnerIdsHint')}
        </p>
        {problem !== null && (
          <p class="problem small" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div class="row">
        <Button kind="primary" onPress={check}>
          {t('popup.check')}
        </Button>
        <p class="muted small" role="status">
          {ids.length > 0 && progressText(ended, ids.length)}
        </p>
      </div>
      {ids.length > 0 && (
        <ul class="checked card" aria-label={t('popup.checked')}>
          {ids.map((known) => (
            <li key={known.typed} class="checked-id">
              <span class="id checked-number">
                <Name text={'partnerId' in known ? known.partnerId : known.typed} />
              </span>
              <div class="checked-answer">
                {'problem' in known ? (
                  <p class="problem">{t(`partnerId.${known.problem}`)}</p>
                ) : (
                  <Known id={known} now={now} />
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function OpenOptions() {
  const open = () => {
    call('options.open', {}).catch((cause: unknown) => consoleLog.error('The options could not be opened', cause));
  };
  return (
    <Button kind="primary" onPress={open}>
      {t('pages.openOptions')}
    </Button>
  );
}

/** The answer; until it is there, or when none came, the last one known, with its age. */
function Known({ id, now }: { readonly id: ValidId; readonly now: number }) {
  const { answer, recent, unusualLength } = id;
  const told = answer?.kind === 'found' || answer?.kind === 'unknownPartner';
  return (
    <>
      {!told && recent !== null && recent.outcome.kind !== 'failed' && (
        <>
          <AnswerText answer={recent.outcome} />
          <p class="muted small">{t('popup.checkedAt', { age: formatAge(recent.checkedAt, now) })}</p>
        </>
      )}
      {answer === null ? (
        <p class="muted small busy">
          <span class="spinner" aria-hidden="true" />
          {recent === null ? t('popup.checking') : t('popup.checkingAgain')}
        </p>
      ) : (
        <AnswerText answer={answer} />
      )}
      {unusualLength && answer?.kind === 'unknownPartner' && <p class="muted small">{t('popup.unusualLength')}</p>}
    </>
  );
}

function AnswerText({ answer }: { readonly answer: Answer }) {
  switch (answer.kind) {
    case 'found':
      return (
        <p>
          <strong>
            <Name text={answer.partner.name} />
          </strong>
          {answer.location !== undefined && (
            <span class="muted">
              , <Name text={answer.location} />
            </span>
          )}
        </p>
      );
    case 'unknownPartner':
      return <p class="problem">{t('popup.unknownId')}</p>;
    case 'failed':
      return <p class="problem">{failureText(answer.failure)}</p>;
    case 'confirmInExtension':
      return <p class="problem">{t('popup.confirmInExtension')}</p>;
    case 'broken':
      return <p class="problem">{problemText(answer.cause)}</p>;
  }
}

function progressText(done: number, total: number): string {
  return done === total ? t('popup.checkedAll', { count: total }) : t('popup.checkProgress', { done, total });
}
