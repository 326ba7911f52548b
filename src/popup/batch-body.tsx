import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Batch } from '../domain/batch';
import type { BatchEntry } from '../domain/history';
import type { Person } from '../domain/person';
import type { Settings } from '../domain/settings';
import type { Viewer } from '../domain/standing';
import { targetNameOf } from '../domain/target';
import { asksAbout } from '../messaging/follow-up';
import type { BatchMember, BatchReader } from '../storage/history';
import { BatchActs } from '../ui/batch-acts';
import { Button } from '../ui/button';
import { holdText } from '../ui/hold-text';
import { Name, PartnerName } from '../ui/partner-name';
import { ProblemText } from '../ui/problem-text';
import { Sentence } from '../ui/sentence';
import { type About, aboutIn } from '../words/about';
import { behindText, countsText, itemText } from '../words/batch';
import { t } from '../words/words';
import { ChangeBody } from './change-body';

interface BatchBodyProps {
  readonly entry: BatchEntry;
  /** The batch that goes first at its connection; null: nothing is in its way. */
  readonly ahead: Batch | null;
  readonly history: Pick<BatchReader, 'outcomesOf'>;
  readonly viewers: readonly Viewer[];
  readonly settings: Settings | null;
  readonly now: number;
  readonly shown: boolean;
}

/** So many changes of a batch are shown at once. */
const SHOWN_AT_ONCE = 20;

/** A batch in one: to which partner, who asked, how it stands, what can be done about all of it, and its changes when asked for. */
export function BatchBody({ entry, ahead, ...rest }: BatchBodyProps) {
  const { batch, progress, askedBy } = entry;
  const [isOpen, setOpen] = useState(false);
  const about = aboutIn(rest.settings, batch.connectionId);
  const held = holdText(progress.hold, rest.now) ?? (ahead && behindText(ahead, about));
  return (
    <>
      <p class="entry-target">{partnersText(batch, about)}</p>
      {askedBy !== null && (
        <p class="small muted">
          <Sentence of="history.askedBy" with={{ person: <Name text={askedBy} /> }} />
        </p>
      )}
      <p class="small">{countsText(progress.counts)}</p>
      {held !== null && <p class="small">{held}</p>}
      <BatchActs {...{ batch, progress }} me={personAt(rest.viewers, batch.connectionId)} asks={asksAbout(batch.id)}>
        <Button kind="quiet" expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? t('history.hideChanges') : t('history.showChanges')}
        </Button>
      </BatchActs>
      {isOpen && <Members entry={entry} {...rest} />}
    </>
  );
}

function partnersText({ partners }: Batch, about: About): ComponentChildren {
  const [partner, ...others] = partners;
  if (partner === undefined) return t(about === 'link' ? 'link.removed' : 'history.noPartnerAnyMore');
  return others.length === 0 ? <PartnerName partner={partner} /> : t('history.partners', { count: partners.length });
}

/** The changes of a batch, some at a time. */
function Members({ entry, history, viewers, settings, now, shown }: Omit<BatchBodyProps, 'ahead'>) {
  const { id, progress } = entry;
  const [size, setSize] = useState(SHOWN_AT_ONCE);
  const [read, setRead] = useState<readonly BatchMember[]>([]);
  const [isMore, setMore] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const ended = new AbortController();
    history.outcomesOf(id, null, null, size, { viewers, now: Date.now() }).then(
      ({ members, next }) => {
        if (ended.signal.aborted) return;
        setRead(members);
        setMore(next !== null);
        setProblem(null);
      },
      (cause: unknown) => {
        if (!ended.signal.aborted) setProblem(cause);
      },
    );
    return () => ended.abort();
    // How far the batch is, and who looks, alter what is read; the same told again does not.
  }, [history, id, size, JSON.stringify([progress, viewers])]);

  return (
    <>
      {problem !== null && (
        <div class="small problem" role="alert">
          <ProblemText cause={problem} />
        </div>
      )}
      <ul class="batch-members" aria-label={t('history.changesOfBatch')}>
        {read.map((member) => (
          <li key={member.order}>
            {member.kind === 'change' ? (
              <ChangeBody standing={member.standing} settings={settings} now={now} shown={shown} />
            ) : (
              <Unmade member={member} />
            )}
          </li>
        ))}
      </ul>
      {isMore && <Button onPress={() => setSize(size + SHOWN_AT_ONCE)}>{t('history.moreChanges')}</Button>}
    </>
  );
}

/** What no change was made of, and why. */
function Unmade({ member }: { readonly member: Exclude<BatchMember, { readonly kind: 'change' }> }) {
  if (member.kind === 'damaged') return <p class="small muted">{t('batch.item.damaged')}</p>;
  const { item, outcome } = member;
  return (
    <>
      <p class="entry-target one-line">
        <Name text={targetNameOf(item.target, item.targetName)} />
      </p>
      <p class="small muted">{itemText(outcome)}</p>
    </>
  );
}

function personAt(viewers: readonly Viewer[], connectionId: string): Person | null {
  return viewers.find((viewer) => viewer.connectionId === connectionId)?.person ?? null;
}
