import { useMemo, useRef, useState } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { type ImportFile, partnersIn } from '../domain/import-file';
import { type ImportMatch, rowsAt } from '../domain/import-match';
import { Button } from '../ui/button';
import { CheckField } from '../ui/choices';
import { Notice } from '../ui/notice';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { AskRemoval } from '../ui/ask-many';
import { useAsking } from './bulk-bar';
import type { KnownRow } from './bulk-plan';
import { compareRows, type ListedRow, planRows, wantedIn } from './import-compare';
import type { ImportCsvProps } from './import-csv';
import { ImportFindings, Lines } from './import-findings';
import type { ImportProblem } from './import-words';
import { Preview } from './preview';
import { useFresh } from './use-fresh';
import type { SelectedConnection } from './use-partner-check';
import { usePartnerChecks } from './use-partner-checks';
import { useSliced } from './use-sliced';

interface ImportPlanProps<Row extends ListedRow>
  extends Pick<ImportCsvProps<Row>, 'rows' | 'knownOf' | 'since' | 'lists' | 'isWhole' | 'onReadList' | 'onAsked'> {
  readonly name: string;
  readonly file: ImportFile;
  readonly connection: SelectedConnection;
  /** What the others are called. */
  readonly others: readonly string[];
}

/** What a file comes to: its problems, and what really changes. Nothing is sent until that is confirmed. */
export function ImportPlan<Row extends ListedRow>(props: ImportPlanProps<Row>) {
  const { name, rows, knownOf, connection, others, since, lists, isWhole, onReadList, onAsked } = props;
  const at = useMemo(
    () => rowsAt(props.file.rows, connection.name, others),
    [props.file, connection.name, others.join('\n')],
  );
  const file = useMemo(
    () => ({ ...props.file, rows: at.here, problems: inLines([...props.file.problems, ...at.problems]) }),
    [props.file, at],
  );
  const [onlyDiffering, setOnlyDiffering] = useState(true);
  const [isAskingFirst, setAskingFirst] = useState(false);
  const partnerIds = useMemo(() => partnersIn(file.rows), [file]);
  const { checks, progress, again } = usePartnerChecks(partnerIds, connection.id);
  const compared = useSliced(
    async (pause) => {
      const match = await compareRows(file.rows, rows, connection.id, checks, pause);
      const isChecked = match.waiting.length === 0;
      return { match, wanted: isChecked ? await wantedIn(match, onlyDiffering, knownOf, pause) : null };
    },
    [file, rows, knownOf, connection.id, checks, onlyDiffering],
  );
  const wanted = progress === null ? (compared?.value.wanted ?? null) : null;
  const fresh = useFresh(wanted?.rows ?? NO_ROWS, { since, isWanted: wanted !== null, lists, onReadList });
  const planned = useSliced(
    async (pause) => wanted && { wanted, ...(await planRows({ rows: fresh.rows, after: wanted.after }, pause)) },
    [fresh.rows, wanted],
  );
  const asking = useAsking('import', onAsked);
  /** What was asked for last: what came in its way says nothing of what is wanted now. */
  const askedFor = useRef(wanted);
  const left = compared && leftOut(compared.value.match, isWhole(connection.id));
  const problems = useMemo(
    () => inLines([...file.problems, ...(left?.problems ?? [])]),
    [file, compared?.value.match, left?.isWhole],
  );
  const unusual = useMemo(() => {
    const same = new Set(compared?.value.match.already.map(({ row }) => row));
    return file.rows.flatMap((row) => (row.unusualLength && !same.has(row) ? [row.line] : []));
  }, [file, compared?.value.match]);
  const isListRead = lists.some((list) => list.connectionId === connection.id && list.isReading);
  if (compared === null || left === null) return <Comparing />;

  const already = compared.value.match.already.length;
  const plan = wanted && (planned?.value ?? null);
  const make = ({ rows: asked, wanted: by }: NonNullable<typeof plan>) => {
    setAskingFirst(false);
    askedFor.current = by;
    asking.ask(asked);
  };
  return (
    <>
      <ImportFindings {...{ name, file, problems, unusual }} elsewhere={at.elsewhere} />
      {progress !== null && (
        <div class="stack-tight">
          <p class="muted small">{t('imports.checking', progress)}</p>
          <progress class="progress" aria-label={t('imports.checks')} value={progress.done} max={progress.total} />
        </div>
      )}
      {progress === null && left.failure !== null && (
        <Notice role="alert" tone="bad" actions={<Button onPress={again}>{t('pages.tryAgain')}</Button>}>
          {t('imports.notChecked', { count: left.notChecked.length })} {failureText(left.failure)}
          <Lines lines={left.notChecked} />
        </Notice>
      )}
      {left.cut.length > 0 && (
        <Notice tone="warn">
          {isListRead ? (
            t('imports.readingList')
          ) : (
            <>
              {t('imports.listCut', { count: left.cut.length })}
              <Lines lines={left.cut} />
            </>
          )}
        </Notice>
      )}
      {file.rows.length > 0 && (
        <>
          <CheckField
            label={t('imports.onlyDiffering')}
            checked={onlyDiffering}
            onToggle={setOnlyDiffering}
            hint={already === 0 ? undefined : t('imports.already', { count: already })}
          />
          {asking.problem !== null && askedFor.current === plan?.wanted && (
            <Notice role="alert" tone="bad">
              {asking.problem}
            </Notice>
          )}
          {wanted !== null && plan === null && <Comparing />}
          {plan !== null && (
            <Preview
              rows={plan.rows}
              reading={fresh.reading}
              again={fresh.again}
              {...(plan.changes > 0 && {
                confirm: {
                  label: t('imports.make', { count: plan.changes }),
                  busy: asking.isBusy,
                  off: fresh.reading !== null || planned?.isCurrent !== true,
                  onPress: () => (plan.removes === 0 ? make(plan) : setAskingFirst(true)),
                },
              })}
            />
          )}
        </>
      )}
      {isAskingFirst && plan !== null && (
        <AskRemoval
          count={plan.removes}
          mails={connection.can?.mails === true}
          onAnswer={(sure) => (sure ? make(plan) : setAskingFirst(false))}
        />
      )}
    </>
  );
}

