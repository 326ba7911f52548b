/**
 * What a cell is meant as: text stays as it is read, whatever a spreadsheet takes it for; a number and an ISO date (`2026-03`,
 * `2026-03-31`) may become what they are.
 */
export type SpreadsheetCell = string | number | { readonly date: string };

const SIGNS = String.raw`=+\-@\uff1d\uff0b\uff0d\uff20`;
/** Where a cell ends to some spreadsheet: its list separator is its locale's, and it may not heed our quotation marks. */
const SEPARATORS = String.raw`\t\n\v\f\r\u0085\u2028\u2029,;|\uff0c\uff1b`;
/**
 * Where a spreadsheet that opens or splits a cell may find a formula: at its beginning and behind each separator in it, also
 * behind spaces, invisible characters and quotation marks. Full-width signs are signs too. Behind apostrophes there is none; yet
 * there one more is put, so that what is ours can be told from what was there.
 */
const PART = `(?<=^|[${SEPARATORS}])`;
const FORMULA = String.raw`(?='*[\p{Zs}\p{Cf}"]*[${SIGNS}])`;
/** A cell of nothing but such a beginning is taken apart by some. */
const BREAK = String.raw`(?='*[\t\r\n])`;
const UNGUARDED = new RegExp(`${PART}${FORMULA}|^${BREAK}`, 'gu');
const GUARDED = new RegExp(`${PART}'${FORMULA}|^'${BREAK}`, 'gu');

/**
 * A cell as it is written into a file or onto the clipboard, so that a spreadsheet shows what it is: what could run as a formula
 * gets an apostrophe in front, a whole cell or the part of one that a spreadsheet would split off; a text that it would take for
 * a number, a date, a time or a truth value gets a tab in front.
 */
export function spreadsheetCell(cell: SpreadsheetCell): string {
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'object') return ISO_DATE.test(cell.date) ? cell.date : spreadsheetCell(cell.date);
  const harmless = cell.replace(UNGUARDED, "'");
  return harmless === cell && isAltered(cell) ? `\t${cell}` : harmless;
}

/** The text of a cell that {@link spreadsheetCell} wrote. One that was never in its hands stays as it is, but for such marks. */
export function textOfCell(written: string): string {
  return written.startsWith('\t') ? written.slice(1) : written.replace(GUARDED, '');
}

/** A column of a table: its heading, and what stands in it for a row. */
export interface SpreadsheetColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => SpreadsheetCell;
}

/** A table of which every cell is so, headings too, in the shape in which papaparse takes one. Columns keep their order. */
export function spreadsheetTable<Row>(
  columns: readonly SpreadsheetColumn<Row>[],
  rows: readonly Row[],
): { readonly fields: string[]; readonly data: string[][] } {
  // To look at a cell takes long, and names, types and results come again and again.
  const known = new Map<SpreadsheetCell, string>();
  const written = (cell: SpreadsheetCell): string => {
    const before = known.get(cell);
    if (before !== undefined) return before;
    const now = spreadsheetCell(cell);
    known.set(cell, now);
    return now;
  };
  return {
    fields: columns.map(({ title }) => spreadsheetCell(title)),
    data: rows.map((row) => columns.map(({ value }) => written(value(row)))),
  };
}

/** The lines of a CSV table as a whole file. Without the mark a spreadsheet reads UTF-8 as something else. */
export function csvFile(lines: string): string {
  return `\ufeff${lines}\r\n`;
}

/** Whether a cell is put into quotation marks whatever separates the cells: a spreadsheet may be told to split at more. */
export function isQuoted(cell: string): boolean {
  return /[\t;|]/.test(cell);
}

const ISO_DATE = /^\d{4}-\d{2}(?:-\d{2})?$/;

