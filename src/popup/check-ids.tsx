import type { ComponentChildren, Ref } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { type CheckRun, leftToAsk, viewOfCheckRun } from '../domain/check-run';
import type { Check } from '../domain/history';
import type { PartnerId } from '../domain/partner';
import { LONGEST_PASTED, MOST_PASTED, readPastedIds } from '../domain/pasted-ids';
import { defaultConnectionOf } from '../domain/settings';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { onCheckRun, readCheckRun } from '../storage/check-run';
import type { HistoryReader } from '../storage/history';
import { areConnectionsUnread, type SettingsRead } from '../storage/settings';
import { forgetTypedIds, keepTypedIds, readTypedIds } from '../storage/typed-ids';
import { Button } from '../ui/button';
import { download } from '../ui/download';
import { Help } from '../ui/help';
import { Notice } from '../ui/notice';
import { ReadingSettings } from '../ui/reading-settings';
import { Name } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { useCopying } from '../ui/use-copying';
import { type Live, useLive } from '../ui/use-live';
import { ProblemNotice } from '../ui/problem-notice';
import { ProblemText } from '../ui/problem-text';
import { t } from '../words/words';
import { checksAsCsv, checksToPaste } from './check-export';
import { CheckProgress, CheckStanding, countsText } from './check-progress';
import { CheckResults } from './check-results';
import { OpenOptions } from './open-options';
import { signIn } from './sign-in';

interface CheckIdsProps {
  readonly history: HistoryReader;
  readonly settings: Live<SettingsRead>;
}

/** Looks up one Partner ID or many. The worker does it, so this shows what is kept of it, however often it is opened. */
export function CheckIds({ history, settings }: CheckIdsProps) {
  const kept = useLive(readCheckRun, calmly(onCheckRun), []);
  // Once: what is typed from now on is in the box.
  const left = useLive(readTypedIds, () => undefined, []);
  if (settings.state === 'failed') return <ProblemNotice cause={settings.cause} />;
  if (settings.state === 'reading' || kept.state === 'reading' || left.state === 'reading') return <ReadingSettings />;
  const connection = defaultConnectionOf(settings.value.settings);
  if (connection === null) {
    return (
      <Notice role="status" tone="plain" actions={<OpenOptions />}>
        {t(areConnectionsUnread(settings.value) ? 'pages.settingsUnread' : 'pages.notConfigured')}
      </Notice>
    );
  }
  if (kept.state === 'failed') return <ProblemNotice cause={kept.cause} />;
  if (left.state === 'failed') return <ProblemNotice cause={left.cause} />;
  // What another service said says nothing here.
  const run = kept.value?.connectionId === connection.id ? kept.value : null;
  const isOneOfMany = settings.value.settings.connections.length > 1;
  return (
    <CheckForm
      history={history}
      connectionId={connection.id}
      askedAt={isOneOfMany ? connection.name : null}
      run={run}
      left={left.value}
    />
  );
}

/** A list of hundreds that is drawn anew for each answer would keep the answers waiting. */
const DRAWN_EVERY_MS = 100;

/** Hears of the first change at once, and of those that follow in a row only so often. */
function calmly(listen: typeof onCheckRun): typeof onCheckRun {
  return (callback, signal) => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let isMore = false;
    const hear = () => {
      isMore = timer !== null;
      if (isMore) return;
      timer = setTimeout(() => {
        timer = null;
        if (isMore) hear();
      }, DRAWN_EVERY_MS);
      callback();
    };
    listen(hear, signal);
    signal.addEventListener('abort', () => timer !== null && clearTimeout(timer), { once: true });
  };
}

interface CheckFormProps {
  readonly history: HistoryReader;
  readonly connectionId: string;
  /** The name of that connection where there are others; null where there is no other. */
  readonly askedAt: string | null;
  readonly run: CheckRun | null;
  /** What was typed and left before it was checked. */
  readonly left: string | null;
}

