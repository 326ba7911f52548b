import type { PartnerRef } from '../domain/partner';
import type { LoggedChange } from '../domain/subscription';
import type { ChangesAnswer } from '../messaging/protocol';
import { Button } from '../ui/button';
import { FailureText } from '../ui/failure-text';
import { formatMoment } from '../ui/format';
import { Notice } from '../ui/notice';
import { Name, PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { t } from '../words/words';

interface ChangeLogProps {
  readonly answer: ChangesAnswer;
  readonly reading: boolean;
  /** Where the log is kept. */
  readonly source: string;
  readonly now: number;
  readonly onAgain: () => void;
}

/** What the service keeps of the subscription's changes, whoever made them: when, from what to what, and by whom. */
export function ChangeLog({ answer, reading, source, now, onAgain }: ChangeLogProps) {
  if (!answer.ok) {
    const again = (
      <Button weight="free" busy={reading} onPress={onAgain}>
        {t('pages.tryAgain')}
      </Button>
    );
    return (
      <Notice role="alert" tone="warn" actions={again}>
        {t('panel.log.failed')} <FailureText failure={answer.failure} service={source} />
      </Notice>
    );
  }
  const { changes, more, readAt } = answer;
  return (
    <div class="log" aria-busy={reading}>
      <p class="small muted">
        <Sentence
          of="panel.log.whose"
          with={{ source: <Name text={source} />, moment: <bdi>{formatMoment(readAt, now)}</bdi> }}
        />
      </p>
      {changes.length === 0 ? (
        <p>{t('panel.log.empty')}</p>
      ) : (
        <ul class="log-list" aria-label={t('panel.log.list')}>
          {changes.map((change, at) => (
            <LogItem key={at} change={change} now={now} />
          ))}
        </ul>
      )}
      {more && <p class="small muted">{t('panel.log.more', { count: changes.length })}</p>}
    </div>
  );
}

function LogItem({ change: { before, after, at, by }, now }: { readonly change: LoggedChange; readonly now: number }) {
  return (
    <li class="log-item">
      <p class="small muted">
        <time dateTime={at}>
          <bdi>{formatMoment(Date.parse(at), now)}</bdi>
        </time>{' '}
        {by && <Sentence of="panel.log.by" with={{ name: <Name text={by} /> }} />}
      </p>
      <p>
        <Sentence of="panel.log.fromTo" with={{ before: partnerOrNone(before), after: partnerOrNone(after) }} />
      </p>
    </li>
  );
}

function partnerOrNone(partner: PartnerRef | null) {
  return partner === null ? t('panel.log.none') : <PartnerName partner={partner} />;
}