// What LibreOffice Calc 7.4 alters, tried in 22 settings of separator and language, and what Excel is known to take besides (`MAR1`, `2/2026`).
const DIGIT = String.raw`\p{Nd}`;
const AMOUNT = String.raw`(?:${DIGIT}+(?:[.,'’\uff0c ]${DIGIT}{3})*(?:[.,\uff0e]${DIGIT}*)?|[.,]${DIGIT}+)`;
const UNIT = String.raw`(?:R?\p{Sc}|kr|CHF|zł|Ft)`;
const MONEY = `(?:${UNIT} ?[-+]?)?${AMOUNT} ?[-+]? ?(?:${UNIT}|%)?`;
const TIME = String.raw`${DIGIT}+ ?:${DIGIT}{0,4}(?::${DIGIT}{1,2}(?:[.,]${DIGIT}*)?)?:?(?: ?[ap]\.?m?\.?)?|${DIGIT}{1,2} ?[ap]\.?m\.?`;
/** Two or three numbers with the same mark between them, a year among them or not; a phone number has longer ones. */
const DAY = String.raw`(?!${DIGIT}{4}-${DIGIT}{4})(?:${DIGIT}{1,2}|${DIGIT}{4})(?<mark> ?[-./\uff0f] ?)(?:${DIGIT}{1,2}\k<mark>)?(?:${DIGIT}{1,2}|${DIGIT}{4})(?:\k<mark>|[-./])?`;
const EAST_ASIAN_DAY = `${DIGIT}{2,4}年${DIGIT}{1,2}月(?:${DIGIT}{1,2}日)?|${DIGIT}{1,2}月${DIGIT}{1,2}日`;
/** `V 2026`, and a version such as `v2.0`: Polish and Hungarian months are written so. */
const ROMAN = '(?:x?i{1,3}|x?iv|vi{0,3}|ix|x)';
const ROMAN_DAY = `(?:${DIGIT}{1,2}[ .,/-]{1,2})?${ROMAN}(?:[ .,/-]{1,2}${DIGIT}{1,4}|${DIGIT}{1,2}[ .,]${DIGIT}{1,4})|${DIGIT}{1,2}[ .,/-]{1,2}${ROMAN}`;
const ALTERED = new RegExp(
  [
    // In front of a sign there is none: what begins with one is a formula.
    String.raw`(?:\( ?${MONEY} ?\)|${MONEY})%? ?[-+]?`,
    String.raw`${AMOUNT} ?[e\uff45\uff25] ?[-+]? ?${DIGIT}+ ?[-+]?`,
    String.raw`${DIGIT}+ ?[/\uff0f] ?${DIGIT}+|${DIGIT}+ ${DIGIT}+/${DIGIT}+`,
    `(?:(?:${DAY}|${EAST_ASIAN_DAY})(?:[ T](?:${TIME}))?|${TIME})`,
    ROMAN_DAY,
  ]
    .map((shape) => `^(?:${shape})$`)
    .join('|'),
  'iu',
);
/** The only digits that are the same as a number: an ID of usual length. */
const KEPT_NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const TRUTH = new Set(
  'true false wahr falsch vrai faux verdadero falso verdadeiro vero waar onwaar prawda fałsz pravda nepravda истина ложь tosi epätosi sant falskt sand falsk sann usann adevărat fals істина igaz hamis doğru yanliş'.split(
    ' ',
  ),
);

function isAltered(cell: string): boolean {
  if (KEPT_NUMBER.test(cell)) return false;
  const text = cell.trim().replace(/[\u00a0\u202f]/g, ' ');
  return ALTERED.test(text) || TRUTH.has(text.toLowerCase()) || isNamedDay(text);
}

/** Numbers of a day, a month or a year with words of the calendar, in any order: `5 Jan`, `Jan-26`, `Monday, 5 January 2026`. */
function isNamedDay(text: string): boolean {
  if (text.length > 40 || !/\p{Nd}/u.test(text) || !/\p{L}{3}/u.test(text)) return false;
  const parts = text.toLowerCase().match(/\p{L}+|\p{Nd}+|[^\p{L}\p{Nd}]+/gu) ?? [];
  return parts.every((part) => /^(?:\p{Nd}{1,2}|\p{Nd}{4}|[ .,/-]{1,2})$/u.test(part) || calendarWords().has(part));
}

const LANGUAGES = 'en de fr es it nl pt pl cs sv da nb fi hu ru uk tr ro el'.split(' ');
let calendar: ReadonlySet<string> | null = null;

/** The names of months and days of the week, and their short forms, in small letters. Made once, and only when they are needed. */
function calendarWords(): ReadonlySet<string> {
  calendar ??= new Set(LANGUAGES.flatMap(calendarWordsIn));
  return calendar;
}

function calendarWordsIn(language: string): string[] {
  const days = Array.from({ length: 12 }, (_, month) => Date.UTC(2026, month, 1 + month));
  // A month has another form beside a day in some languages.
  const forms = (['long', 'short'] as const).flatMap((month) => [
    { month },
    { month, day: 'numeric', weekday: 'long' } as const,
  ]);
  return forms
    .map((form) => new Intl.DateTimeFormat(language, { ...form, timeZone: 'UTC' }))
    .flatMap((format) => days.flatMap((day) => format.formatToParts(day)))
    .filter(({ type }) => type === 'month' || type === 'weekday')
    .map(({ value }) => value.toLowerCase().replace(/\.$/, ''))
    .filter((word) => word.length > 2);
}
