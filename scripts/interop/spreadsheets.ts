import Papa from 'papaparse';
import { csvOf } from '../../src/ui/csv';
import {
  ALTERED,
  BARE,
  FORMULAS,
  PARTLY_FORMULAS,
  type TriedCell,
  TYPED,
} from '../../test/unit/domain/spreadsheet-cells';
import {
  installLibreOffice,
  type LibreOffice,
  type OpenedCell,
  type Opening,
  prepareLibreOffice,
} from '../counterparts/libreoffice';
import type { Subject } from './proof';

const LIMIT_MS = 180_000;

const LANGUAGES = { English: 1033, German: 1031, French: 1036, Polish: 1045, Japanese: 1041 };
/** Split at more than a comma, as Calc's dialogue may be set from the last time. */
const MANY_SEPARATORS = ',;\t|';
const CELLS = [...FORMULAS, ...PARTLY_FORMULAS, ...ALTERED, ...BARE, ...TYPED];

/** The history's and the partner page's CSV, as both write it, in a spreadsheet. */
export function spreadsheetSubject(): Subject {
  return {
    name: 'LibreOffice Calc',
    limitMs: LIMIT_MS,
    install: installLibreOffice,
    async prove({ tried, holds, keep }) {
      const calc = await keep(prepareLibreOffice());
      tried(calc.version);
      const csv = csvOf(
        [
          { title: 'row', value: ({ row }) => row },
          { title: 'cell', value: ({ cell }) => cell },
          { title: 'end', value: () => 'end' },
        ],
        CELLS.map(({ cell }, row) => ({ row, cell })),
      );
      await holds(
        'the same cells without our marks would run and be altered, which this way of looking shows',
        async () => {
          const bare = Papa.unparse(CELLS.map(({ cell }) => ['row', typeof cell === 'object' ? cell.date : cell]));
          const cells = (await calc.open(bare, { separators: ',', language: LANGUAGES.English })).map((row) => row[1]);
          const run = cells.filter((cell) => cell?.formula).length;
          const altered = ALTERED.filter(
            ({ cell }) => !cells.some((one) => one?.type === 'string' && one.text === cell),
          ).length;
          if (run === 0 || altered === 0) throw new Error(`${run} run and ${altered} are altered.`);
          return `${run} run, ${altered} are altered`;
        },
      );
      for (const [name, language] of Object.entries(LANGUAGES)) {
        await holds(`IDs keep every digit, names stay text, numbers numbers, and nothing runs, read in ${name}`, () =>
          proveShown(calc, csv, { separators: ',', language }),
        );
      }
      for (const separators of [';', '\t', '|', MANY_SEPARATORS]) {
        await holds(
          `nothing runs, split at ${[...separators].map((one) => JSON.stringify(one)).join(' ')}`,
          async () => {
            const cells = (await calc.open(csv, { separators, language: LANGUAGES.German })).flat();
            mustNotRun(cells);
            return `${cells.length} cells`;
          },
        );
      }
    },
  };
}

async function proveShown(calc: LibreOffice, csv: string, opening: Opening): Promise<string> {
  const rows = await calc.open(csv, opening);
  mustNotRun(rows.flat());
  if (rows.length !== CELLS.length + 1) throw new Error(`${CELLS.length} rows became ${rows.length - 1}.`);
  const wrong = CELLS.flatMap((one, row) => {
    const opened = rows[row + 1]?.[1];
    return opened !== undefined && isShown(one, opened)
      ? []
      : [`${JSON.stringify(one.cell)} as ${JSON.stringify(opened)}`];
  });
  if (wrong.length > 0) throw new Error(`${wrong.length} cells are shown otherwise: ${wrong.slice(0, 10).join('; ')}`);
  return `${CELLS.length} cells`;
}

function mustNotRun(cells: readonly OpenedCell[]): void {
  const formulas = cells.flatMap(({ formula }) => formula ?? []);
  if (formulas.length > 0) throw new Error(`Run as formulas: ${formulas.join(' ')}`);
}

/** Whether a cell is shown as it was written: a text to the letter but for how its lines end, a number with the same digits. */
function isShown({ written, opens }: TriedCell, { type, text }: OpenedCell): boolean {
  switch (opens) {
    case 'text':
      return (type === 'string' || written === '') && text === written.replaceAll(/\r\n?/g, '\n');
    case 'number':
      // A language with another decimal mark leaves what has a point as the text it is.
      return text === written && (type === 'float' || written.includes('.'));
    case 'date':
      return type === 'date';
  }
}
