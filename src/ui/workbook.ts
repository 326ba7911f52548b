import type { SpreadsheetCell, SpreadsheetColumn } from '../domain/spreadsheet';

/**
 * A workbook (.xlsx) of one sheet, as Office Open XML has it (ECMA-376, SpreadsheetML). The rows are written and compressed slice by
 * slice, so that a page with 100,000 of them stays alive; the browser's own `CompressionStream` does the work that costs.
 */

const SLICE = 100;
/** In UTF-16 units, a cell has no more. */
const LONGEST_CELL = 32_767;
/** In characters. */
const WIDTH = { least: 8, most: 60, of: 200 };

const MIME = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Positions in `cellXfs` below. A cell of text is text for whoever types into it too: a leading zero stays. */
const STYLE = { number: 0, text: 1, heading: 2, date: 3 } as const;
const STYLES = `<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

const relationship = (id: string, type: string, target: string) =>
  `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
const relationships = (all: string) => `<Relationships xmlns="${PACKAGE}/relationships">${all}</Relationships>`;
const override = (part: string, type: string) =>
  `<Override PartName="/xl/${part}.xml" ContentType="${SHEET}.${type}+xml"/>`;

/** All of the package but its sheet. */
const PARTS: Readonly<Record<string, string>> = {
  '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('workbook', 'sheet.main')}${override('styles', 'styles')}${override('worksheets/sheet1', 'worksheet')}</Types>`,
  '_rels/.rels': relationships(relationship('rId1', 'officeDocument', 'xl/workbook.xml')),
  'xl/_rels/workbook.xml.rels': relationships(
    relationship('rId1', 'worksheet', 'worksheets/sheet1.xml') + relationship('rId2', 'styles', 'styles.xml'),
  ),
  'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><bookViews><workbookView/></bookViews><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/styles.xml': STYLES,
};

/**
 * A table as a workbook. Every cell has the type that it is meant as: a text is text, whatever it looks like, so none runs as a
 * formula.
 * @param pause awaited between slices, so that keys are answered; it throws where it is to end
 */
export async function workbookOf<Row>(
  columns: readonly SpreadsheetColumn<Row>[],
  rows: readonly Row[],
  pause: () => Promise<void>,
): Promise<Blob> {
  const sheet = compressing('xl/worksheets/sheet1.xml');
  await sheet.write(HEAD + sheetHead(columns, rows));
  for (let at = 0; at < rows.length; at += SLICE) {
    const slice = rows.slice(at, at + SLICE).map((row, index) => {
      const cells = columns.map(({ value }) => value(row));
      return rowXml(at + index + 2, cells, null);
    });
    await sheet.write(slice.join(''));
    await pause();
  }
  await sheet.write('</sheetData></worksheet>');
  const others = Object.entries(PARTS).map(async ([name, text]) => {
    const part = compressing(name);
    await part.write(HEAD + text);
    return part.end();
  });
  return zipOf([...(await Promise.all(others)), await sheet.end()]);
}

/** A part of the package as a zip has it. */
interface Part {
  readonly name: string;
  readonly deflated: Uint8Array<ArrayBuffer>;
  /** Of what was compressed. */
  readonly checksum: number;
  readonly size: number;
}

/** Compresses a part while it is written. `write` resolves when there is room for more. */
function compressing(name: string) {
  const { readable, writable } = new CompressionStream('gzip');
  const input = writable.getWriter();
  const packed = new Response(readable).arrayBuffer();
  return {
    write: (text: string) => input.write(new TextEncoder().encode(text)),
    async end(): Promise<Part> {
      await input.close();
      const whole = await packed;
      // RFC 1952: ten bytes, what a zip takes as it is, the checksum and the size (Chromium 156, Firefox 153).
      const tail = new DataView(whole, whole.byteLength - 8);
      const [checksum, size] = [tail.getUint32(0, true), tail.getUint32(4, true)];
      return { name, deflated: new Uint8Array(whole, 10, whole.byteLength - 18), checksum, size };
    },
  };
}

