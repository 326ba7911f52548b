import { useEffect } from 'preact/hooks';
import type { Settings } from '../domain/settings';
import { isUnseenEnd } from '../domain/phase';
import type { Standing } from '../domain/standing';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { Name, PartnerOf } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { StandingText } from '../ui/standing-text';
import { t } from '../words/words';
import { ChangeActs } from './change-acts';
import { servedPageOf } from './served-page';
import { SupportOf } from './support-of';

interface ChangeBodyProps {
  readonly standing: Standing;
  /** Null while they are being read: then nothing can be done yet. */
  readonly settings: Settings | null;
  readonly now: number;
  /** Whether the person has it before them. */
  readonly shown: boolean;
}

/** One change: where, from whom to whom, who asked, how it stands, and what can be done. */
export function ChangeBody({ standing, settings, now, shown }: ChangeBodyProps) {
  const { at, target, targetName, changeId, attempts } = standing;
  const page = servedPageOf(standing, settings);
  const isMet = shown && isUnseenEnd(at);
  useEffect(() => {
    if (!isMet) return;
    call('change.seen', { changeId }).catch((cause: unknown) =>
      consoleLog.error('A change could not be marked as seen', cause),
    );
  }, [isMet, changeId]);

  return (
    <>
      <p class="entry-target one-line">
        {page === null ? (
          <Name text={targetName} />
        ) : (
          <a class="entry-link" href={page} target="_blank" rel="noreferrer">
            <Name text={targetName} />
          </a>
        )}
      </p>
      {target.kind === 'subscription' && target.id !== targetName && (
        <p class="small muted">
          <Name text={target.id} />
        </p>
      )}
      <p>
        <Sentence
          of="history.beforeAfter"
          with={{
            before: <PartnerOf target={target} partner={standing.before} />,
            after: <PartnerOf target={target} partner={standing.after} />,
          }}
        />
      </p>
      <Asker standing={standing} />
      <p class={`small entry-state-${at.phase}`}>
        <StandingText standing={standing} now={now} />
        {attempts > 1 && <span class="muted"> · {t('history.attempts', { count: attempts })}</span>}
      </p>
      {at.phase === 'refused' && <SupportOf connectionId={target.connectionId} settings={settings} after={at.cause} />}
      <ChangeActs standing={standing} />
    </>
  );
}

/** Who asked, and who sent it as their own; nothing where nobody knows, nor where the state says it. */
function Asker({ standing: { askedBy, sentAs, at } }: { readonly standing: Standing }) {
  const words = at.phase === 'otherPerson' ? null : askerText(askedBy, sentAs);
  return words && <p class="small muted">{words}</p>;
}

function askerText(askedBy: string | null, sentAs: string | null) {
  const person = askedBy === null ? null : <Name text={askedBy} />;
  const sender = sentAs === null ? null : <Name text={sentAs} />;
  if (person !== null && sender !== null) return <Sentence of="history.askedAndSent" with={{ person, sender }} />;
  if (person !== null) return <Sentence of="history.askedBy" with={{ person }} />;
  return sender && <Sentence of="history.sentAs" with={{ sender }} />;
}