function CheckForm({ history, connectionId, askedAt, run, left }: CheckFormProps) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const summary = useRef<HTMLParagraphElement>(null);
  /** Null until somebody types: until then it is what was checked last. */
  const [typed, setTyped] = useState(left);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const isBeginning = useRef(false);
  const isAskedHere = useRef(false);
  useEffect(() => {
    // What was asked for here comes into sight, also where the popup has no room for it below the box.
    if (isAskedHere.current) summary.current?.scrollIntoView({ block: 'nearest' });
    isAskedHere.current = false;
  }, [run?.id]);
  useEffect(() => {
    // Only at the opening, when nothing has the focus yet; without a scroll, since what needs the person stands above.
    if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, []);

  const text = typed ?? run?.typed ?? '';
  const isRunning = run?.state === 'running';
  const isSame = isRunning && run.typed === text;

  const tell = (act: () => Promise<unknown>) => {
    setProblem(null);
    act().catch((cause: unknown) => setProblem(<ProblemText cause={cause} />));
  };
  const begin = async () => {
    const unfit = unfitness(text);
    if (unfit !== null) {
      setProblem(unfit);
      return;
    }
    isBeginning.current = true;
    isAskedHere.current = true;
    try {
      const answer = await call('checks.start', { id: crypto.randomUUID(), typed: text });
      // The run has it from now on; unless more was typed meanwhile.
      if (answer === 'started' && box.current?.value === text) inBackground(forgetTypedIds(text));
      if (answer === 'noRoom') setProblem(t('check.noRoomToBegin'));
      if (answer === 'notConfigured') setProblem(t('failure.notConfigured'));
    } finally {
      isBeginning.current = false;
    }
  };
  const check = () => {
    // A second press, or key, while the first is under way.
    if (!isBeginning.current && !isSame) tell(begin);
  };
  const clear = () => {
    setTyped('');
    inBackground(forgetTypedIds(text));
    box.current?.focus();
    tell(() => call('checks.clear', {}));
  };

  return (
    <div class="stack">
      <div class="field">
        <label class="label" for={id}>
          {t('check.box')}
        </label>
        <textarea
          id={id}
          ref={box}
          class="input check-box"
          rows={2}
          value={text}
          autocomplete="off"
          spellcheck={false}
          aria-describedby={`${id}-hint`}
          aria-invalid={problem === null ? undefined : 'true'}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            inBackground(keepTypedIds(event.currentTarget.value));
            setProblem(null);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            check();
          }}
        />
        {problem !== null && (
          <div class="problem small" role="alert">
            {problem}
          </div>
        )}
        <p id={`${id}-hint`} class="muted small">
          {t('check.hint')}
        </p>
        {askedAt !== null && (
          <p class="muted small">
            <Sentence of="check.askedAt" with={{ source: <Name text={askedAt} /> }} />
          </p>
        )}
        <Help about="partnerId" />
      </div>
      <div class="row">
        <Button kind="primary" busy={isSame} onPress={check}>
          {t('check.check')}
        </Button>
        {isRunning && <Button onPress={() => tell(() => call('checks.stop', {}))}>{t('check.stop')}</Button>}
        {run !== null && !isRunning && (
          <Button kind="quiet" onPress={clear}>
            {t('check.clear')}
          </Button>
        )}
      </div>
      <Checked
        run={run}
        history={history}
        connectionId={connectionId}
        tell={tell}
        onSignIn={() => tell(async () => setProblem(await signIn()))}
        summary={summary}
      />
    </div>
  );
}

/** At once: a popup may close after any key. Without room for it, it is still there for as long as the page is. */
function inBackground(keeping: Promise<void>): void {
  keeping.catch((cause: unknown) => consoleLog.error('What was typed could not be kept', cause));
}

/** What a text holds that can't be checked at all, in words; null where it can. */
function unfitness(text: string): string | null {
  if (text.trim() === '') return t('partnerId.empty');
  if (text.length > LONGEST_PASTED) return t('check.tooLong', { most: MOST_PASTED });
  return readPastedIds(text).items.length === 0 ? t('check.nothingThere') : null;
}

interface CheckedProps extends Omit<CheckFormProps, 'left' | 'askedAt'> {
  readonly summary: Ref<HTMLParagraphElement>;
  readonly tell: (act: () => Promise<unknown>) => void;
  readonly onSignIn: () => void;
}

/** How far the run has come, what it found, and what to do with that. */
function Checked({ run, history, connectionId, tell, onSignIn, summary }: CheckedProps) {
  const typed = run?.typed ?? '';
  const pasted = useMemo(() => readPastedIds(typed), [typed]);
  const recent = useRecent(history, connectionId, run);
  const view = useMemo(() => run && viewOfCheckRun(run, pasted), [run, pasted]);
  return (
    <>
      {/* Always there, so that what comes into it is read out: that it began, and once how it ended. */}
      <p class="check-summary" role="status" ref={summary}>
        {run !== null && view !== null && countsText(run, view.counts)}
      </p>
      {run !== null && view !== null && (
        <>
          {run.state === 'running' && <CheckProgress run={run} counts={view.counts} />}
          {run.state !== 'running' && (
            <CheckStanding
              run={run}
              hasRest={leftToAsk(run).length > 0}
              onRest={() => tell(() => call('checks.resume', {}))}
              onSignIn={onSignIn}
            />
          )}
          {run.state !== 'running' && view.items.length > 0 && <TakeAlong key={run.id} items={view.items} />}
          <CheckResults items={view.items} isRunning={run.state === 'running'} recent={recent} />
        </>
      )}
    </>
  );
}

function TakeAlong({ items }: { readonly items: Parameters<typeof checksAsCsv>[0] }) {
  const { copy, outcome } = useCopying();
  const [saved, setSaved] = useState<string | null>(null);
  const save = () => {
    const file = `partner-ids-${new Date().toISOString().slice(0, 10)}.csv`;
    download(file, 'text/csv', checksAsCsv(items));
    setSaved(t('check.exported', { file }));
  };
  return (
    <div class="row">
      <Button
        onPress={() => {
          setSaved(null);
          copy(checksToPaste(items));
        }}
      >
        {t('check.copy')}
      </Button>
      <Button onPress={save}>{t('check.export')}</Button>
      <span class="muted small" aria-live="polite">
        {saved ?? outcome}
      </span>
    </div>
  );
}

/** Of more, the answers are there before anybody has read what was known. */
const MOST_RECALLED = 50;

/** What the history knew of a run's IDs when it was first shown. */
function useRecent(history: HistoryReader, connectionId: string, run: CheckRun | null): ReadonlyMap<PartnerId, Check> {
  const [recent, setRecent] = useState<ReadonlyMap<PartnerId, Check>>(new Map());
  useEffect(() => {
    let isShown = true;
    const recall = async () => {
      const known = new Map<PartnerId, Check>();
      for (const partnerId of run?.partnerIds.slice(0, MOST_RECALLED) ?? []) {
        const check = await history.latestCheck(connectionId, partnerId);
        if (check !== null) known.set(partnerId, check);
      }
      if (isShown) setRecent(known);
    };
    recall().catch((cause: unknown) => consoleLog.error('What was checked before could not be read', cause));
    return () => {
      isShown = false;
    };
  }, [connectionId, run?.id]);
  return recent;
}