/** A zip (APPNOTE.TXT 4.3): each part behind a head of its own, and a directory of them all at the end. */
function zipOf(parts: readonly Part[]): Blob {
  const pieces: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let at = 0;
  for (const { name, deflated, checksum, size } of parts) {
    // Version 2.0, deflated, at the earliest time that there is.
    const head = [...twos(20, 0, 8, 0, 33), ...fours(checksum, deflated.length, size), ...twos(name.length, 0)];
    pieces.push(bytes(fours(0x04034b50), head), name, deflated);
    directory.push(bytes(fours(0x02014b50), twos(20), head, twos(0, 0, 0), fours(0, at)), name);
    at += 30 + name.length + deflated.length;
  }
  const { size } = new Blob(directory);
  const end = bytes(fours(0x06054b50), twos(0, 0, parts.length, parts.length), fours(size, at), twos(0));
  return new Blob([...pieces, ...directory, end], { type: MIME });
}

const bytes = (...all: readonly (readonly number[])[]) => new Uint8Array(all.flat());
const twos = (...numbers: readonly number[]) => numbers.flatMap((number) => [number, number >> 8]);
const fours = (...numbers: readonly number[]) => numbers.flatMap((number) => twos(number, number >> 16));

/** What stands above the rows: the headings stay in sight, and each column is as wide as most of what is in it. */
function sheetHead<Row>(columns: readonly SpreadsheetColumn<Row>[], rows: readonly Row[]): string {
  const looked = rows.slice(0, WIDTH.of);
  const widths = columns.map(({ title, value }) => {
    const longest = looked.reduce((most, row) => Math.max(most, shownLength(value(row))), title.length);
    return Math.min(Math.max(longest + 2, WIDTH.least), WIDTH.most);
  });
  const cols = widths.map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" style="${STYLE.text}" customWidth="1"/>`,
  );
  const headings = columns.map(({ title }) => title);
  return `<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${cols.join('')}</cols><sheetData>${rowXml(1, headings, STYLE.heading)}`;
}

function shownLength(cell: SpreadsheetCell): number {
  return typeof cell === 'object' ? cell.date.length : String(cell).length;
}

function rowXml(number: number, cells: readonly SpreadsheetCell[], style: number | null): string {
  const written = cells.map((cell, column) => (cell === '' ? '' : cellXml(`${letters(column)}${number}`, cell, style)));
  return `<row r="${number}">${written.join('')}</row>`;
}

function cellXml(reference: string, cell: SpreadsheetCell, style: number | null): string {
  if (typeof cell === 'number') return `<c r="${reference}" s="${STYLE.number}"><v>${cell}</v></c>`;
  if (typeof cell === 'string') {
    return `<c r="${reference}" s="${style ?? STYLE.text}" t="inlineStr"><is><t xml:space="preserve">${textXml(cell)}</t></is></c>`;
  }
  const day = dayNumber(cell.date);
  return day === null
    ? cellXml(reference, cell.date, style)
    : `<c r="${reference}" s="${STYLE.date}"><v>${day}</v></c>`;
}

const DAY_MS = 86_400_000;

/** The number that a workbook has for a day, counted as if 1900 had been a leap year; null for what is no day of after that. */
function dayNumber(date: string): number | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN;
  const day = (at - Date.UTC(1899, 11, 30)) / DAY_MS;
  return day > 60 ? day : null;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * A text as it stands in XML. What XML 1.0 cannot hold at all is left out, and what a workbook would read as a character by its number
 * (`_x0041_`, ECMA-376, ST_Xstring) is kept from that.
 */
function textXml(text: string): string {
  return text
    .slice(0, LONGEST_CELL)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** The letters of a column: A to Z, AA and so on. */
function letters(column: number): string {
  const rest = Math.floor(column / 26);
  return `${rest === 0 ? '' : letters(rest - 1)}${String.fromCharCode(65 + (column % 26))}`;
}
