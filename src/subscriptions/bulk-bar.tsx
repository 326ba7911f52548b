import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { UsedPartners } from '../domain/partner';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { Button } from '../ui/button';
import { CheckedPartner } from '../ui/checked-partner';
import { Notice } from '../ui/notice';
import { PartnerIdField } from '../ui/partner-id-field';
import { PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { useBarHeight } from '../ui/use-bar-height';
import { useMedia } from '../ui/use-media';
import { UsedPartnersBox } from '../ui/used-partners';
import { useWork, WorkProblem } from '../ui/use-work';
import { t } from '../words/words';
import { windowText } from '../words/window';
import { AskRemoval } from '../ui/ask-many';
import { type BatchAsked, batchesOf, type KnownRow, type PlannedRow, planRow, summaryOf } from './bulk-plan';
import { Preview } from './preview';
import type { ListReading } from './rereading';
import { cameLater, NOTHING_SELECTED, type Selection, withLater } from '../ui/selection';
import { useFresh } from './use-fresh';
import { type SelectedConnection, usePartnerCheck } from './use-partner-check';

/** A row of the table. */
interface Keyed {
  readonly key: string;
}

export interface BulkBarProps<Row extends Keyed> {
  /** Every row that is known, whatever the filter shows. */
  readonly rows: readonly Row[];
  /** What is known of one. */
  readonly knownOf: (row: Row) => KnownRow;
  /** The keys of those that the filter shows, in their order. */
  readonly shown: readonly string[];
  /** What tells the present filter from another. */
  readonly view: string;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  /** The connections that are set up. */
  readonly connections: readonly SelectedConnection[];
  /** When the page was opened, in milliseconds since the epoch. */
  readonly since: number;
  readonly lists: readonly ListReading[];
  /** Reads the list of a connection from its start. */
  readonly onReadList: (connectionId: string) => void;
  /** The worker has the changes on its disk, in batches of these IDs. */
  readonly onAsked: (batchIds: readonly string[]) => void;
}

/** What can be done with what is selected; it stays in sight. Nothing where nothing is selected. */
export function BulkBar<Row extends Keyed>({ rows, knownOf, ...bar }: BulkBarProps<Row>) {
  const { shown, selection } = bar;
  const selected = useMemo(
    () => rows.filter(({ key }) => selection.keys.has(key)).map(knownOf),
    [rows, selection.keys, knownOf],
  );
  const shownSelected = useMemo(() => shown.filter((key) => selection.keys.has(key)).length, [shown, selection.keys]);
  if (selected.length === 0) return null;
  return <Bar {...bar} selected={selected} notShown={selected.length - shownSelected} />;
}

interface BarProps extends Omit<BulkBarProps<never>, 'rows' | 'knownOf'> {
  readonly selected: readonly KnownRow[];
  readonly notShown: number;
}

function Bar(props: BarProps) {
  const { selected, notShown, shown, view, selection, onSelect, connections, since, lists, onReadList, onAsked } =
    props;
  const bar = useBarHeight();
  const used = useMemo(() => {
    const ids = new Set(selected.map(({ connectionId }) => connectionId));
    return connections.filter(({ id }) => ids.has(id));
  }, [selected, connections]);
  const check = usePartnerCheck(used);
  const [isRemoving, setRemoving] = useState(false);
  // A small window would show little else.
  const isCard = useMedia('(width < 700px)');
  const [isUnfolded, setUnfolded] = useState(false);
  const isOpen = !isCard || isUnfolded;
  const { partnerAt } = check;
  const isWanted = isRemoving || partnerAt !== null;
  const fresh = useFresh(selected, { since, isWanted, lists, onReadList });

  const removal = useMemo(() => fresh.rows.map((row) => planRow(row, null)), [fresh.rows]);
  const partners = used.map(({ id }) => JSON.stringify(partnerAt?.(id) ?? null)).join();
  const assignment = useMemo(
    () => partnerAt && fresh.rows.map((row) => planRow(row, partnerAt(row.connectionId))),
    [fresh.rows, partners],
  );
  const removes = countChanges(removal);
  const saves = assignment && countChanges(assignment);
  const plan = isRemoving ? removal : assignment;
  const isReading = fresh.reading !== null;

  const asking = useAsking('bulk', (batchIds) => {
    onSelect(NOTHING_SELECTED);
    onAsked(batchIds);
  });
  const remove = (isWanted: boolean) => {
    asking.forget();
    setRemoving(isWanted);
  };
  const change = (edit: () => void) => () => {
    remove(false);
    edit();
  };
  // What came in the way says nothing of another selection.
  useLayoutEffect(() => asking.forget(), [selection.keys]);

  return (
    <section class="bulk-bar card stack-tight" aria-label={t('bulk.bar')} ref={bar}>
      <div class="bulk-head">
        <p>
          <strong>{t('bulk.selected', { count: selected.length })}</strong>
          {notShown > 0 && <span>, {t('bulk.notShown', { count: notShown })}</span>}
        </p>
        {isCard && (
          <Button expanded={isOpen} onPress={() => setUnfolded(!isUnfolded)}>
            {t('panel.change')}
          </Button>
        )}
        <Button kind="quiet" onPress={() => onSelect(NOTHING_SELECTED)}>
          {t('bulk.clear')}
        </Button>
      </div>
      <Later shown={shown} view={view} selection={selection} onSelect={onSelect} />
      {isOpen && (
        <>
          <div class="bulk-form">
            <div class="bulk-partner">
              <OfferingField check={check} off={asking.isBusy} onEdit={change} />
            </div>
            <div class="row">
              {saves !== null && !isRemoving && (
                <Button
                  kind="primary"
                  busy={asking.isBusy}
                  off={isReading || saves === 0}
                  onPress={() => assignment && asking.ask(assignment)}
                >
                  {t('bulk.save', { count: saves })}
                </Button>
              )}
              <Button
                kind="danger"
                off={asking.isBusy || removes === 0}
                busy={isRemoving && isReading}
                onPress={() => remove(true)}
              >
                {t('bulk.remove', { count: removes })}
              </Button>
              {isRemoving && (
                <Button kind="quiet" onPress={() => remove(false)}>
                  {t('pages.cancel')}
                </Button>
              )}
            </div>
          </div>
          {!isRemoving && <Checked check={check} connections={used} />}
          {asking.problem !== null && (
            <Notice role="alert" tone="bad">
              {asking.problem}
            </Notice>
          )}
          {plan !== null && <Preview rows={plan} reading={fresh.reading} again={fresh.again} />}
        </>
      )}
      {isRemoving && !isReading && removes > 0 && !asking.isBusy && asking.problem === null && (
        <AskRemoval
          count={removes}
          mails={used.some(({ can }) => can?.mails === true)}
          onAnswer={(sure) => {
            if (sure) asking.ask(removal);
            else remove(false);
          }}
        >
          <Losing rows={removal} />
        </AskRemoval>
      )}
    </section>
  );
}

function countChanges(rows: readonly PlannedRow[]): number {
  return rows.filter(({ fate }) => fate.kind === 'changes').length;
}

/** Rows that came after "Select all": nobody selected them, and everybody may think so. */
function Later({ shown, view, selection, onSelect }: Pick<BarProps, 'shown' | 'view' | 'selection' | 'onSelect'>) {
  const later = useMemo(() => cameLater(selection, shown, view).length, [selection, shown, view]);
  if (later === 0) return null;
  return (
    <Notice
      tone="warn"
      actions={
        <Button onPress={() => onSelect(withLater(selection, shown, view))}>
          {t('bulk.addLater', { count: later })}
        </Button>
      }
    >
      {t('bulk.later', { count: later })}
    </Notice>
  );
}

interface OfferingFieldProps {
  readonly check: ReturnType<typeof usePartnerCheck>;
  readonly off: boolean;
  /** What is done by it is another wish than the one before. */
  readonly onEdit: (edit: () => void) => () => void;
}

/** The text box for the Partner ID, which offers the partners used before. */
function OfferingField({ check, off, onEdit }: OfferingFieldProps) {
  const [partners, setPartners] = useState<UsedPartners>({ assigned: [], checked: [] });
  const want = () => {
    call('partners.used', {}).then(setPartners, (cause: unknown) =>
      consoleLog.error('The partners used before could not be read', cause),
    );
  };
  return (
    <UsedPartnersBox
      typed={check.form.typed}
      partners={partners}
      offers={!off}
      onWant={want}
      onChoose={(partner) => onEdit(() => check.choose(partner))()}
    >
      <PartnerIdField
        form={check.form}
        off={off}
        onType={(text) => onEdit(() => check.type(text))()}
        onCheck={check.canCheck ? onEdit(check.check) : null}
      />
    </UsedPartnersBox>
  );
}

interface CheckedProps {
  readonly check: ReturnType<typeof usePartnerCheck>;
  readonly connections: readonly SelectedConnection[];
}

/** Whose the ID is: once, and for each connection where they say different things. */
function Checked({ check: { form, partnerAt, silent }, connections }: CheckedProps) {
  const { problem, run } = useWork();
  const signIn = async (connectionId: string | undefined) =>
    windowText(await call('signIn.start', { another: false, ...(connectionId && { connectionId }) }));
  const names = partnerAt === null ? [] : connections.map((one) => ({ ...one, partner: partnerAt(one.id) }));
  const differ = new Set(names.map(({ partner }) => partner?.name)).size > 1;
  return (
    <>
      <CheckedPartner
        check={form.check}
        can={connections.find(({ can }) => can?.shares)?.can ?? connections[0]?.can ?? null}
        onSave={null}
        onSignIn={() => run(() => signIn(silent[0]?.id ?? connections[0]?.id))}
      />
      {differ && (
        <ul class="small">
          {names.map(
            ({ id, name, partner }) =>
              partner !== null && (
                <li key={id}>
                  <Sentence
                    of="bulk.checkedAt"
                    with={{ connection: visibleText(name), partner: <PartnerName partner={partner} /> }}
                  />
                </li>
              ),
          )}
        </ul>
      )}
      {silent.map(({ id, name }) => (
        <p key={id} class="problem small" role="alert">
          {t('bulk.checkFailedAt', { connection: visibleText(name) })}
        </p>
      ))}
      <WorkProblem problem={problem} />
    </>
  );
}

/** So many partners are named in a question. */
const MOST_NAMED = 5;

/** Whose record it is that goes, the most first. */
function Losing({ rows }: { readonly rows: readonly PlannedRow[] }) {
  const { groups } = summaryOf(rows);
  return (
    <ul class="bullets small">
      {groups.slice(0, MOST_NAMED).map(({ key, before, count }) => (
        <li key={key}>
          {before !== null && <Sentence of="bulk.losing" with={{ count, partner: <PartnerName partner={before} /> }} />}
        </li>
      ))}
      {groups.length > MOST_NAMED && <li>{t('bulk.otherPartners', { count: groups.length - MOST_NAMED })}</li>}
    </ul>
  );
}

/** Hands what a plan asks for to the worker, once however often it is tried. */
export function useAsking(kind: BatchAsked['kind'], onDone: (batchIds: readonly string[]) => void) {
  const { busy: isBusy, problem, run, tell } = useWork();
  /** What was asked for last, under the IDs that it has, and how many of these were taken up. The same is the same, anything else is not. */
  const last = useRef<{ readonly wish: string; readonly batches: readonly BatchAsked[]; taken: number } | null>(null);

  const hand = async (rows: readonly PlannedRow[]): Promise<string | null> => {
    const wish = JSON.stringify(batchesOf(rows, kind, () => ''));
    const present =
      last.current?.wish === wish
        ? last.current
        : { wish, batches: batchesOf(rows, kind, () => crypto.randomUUID()), taken: 0 };
    last.current = present;
    for (const asked of present.batches.slice(present.taken)) {
      const answer = await call('batch.ask', asked);
      if (!answer.ok) return t(`standing.problems.${answer.problem}`);
      present.taken += 1;
    }
    onDone(present.batches.map(({ id }) => id));
    return null;
  };

  return {
    isBusy,
    problem,
    ask: (rows: readonly PlannedRow[]) => run(() => hand(rows)),
    /** Something else is wanted now. */
    forget: () => tell(null),
  };
}
