import type { Ref } from 'preact';
import { useId } from 'preact/hooks';
import type { Connection } from '../domain/connection';
import {
  type HistoryFilter,
  ROW_GROUPS,
  ROW_KINDS,
  ROW_OUTCOMES,
  type RowGroup,
  type RowKind,
  type RowOutcome,
} from '../domain/history';
import { RadioRow, SelectField } from '../ui/choices';
import { t } from '../words/words';
import { parseDateRange } from './date-range';

/** What the person chose to see of the history, as the fields hold it. */
export interface Chosen {
  readonly show: RowGroup | 'all';
  readonly text: string;
  /** `yyyy-mm-dd`; empty for no limit, null for something that is no date. */
  readonly from: string | null;
  readonly to: string | null;
  readonly kind: RowKind | '';
  readonly outcome: RowOutcome | '';
  /** By its ID. */
  readonly connection: string;
}

/** What is seen at first: all changes. */
export const CHANGES: Chosen = { show: 'changes', text: '', from: '', to: '', kind: '', outcome: '', connection: '' };

/** The filter that was chosen. `problem`: what the dates can't be read for; they let everything through then. */
export function filterOf({ show, text, from, to, kind, outcome, connection }: Chosen): {
  readonly filter: HistoryFilter;
  readonly problem: 'notADate' | 'reversed' | null;
} {
  const dates = from === null || to === null ? NO_DATE : parseDateRange(from, to);
  const filter: HistoryFilter = {
    ...(show !== 'all' && { group: show }),
    ...(text.trim() !== '' && { text }),
    ...(dates.ok && dates.range),
    ...(kind !== '' && { kind }),
    ...(outcome !== '' && { outcome }),
    ...(connection !== '' && { connectionId: connection }),
  };
  return { filter, problem: dates.ok ? null : dates.problem };
}
const NO_DATE = { ok: false, problem: 'notADate' } as const;

/** Whether more was chosen than what is shown at large. */
export function isNarrowed({ show: _show, ...narrower }: Chosen): boolean {
  return Object.values(narrower).some((part) => part !== '');
}

const SHOWS = [...ROW_GROUPS, 'all'] as const;
/** What there is to choose from in each group. */
const KINDS_IN: Record<RowGroup, (kind: RowKind) => boolean> = {
  changes: (kind) => kind !== 'check',
  checks: (kind) => kind === 'check',
};
const OF_CHECKS: readonly RowOutcome[] = ['found', 'notFound', 'failed'];
const OUTCOMES_IN: Record<RowGroup, (outcome: RowOutcome) => boolean> = {
  changes: (outcome) => !OF_CHECKS.includes(outcome),
  checks: (outcome) => OF_CHECKS.includes(outcome),
};

interface HistoryFiltersProps {
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
  readonly search: Ref<HTMLInputElement>;
  readonly connections: readonly Connection[];
  /** There is something that dates, types and results could be chosen of. */
  readonly narrows: boolean;
}

/** The fields that choose what is seen of the history. */
export function HistoryFilters({ chosen, onChoose, search, connections, narrows }: HistoryFiltersProps) {
  const id = useId();
  const { show, text, kind, outcome, connection } = chosen;
  const { problem } = filterOf(chosen);
  const choose = (more: Partial<Chosen>) => onChoose({ ...chosen, ...more });
  const kinds = show === 'all' ? ROW_KINDS : ROW_KINDS.filter(KINDS_IN[show]);
  const outcomes = show === 'all' ? ROW_OUTCOMES : ROW_OUTCOMES.filter(OUTCOMES_IN[show]);

  return (
    <div class="history-filters">
      <div class="field history-search">
        <label class="for-readers" for={id}>
          {t('history.search')}
        </label>
        <input
          ref={search}
          id={id}
          class="input"
          type="search"
          placeholder={t('history.searchHint')}
          value={text}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => choose({ text: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || text === '' || event.isComposing) return;
            // Else it would close the whole popup.
            event.preventDefault();
            choose({ text: '' });
          }}
        />
      </div>
      <div class="history-show">
        <RadioRow
          label={t('history.show')}
          value={show}
          options={SHOWS.map((one) => [one, t(`history.groups.${one}`)] as const)}
          onChoose={(one) => choose({ show: one, kind: '', outcome: '' })}
        />
      </div>
      {narrows && (
        <>
          <DateField
            label={t('history.from')}
            value={chosen.from}
            problemId={problem === null ? null : `${id}-dates`}
            onChoose={(from) => choose({ from })}
          />
          <DateField
            label={t('history.to')}
            value={chosen.to}
            problemId={problem === null ? null : `${id}-dates`}
            onChoose={(to) => choose({ to })}
          />
          {problem !== null && (
            <p id={`${id}-dates`} class="problem small history-dates" role="alert">
              {t(`history.dateProblems.${problem}`)}
            </p>
          )}
          {kinds.length > 1 && (
            <SelectField
              label={t('history.type')}
              value={kind}
              options={[['', t('history.anyType')], ...kinds.map((one) => [one, t(`history.types.${one}`)] as const)]}
              onChoose={(one) => choose({ kind: one })}
            />
          )}
          <SelectField
            label={t('history.result')}
            value={outcome}
            options={[
              ['', t('history.anyResult')],
              ...outcomes.map((one) => [one, t(`history.results.${one}`)] as const),
            ]}
            onChoose={(one) => choose({ outcome: one })}
          />
          {connections.length > 1 && (
            <SelectField
              label={t('history.connection')}
              value={connection}
              options={[
                ['', t('history.anyConnection')],
                ...connections.map(({ id: one, name }) => [one, name] as const),
              ]}
              onChoose={(one) => choose({ connection: one })}
            />
          )}
        </>
      )}
    </div>
  );
}

interface DateFieldProps {
  readonly label: string;
  readonly value: string | null;
  /** The element that says what is wrong; null when nothing is. */
  readonly problemId: string | null;
  readonly onChoose: (date: string | null) => void;
}

/** A date, typed or picked as the browser has it. */
function DateField({ label, value, problemId, onChoose }: DateFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="input"
        type="date"
        // What can't be read stays as it was typed, to be mended.
        value={value ?? undefined}
        aria-invalid={problemId === null ? undefined : 'true'}
        aria-describedby={problemId ?? undefined}
        onInput={({ currentTarget }) => onChoose(currentTarget.validity.badInput ? null : currentTarget.value)}
      />
    </div>
  );
}
