import { useMemo, useRef } from 'preact/hooks';
import { MOST_REPORTED_LINKS, type ReportedLink, type ReportProblem, sideBySide } from '../domain/link-report';
import { visibleText } from '../domain/visible-text';
import { Button } from '../ui/button';
import { sourceProblemText } from '../ui/import-source';
import { Notice } from '../ui/notice';
import { Name, PartnerName } from '../ui/partner-name';
import { useUniqueId } from '../ui/use-unique-id';
import { t } from '../words/words';
import type { LoadedReport } from './use-reports';

/** So many lines that cannot be read are named. */
const MOST_PROBLEMS = 20;

interface LoadReportProps {
  readonly onFiles: (files: readonly File[]) => void;
}

/** The button that takes colleagues' reports. */
export function LoadReport({ onFiles }: LoadReportProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button onPress={() => input.current?.click()}>{t('tenants.report.load')}</Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept=".csv,.txt,.tsv,text/csv,text/plain,text/tab-separated-values"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // Else the same file could not be chosen again, once it was put right.
          currentTarget.value = '';
          onFiles(files);
        }}
      />
    </>
  );
}

interface ReportsProps {
  readonly own: readonly ReportedLink[];
  readonly reports: readonly LoadedReport[];
  readonly onPutAway: (id: number) => void;
}

/** One's own links and colleagues', tenant by tenant. */
export function Reports({ own, reports, onPutAway }: ReportsProps) {
  const id = useUniqueId();
  const tenants = useMemo(
    () =>
      sideBySide(
        own,
        reports.flatMap(({ file, read }) => ('links' in read ? [{ file, links: read.links }] : [])),
      ),
    [own, reports],
  );
  return (
    <section class="stack" aria-labelledby={id}>
      <h2 id={id}>{t('tenants.report.title')}</h2>
      {reports.map((report) => (
        <Loaded key={report.id} report={report} onPutAway={() => onPutAway(report.id)} />
      ))}
      {tenants.length > 0 && (
        <div class="card lines-table reports-table">
          <table aria-labelledby={id}>
            <thead>
              <tr class="head">
                {(['tenant', 'account', 'partner', 'since'] as const).map((column) => (
                  <th key={column} scope="col">
                    {t(`tenants.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tenants.flatMap(({ tenant, name, links, differ }) =>
                links.map((link, at) => (
                  <tr key={`${tenant} ${at}`} class="line">
                    <th scope="row" class="cell-name">
                      <Name text={name} />
                      {at === 0 && differ && <span class="cell-note other-partner">{t('tenants.report.differ')}</span>}
                    </th>
                    <td data-label={t('tenants.columns.account')}>
                      <span>
                        <Name text={link.account} />
                        <span class="cell-note">
                          {link.report === null ? t('tenants.report.you') : <Name text={link.report} />}
                        </span>
                      </span>
                    </td>
                    <td data-label={t('tenants.columns.partner')}>
                      <Partner partner={link.partner} />
                    </td>
                    <td data-label={t('tenants.columns.since')}>{link.since !== '' && <Name text={link.since} />}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Partner({ partner }: Pick<ReportedLink, 'partner'>) {
  if (partner === 'unknown') return <span class="muted">{t('tenants.report.unknown')}</span>;
  return (
    <span>{partner === null ? <span class="muted">{t('tenants.none')}</span> : <PartnerName partner={partner} />}</span>
  );
}

interface LoadedProps {
  readonly report: LoadedReport;
  readonly onPutAway: () => void;
}

/** What came of reading a report. */
function Loaded({ report: { file, read }, onPutAway }: LoadedProps) {
  const name = visibleText(file);
  const away = (
    <Button kind="quiet" label={t('tenants.report.putAwayOne', { file: name })} onPress={onPutAway}>
      {t('tenants.report.putAway')}
    </Button>
  );
  if ('source' in read) {
    return (
      <Notice role="alert" tone="bad" actions={away}>
        {t('tenants.report.notRead', { file: name, problem: sourceProblemText(read.source) })}
      </Notice>
    );
  }
  const { links, problems } = read;
  return (
    <Notice
      role={problems.length > 0 ? 'alert' : 'status'}
      tone={problems.length > 0 ? 'warn' : 'plain'}
      actions={away}
    >
      <p>{t('tenants.report.loaded', { count: links.length, file: name })}</p>
      {problems.length > 0 && (
        <>
          <p>{t('tenants.report.problems', { count: problems.length, file: name })}</p>
          <ul class="bullets">
            {problems.slice(0, MOST_PROBLEMS).map((problem, at) => (
              <li key={at}>{problemText(problem)}</li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}

function problemText(problem: ReportProblem): string {
  if (problem.kind === 'empty') return t('imports.problem.empty');
  if (problem.kind === 'tooMany') return t('tenants.report.tooMany', { most: MOST_REPORTED_LINKS });
  return t('imports.line', { line: problem.line, problem: lineProblemText(problem) });
}

function lineProblemText(problem: Exclude<ReportProblem, { kind: 'empty' | 'tooMany' }>): string {
  switch (problem.kind) {
    case 'quotes':
      return t('imports.problem.quotes');
    case 'missingColumn':
    case 'repeatedColumn':
      return t(`imports.problem.${problem.kind}`, { column: problem.column });
    case 'tooShort':
      return t('tenants.report.tooShort', { column: problem.column });
    case 'tooLong':
      return t('imports.problem.tooLong', { cells: problem.cells, columns: problem.columns });
    case 'unreadable':
      return t('tenants.report.unreadable', { written: visibleText(problem.written), column: problem.column });
    case 'twice':
      return t('tenants.report.twice', { first: problem.first });
  }
}
