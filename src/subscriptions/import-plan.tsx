import { useMemo, useRef, useState } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { type ImportFile, partnersIn } from '../domain/import-file';
import { type ImportMatch, matchImport } from '../domain/import-match';
import type { PartnerRef } from '../domain/partner';
import { partnerOf } from '../domain/partner-state';
import type { SubscriptionId } from '../domain/subscription';
import { Button } from '../ui/button';
import { CheckField } from '../ui/choices';
import { Notice } from '../ui/notice';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { AskMany } from '../ui/ask-many';
import { useAsking } from './bulk-bar';
import { type KnownRow, type PlannedRow, planRow } from './bulk-plan';
import type { ImportCsvProps } from './import-csv';
import { ImportFindings } from './import-findings';
import type { ImportProblem } from './import-words';
import { Preview } from './preview';
import { useFresh } from './use-fresh';
import type { SelectedConnection } from './use-partner-check';
import { usePartnerChecks } from './use-partner-checks';

interface ImportPlanProps
  extends Pick<ImportCsvProps<never>, 'since' | 'lists' | 'isWhole' | 'onReadList' | 'onAsked'> {
  readonly name: string;
  readonly file: ImportFile;
  /** The subscriptions of the connection. */
  readonly known: ReadonlyMap<SubscriptionId, KnownRow>;
  readonly connection: SelectedConnection;
}

/** A row of the list with the partner that the file wants for it. */
interface Wanted {
  readonly row: KnownRow;
  readonly after: PartnerRef | null;
}

/** What a file comes to: its problems, and what really changes. Nothing is sent until that is confirmed. */
export function ImportPlan(props: ImportPlanProps) {
  const { name, file, known, connection, since, lists, isWhole, onReadList, onAsked } = props;
  const [onlyDiffering, setOnlyDiffering] = useState(true);
  const [isAskingFirst, setAskingFirst] = useState(false);
  const partnerIds = useMemo(() => partnersIn(file.rows), [file]);
  const { checks, progress, again } = usePartnerChecks(partnerIds, connection.id);
  const match = useMemo(() => matchImport(file.rows, known, checks), [file, known, checks]);
  const isChecked = progress === null && match.waiting.length === 0;
  const wanted = useMemo(() => (isChecked ? wantedIn(match, onlyDiffering) : []), [match, onlyDiffering, isChecked]);
  const wantedRows = useMemo(() => wanted.map(({ row }) => row), [wanted]);
  const fresh = useFresh(wantedRows, { since, isWanted: isChecked, lists, onReadList });
  const plan = useMemo(
    () => fresh.rows.map((row, at) => planRow(row, wanted[at]?.after ?? null)),
    [fresh.rows, wanted],
  );
  const changes = plan.filter(({ fate }) => fate.kind === 'changes').length;
  const removes = plan.filter(isRemoval).length;
  const asking = useAsking('import', onAsked);
  /** What was asked for last: what of it was not taken up is not asked for in the place of what is wanted now. */
  const askedFor = useRef(wanted);
  const left = leftOut(match, isWhole(connection.id));
  const problems = useMemo(() => inLines([...file.problems, ...left.problems]), [file, match, left.isWhole]);
  const isListRead = lists.some((list) => list.connectionId === connection.id && list.isReading);

  const make = () => {
    setAskingFirst(false);
    if (askedFor.current !== wanted) asking.forget();
    askedFor.current = wanted;
    asking.ask(plan);
  };
  return (
    <>
      <ImportFindings name={name} file={file} problems={problems} />
      {progress !== null && (
        <div class="stack-tight">
          <p class="muted small">{t('imports.checking', progress)}</p>
          <progress class="progress" aria-label={t('imports.checks')} value={progress.done} max={progress.total} />
        </div>
      )}
      {progress === null && left.failure !== null && (
        <Notice role="alert" tone="bad" actions={<Button onPress={again}>{t('pages.tryAgain')}</Button>}>
          {t('imports.notChecked', { count: left.notChecked })} {failureText(left.failure)}
        </Notice>
      )}
      {left.cut > 0 && (
        <Notice tone="warn">{isListRead ? t('imports.readingList') : t('imports.listCut', { count: left.cut })}</Notice>
      )}
      {file.rows.length > 0 && (
        <>
          <CheckField
            label={t('imports.onlyDiffering')}
            checked={onlyDiffering}
            onToggle={setOnlyDiffering}
            hint={match.already.length === 0 ? undefined : t('imports.already', { count: match.already.length })}
          />
          {asking.problem !== null && askedFor.current === wanted && (
            <Notice role="alert" tone="bad">
              {asking.problem}
            </Notice>
          )}
          {isChecked && (
            <Preview
              rows={plan}
              reading={fresh.reading}
              again={fresh.again}
              {...(changes > 0 && {
                confirm: {
                  label: t('imports.make', { count: changes }),
                  busy: asking.isBusy,
                  off: fresh.reading !== null,
                  onPress: () => (removes === 0 ? make() : setAskingFirst(true)),
                },
              })}
            />
          )}
        </>
      )}
      {isAskingFirst && (
        <AskMany
          title={t('bulk.removeTitle', { count: removes })}
          count={removes}
          onAnswer={(sure) => (sure ? make() : setAskingFirst(false))}
        >
          <p>{t('bulk.removeText', { count: removes })}</p>
          {connection.can?.mails && <p class="muted small">{t('bulk.partnersTold')}</p>}
        </AskMany>
      )}
    </>
  );
}

function wantedIn({ differing, already }: ImportMatch<KnownRow>, onlyDiffering: boolean): readonly Wanted[] {
  const changed = differing.map(({ known, after }) => ({ row: known, after }));
  if (onlyDiffering) return changed;
  const same = already.map(({ known }) => ({ row: known, after: partnerOf(known.state?.partnerOfRecord ?? null) }));
  return [...changed, ...same];
}

function isRemoval({ fate }: PlannedRow): boolean {
  return fate.kind === 'changes' && fate.plan.kind === 'remove';
}

interface LeftOut {
  readonly isWhole: boolean;
  readonly problems: readonly ImportProblem[];
  /** How many rows are not in the list as far as it is read. */
  readonly cut: number;
  readonly notChecked: number;
  /** Why the first of them was not checked. */
  readonly failure: Failure | null;
}

/** What is not carried out. What a list that is not read to its end does not have is no problem of the row's. */
function leftOut({ problems }: ImportMatch<KnownRow>, isWhole: boolean): LeftOut {
  const named: ImportProblem[] = [];
  let cut = 0;
  let notChecked = 0;
  let failure: Failure | null = null;
  for (const problem of problems) {
    if (problem.kind === 'notChecked') {
      notChecked += 1;
      failure ??= problem.failure;
    } else if (problem.kind === 'notListed' && !isWhole) cut += 1;
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
