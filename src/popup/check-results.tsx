import type { CheckedItem } from '../domain/check-run';
import type { Check } from '../domain/history';
import type { PartnerId } from '../domain/partner';
import { formatAge } from '../ui/format';
import { Name } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { useNow } from '../ui/use-now';
import { Support } from '../ui/support';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { pastedProblemText } from './check-export';

interface CheckResultsProps {
  readonly items: readonly CheckedItem[];
  readonly isRunning: boolean;
  /** The last check of an ID that was known before, shown until there is an answer. */
  readonly recent: ReadonlyMap<PartnerId, Check>;
}

/** What is longer has no room where IDs stand. */
const LONGEST_ID = 10;

/** One line for each ID, with its name or its problem. */
export function CheckResults({ items, isRunning, recent }: CheckResultsProps) {
  return (
    <ul class="check-results card" aria-label={t('check.list')}>
      {items.map((item) =>
        item.kind === 'notAnId' ? (
          <li
            key={`${item.item.problem} ${item.item.written}`}
            class={`check-result ${item.item.written.length > LONGEST_ID ? 'check-no-id' : ''}`}
          >
            <span class="check-number">
              <Name text={item.item.written} />
            </span>
            <p class="problem">{pastedProblemText(item.item.problem)}</p>
          </li>
        ) : (
          <li key={item.partnerId} class="check-result">
            <span class="id check-number">{item.partnerId}</span>
            <div>
              <Answer item={item} isRunning={isRunning} recent={recent.get(item.partnerId) ?? null} />
            </div>
          </li>
        ),
      )}
    </ul>
  );
}

interface AnswerProps {
  readonly item: Extract<CheckedItem, { kind: 'id' }>;
  readonly isRunning: boolean;
  readonly recent: Check | null;
}

function Answer({ item, isRunning, recent }: AnswerProps) {
  const outcome = item.result?.outcome ?? null;
  switch (outcome?.kind) {
    case undefined:
      return (
        <>
          {recent !== null && <Recent check={recent} />}
          {isRunning ? (
            <p class="muted small">{t(recent === null ? 'check.checking' : 'check.checkingAgain')}</p>
          ) : null}
          {!isRunning && <p class="muted">{t('check.notChecked')}</p>}
        </>
      );
    case 'found':
      return <Partner name={outcome.partner.name} location={outcome.location ?? null} />;
    case 'unknownPartner':
      return (
        <>
          <p class="problem">{t('check.unknown')}</p>
          {item.unusualLength && <p class="muted small">{t('check.unusualLength')}</p>}
        </>
      );
    case 'failed':
      return (
        <>
          {recent !== null && <Recent check={recent} />}
          <p class="problem">{failureText(outcome.failure)}</p>
          <Support after={outcome.failure} />
        </>
      );
  }
}

function Recent({ check: { outcome, checkedAt } }: { readonly check: Check }) {
  const now = useNow();
  if (outcome.kind === 'failed') return null;
  return (
    <>
      {outcome.kind === 'found' ? (
        <Partner name={outcome.partner.name} location={outcome.location ?? null} />
      ) : (
        <p class="problem">{t('check.unknown')}</p>
      )}
      <p class="muted small">
        <Sentence of="check.checkedAt" with={{ age: <bdi>{formatAge(checkedAt, now)}</bdi> }} />
      </p>
    </>
  );
}

function Partner({ name, location }: { readonly name: string; readonly location: string | null }) {
  return (
    <>
      <p class="check-name">
        <Name text={name} />
      </p>
      {location !== null && (
        <p class="muted small">
          <Name text={location} />
        </p>
      )}
    </>
  );
}