const NO_ROWS: readonly KnownRow[] = [];

/** Long files take their time. */
function Comparing() {
  return (
    <p class="muted small">
      <span class="spinner spinner-inline" aria-hidden="true" /> {t('imports.comparing')}
    </p>
  );
}

interface LeftOut {
  readonly isWhole: boolean;
  readonly problems: readonly ImportProblem[];
  /** The lines of rows that are not in the list as far as it is read. */
  readonly cut: readonly number[];
  readonly notChecked: readonly number[];
  /** Why the first of them was not checked. */
  readonly failure: Failure | null;
}

/** What is not carried out. What a list that is not read to its end does not have is no problem of the row's. */
function leftOut({ problems }: ImportMatch<ListedRow>, isWhole: boolean): LeftOut {
  const named: ImportProblem[] = [];
  const cut: number[] = [];
  const notChecked: number[] = [];
  let failure: Failure | null = null;
  for (const problem of problems) {
    if (problem.kind === 'notChecked') {
      notChecked.push(problem.line);
      failure ??= problem.failure;
    } else if (problem.kind === 'notListed' && !isWhole) cut.push(problem.line);
    else named.push(problem);
  }
  return { isWhole, problems: named, cut, notChecked, failure };
}

function inLines(problems: readonly ImportProblem[]): readonly ImportProblem[] {
  return problems.toSorted((one, other) => lineOf(one) - lineOf(other));
}

function lineOf(problem: ImportProblem): number {
  return problem.kind === 'empty' ? 0 : problem.line;
}
