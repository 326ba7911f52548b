import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Announced } from '../ui/announce';
import { Button } from '../ui/button';
import { Sentence } from '../ui/sentence';
import { failureText } from '../words/failure';
import { notPermittedText } from '../words/plain-rights';
import { t } from '../words/words';
import { FATES, filterPlan, type PlanFilter, type PlannedRow, type PlanSummary, summaryOf } from './bulk-plan';
import { FromTo, PartnerOrNobody } from './from-to';
import { PagedRows, RowHead } from './paged';

interface PreviewProps {
  /** What comes of each row that something is wanted of. */
  readonly rows: readonly PlannedRow[];
  /** How many of the rows that are read again are read; null: all that is shown is of now. */
  readonly reading: { readonly done: number; readonly total: number } | null;
  /** The button that asks for it; absent where it stands elsewhere. */
  readonly confirm?: {
    readonly label: string;
    readonly busy: boolean;
    readonly off: boolean;
    readonly onPress: () => void;
  };
  /** Reads again what could not be read; null where nothing is to be. */
  readonly again: (() => void) | null;
}

/** What really changes from what to what, and what does not and why: each number shows its rows. */
export function Preview({ rows, reading, confirm, again }: PreviewProps) {
  const [chosen, setChosen] = useState<PlanFilter | null>(null);
  const summary = useMemo(() => summaryOf(rows), [rows]);
  const { counts } = summary;
  // A number that came to nothing is not there any more.
  const filter = chosen !== null && countIn(summary, chosen) > 0 ? chosen : null;
  const choose = (one: PlanFilter) => setChosen(isSame(one, filter) ? null : one);
  return (
    <section
      class={`preview stack-tight ${counts.changes === 0 ? 'preview-nothing' : ''}`}
      aria-label={t('bulk.preview.region')}
      aria-busy={reading !== null}
    >
      <h2>{t('bulk.preview.region')}</h2>
      {/* How far it has come is seen; read out is what it has come to. */}
      {reading !== null && (
        <p class="small muted">
          <span class="spinner spinner-inline" aria-hidden="true" /> {t('bulk.refreshing', reading)}
        </p>
      )}
      <Announced words={reading === null ? told(summary) : null} settlesMs={SETTLES_MS} />
      <div class="row preview-counts">
        {counts.changes > 0 && (
          <Count filter="changes" chosen={filter} onChoose={choose}>
            {t('bulk.preview.changes', { count: counts.changes })}
          </Count>
        )}
        {summary.replacing > 0 && (
          <Count filter="replacing" chosen={filter} onChoose={choose} strong>
            {t('bulk.preview.replacing', { count: summary.replacing })}
          </Count>
        )}
        {FATES.map(
          (fate) =>
            fate !== 'changes' &&
            counts[fate] > 0 && (
              <Count key={fate} filter={fate} chosen={filter} onChoose={choose}>
                {t(`bulk.preview.${fate}`, { count: counts[fate] })}
              </Count>
            ),
        )}
      </div>
      {summary.groups.length > 0 && (
        <ul class="preview-groups">
          {summary.groups.map(({ key, before, after, count }) => (
            <li key={key}>
              <Count filter={{ group: key }} chosen={filter} onChoose={choose}>
                <Sentence
                  of="bulk.preview.group"
                  with={{
                    count,
                    before: <PartnerOrNobody partner={before} />,
                    after: <PartnerOrNobody partner={after} />,
                  }}
                />
              </Count>
            </li>
          ))}
        </ul>
      )}
      {filter !== null && <Rows key={JSON.stringify(filter)} rows={filterPlan(rows, filter)} />}
      {again !== null && (
        <div class="row">
          <Button onPress={again}>{t('pages.tryAgain')}</Button>
        </div>
      )}
      {confirm !== undefined && (
        <div class="row">
          <Button kind="primary" busy={confirm.busy} off={confirm.off} onPress={confirm.onPress}>
            {confirm.label}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Selecting goes on row by row: what it comes to is read out once it stays. */
const SETTLES_MS = 700;

function told({ counts, replacing }: PlanSummary): string {
  if (counts.changes === 0) return t('bulk.preview.nothing');
  const changes = t('bulk.preview.changes', { count: counts.changes });
  return replacing === 0 ? `${changes}.` : `${changes}. ${t('bulk.preview.replacing', { count: replacing })}.`;
}

function isSame(one: PlanFilter, other: PlanFilter | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function countIn({ counts, replacing, groups }: PlanSummary, filter: PlanFilter): number {
  if (filter === 'replacing') return replacing;
  if (typeof filter === 'string') return counts[filter];
  return groups.find(({ key }) => key === filter.group)?.count ?? 0;
}

interface CountProps {
  readonly filter: PlanFilter;
  readonly chosen: PlanFilter | null;
  readonly onChoose: (filter: PlanFilter) => void;
  /** It is what nobody is to miss. */
  readonly strong?: boolean;
  readonly children: ComponentChildren;
}

/** A number that shows its rows while it is pressed. */
function Count({ filter, chosen, onChoose, strong = false, children }: CountProps) {
  const content = strong ? <strong>{children}</strong> : children;
  return (
    <button
      type="button"
      class={strong ? 'count count-strong' : 'count'}
      aria-pressed={isSame(filter, chosen)}
      onClick={() => onChoose(filter)}
    >
      {content}
    </button>
  );
}

function Rows({ rows }: { readonly rows: readonly PlannedRow[] }) {
  return (
    <PagedRows label={t('bulk.preview.list')} rows={rows}>
      {(row) => (
        <li key={row.key}>
          <RowHead name={row.name} id={row.subscriptionId} />
          <span class="bulk-what">
            <FateText row={row} />
          </span>
        </li>
      )}
    </PagedRows>
  );
}

function FateText({ row: { fate, after } }: { readonly row: PlannedRow }) {
  switch (fate.kind) {
    case 'changes':
      return <FromTo before={fate.plan.before} after={after} />;
    case 'already':
      return <PartnerOrNobody partner={after} />;
    case 'notPermitted':
      return <>{notPermittedText(fate.why)}</>;
    case 'busy':
      return <>{t('bulk.preview.why.busy')}</>;
    case 'unknown':
      return <>{fate.failure === null ? t('bulk.preview.why.neverRead') : failureText(fate.failure)}</>;
  }
}
