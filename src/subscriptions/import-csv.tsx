import { useState } from 'preact/hooks';
import { Button } from '../ui/button';
import { SelectField } from '../ui/choices';
import { Notice } from '../ui/notice';
import { ProblemNotice } from '../ui/problem-notice';
import { useModal } from '../ui/use-modal';
import { useUniqueId } from '../ui/use-unique-id';
import { visibleText } from '../domain/visible-text';
import { t } from '../words/words';
import type { KnownRow } from './bulk-plan';
import { ImportChooser, sourceIn } from './import-chooser';
import type { ListedRow } from './import-compare';
import { ImportPlan } from './import-plan';
import { sourceProblemText } from '../ui/import-source';
import type { ListReading } from './rereading';
import { type ImportReading, useImportFile } from './use-import-file';
import type { SelectedConnection } from './use-partner-check';

export interface ImportCsvProps<Row extends ListedRow> {
  /** Every row that is known, whatever the filter shows. */
  readonly rows: readonly Row[];
  /** What is known of one. */
  readonly knownOf: (row: Row) => KnownRow;
  /** The connections that are set up and list their subscriptions, the default first. */
  readonly connections: readonly SelectedConnection[];
  /** When the page was opened, in milliseconds since the epoch. */
  readonly since: number;
  readonly lists: readonly ListReading[];
  /** Whether every subscription of a connection is among the rows. */
  readonly isWhole: (connectionId: string) => boolean;
  /** Reads the list of a connection from its start. */
  readonly onReadList: (connectionId: string) => void;
  /** The worker has the changes on its disk, in batches of these IDs. */
  readonly onAsked: (batchIds: readonly string[]) => void;
}

/** The button that opens the import, and the import. Nothing where there is no connection to import for. */
export function ImportCsv<Row extends ListedRow>(props: ImportCsvProps<Row>) {
  const [isOpen, setOpen] = useState(false);
  const [first] = props.connections;
  if (first === undefined) return null;
  return (
    <>
      <Button onPress={() => setOpen(true)}>{t('imports.open')}</Button>
      {isOpen && <ImportDialog {...props} first={first} onClose={() => setOpen(false)} />}
    </>
  );
}

interface ImportDialogProps<Row extends ListedRow> extends ImportCsvProps<Row> {
  readonly first: SelectedConnection;
  readonly onClose: () => void;
}

function ImportDialog<Row extends ListedRow>({ first, onClose, ...props }: ImportDialogProps<Row>) {
  const { connections, onAsked } = props;
  const id = useUniqueId();
  const dialog = useModal();
  const [chosen, setChosen] = useState(first.id);
  const { reading, begin, stop } = useImportFile();
  const connection = connections.find((one) => one.id === chosen) ?? first;
  const take = (event: DragEvent | ClipboardEvent, carried: DataTransfer | null) => {
    const source = sourceIn(carried);
    if (source === null) return;
    event.preventDefault();
    begin(source);
  };
  return (
    <dialog
      ref={dialog}
      class="dialog dialog-wide card"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        // That of a question within bubbles up to here.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => take(event, event.dataTransfer)}
      onPaste={(event) => take(event, event.clipboardData)}
    >
      <div class="stack">
        <h2 id={`${id}-title`}>{t('imports.open')}</h2>
        {connections.length > 1 && (
          <SelectField
            label={t('imports.connection')}
            value={connection.id}
            options={connections.map((one) => [one.id, visibleText(one.name)] as const)}
            onChoose={setChosen}
          />
        )}
        <ImportChooser onSource={begin} />
        <Read reading={reading} onStop={stop} />
        {reading.is === 'read' && (
          <ImportPlan
            {...props}
            key={connection.id}
            name={nameOf(reading.name)}
            file={reading.file}
            connection={connection}
            others={connections.filter((one) => one !== connection).map((one) => one.name)}
            onAsked={(batchIds) => {
              onClose();
              onAsked(batchIds);
            }}
          />
        )}
        <div class="row">
          <Button kind="quiet" onPress={onClose}>
            {t('imports.close')}
          </Button>
        </div>
      </div>
    </dialog>
  );
}

/** How far the reading has come, or why nothing is read. */
function Read({ reading, onStop }: { readonly reading: ImportReading; readonly onStop: () => void }) {
  switch (reading.is) {
    case 'nothing':
    case 'read':
      return null;
    case 'reading': {
      const { read, all } = reading;
      return (
        <div class="stack-tight">
          <p>{t('imports.reading', { name: nameOf(reading.name) })}</p>
          <progress
            class="progress"
            aria-label={t('imports.progress')}
            {...(all === 0 ? {} : { value: read, max: all })}
          />
          <div class="row">
            <Button onPress={onStop}>{t('imports.stop')}</Button>
          </div>
        </div>
      );
    }
    case 'unreadable':
      return (
        <Notice role="alert" tone="bad">
          {nameOf(reading.name)}: {sourceProblemText(reading.problem)}
        </Notice>
      );
    case 'broken':
      return <ProblemNotice cause={reading.cause} />;
  }
}

function nameOf(name: string | null): string {
  return name === null ? t('imports.pasted') : visibleText(name);
}
