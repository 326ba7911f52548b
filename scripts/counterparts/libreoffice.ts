import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { JSDOM } from 'jsdom';
import type { Counterpart } from './counterpart';
import { haveInstalled, versionSaidBy } from './program';

const execute = promisify(execFile);

const SOFFICE = '/usr/bin/soffice';
const CALC = '/usr/lib/libreoffice/program/libsclo.so';
const CONVERT_LIMIT_MS = 60_000;

export const installLibreOffice = () => haveInstalled([SOFFICE, CALC], ['libreoffice-calc-nogui']);

/** What LibreOffice Calc made of a cell. */
export interface OpenedCell {
  /** `string`, `float`, `date`, `boolean` …; '' when the cell is empty. */
  readonly type: string;
  readonly formula: string | null;
  readonly text: string;
}

/** How a person has a CSV file opened. */
export interface Opening {
  /** The characters at which it is split. */
  readonly separators: string;
  /** The language in which numbers and dates are read, by Microsoft's number: 1033 is English, 1031 German. */
  readonly language: number;
}

export interface LibreOffice extends Counterpart {
  /** The rows of a CSV file, opened so, with "Detect special numbers" on, which recognises the most. */
  readonly open: (csv: string, opening: Opening) => Promise<OpenedCell[][]>;
}

/** A LibreOffice with a profile of its own. */
export async function prepareLibreOffice(): Promise<LibreOffice> {
  const folder = await mkdtemp(join(tmpdir(), 'por-libreoffice-'));
  const profile = `-env:UserInstallation=${pathToFileURL(join(folder, 'profile')).href}`;
  const version = `LibreOffice ${await versionSaidBy(SOFFICE, [profile, '--version'], /LibreOffice ([\d.]+)/)}`;
  return {
    version,
    async open(csv, { separators, language }) {
      const source = join(folder, 'table.csv');
      await writeFile(source, csv);
      const codes = [...separators].map((separator) => separator.charCodeAt(0)).join('/');
      const filter = `CSV:${codes},34,76,1,,${language},false,true`;
      const convert = ['--convert-to', 'fods', '--outdir', folder, source];
      await execute(SOFFICE, [profile, '--headless', `--infilter=${filter}`, ...convert], {
        timeout: CONVERT_LIMIT_MS,
        env: { ...process.env, HOME: folder },
      });
      return rowsOf(await readFile(join(folder, 'table.fods'), 'utf8'));
    },
    stop: () => rm(folder, { recursive: true }),
  };
}

/** The rows of the only table in a Flat ODF file, with what is repeated as often as it is. */
function rowsOf(fods: string): OpenedCell[][] {
  const { document } = new JSDOM(fods, { contentType: 'text/xml' }).window;
  return [...document.getElementsByTagName('table:table-row')].flatMap((row) => {
    const cells = [...row.getElementsByTagName('table:table-cell')].flatMap((cell) =>
      repeated(
        {
          type: cell.getAttribute('office:value-type') ?? '',
          formula: cell.getAttribute('table:formula'),
          text: textOf(cell),
        },
        cell,
        'columns',
      ),
    );
    return cells.some(({ type }) => type !== '') ? repeated(cells, row, 'rows') : [];
  });
}

function repeated<T>(thing: T, element: Element, what: 'rows' | 'columns'): T[] {
  return Array.from({ length: Number(element.getAttribute(`table:number-${what}-repeated`) ?? 1) }, () => thing);
}

function textOf(cell: Element): string {
  return [...cell.getElementsByTagName('text:p')].map(textWithin).join('\n');
}

/** The text of a paragraph, in which tabs, breaks and spaces in a row are elements. */
function textWithin(paragraph: Element): string {
  for (const element of [...paragraph.getElementsByTagName('*')]) {
    if (element.tagName === 'text:tab') element.append('\t');
    if (element.tagName === 'text:line-break') element.append('\n');
    if (element.tagName === 'text:s') element.append(' '.repeat(Number(element.getAttribute('text:c') ?? 1)));
  }
  return paragraph.textContent;
}
