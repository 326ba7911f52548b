import type { Held, Latest, MeasuredRow, Spread } from './latest';
import type { Unit } from './subject';

const BEGIN = '<!-- bench: written by `npm run bench` -->';
const END = '<!-- /bench -->';

/** The text with the table of that run between its markers. Throws when they are not in it. */
export function withTable(text: string, latest: Latest): string {
  const [before, rest, ...more] = text.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`The table goes between ${BEGIN} and ${END}, each there once`);
  }
  return `${before}${BEGIN}\n\n${tableOf(latest)}\n\n${END}${after}`;
}

/** The table of a run, with where and when it was. */
export function tableOf({ date, commit, machine, browser, rows, notMeasured }: Latest): string {
  const { processor, cores, memoryGb, system } = machine;
  const lines = [
    ['what', 'ours', 'beside it', 'to hold', 'held'],
    ['---', '---', '---', '---', '---'],
    ...rows.map(cellsOf),
  ];
  return [
    `Of ${date.slice(0, 10)}, commit ${commit}, ${browser}, on ${processor}, ${cores} cores, ${memoryGb} GB, ${system}: medians, with the least and the greatest in brackets.`,
    '',
    ...lines.map((cells) => `| ${cells.map(cellOf).join(' | ')} |`),
    ...notMeasured.map(({ subject, why }) => `| ${subject} | **not measured**: ${cellOf(why)} | | | |`),
  ].join('\n');
}

function cellsOf({ what, unit, over, sides, holds }: MeasuredRow): string[] {
  const [ours, ...others] = sides;
  if (ours === undefined) throw new Error(`“${what}” has no figure`);
  const beside = others.map((side) => `${side.name} ${figureText(side, unit)}`).join('; ');
  const more = over === null ? what : `${what}, above ${over}`;
  const came = holds.map(({ held }) => (held ? 'yes' : '**no**'));
  return [more, figureText(ours, unit), beside, holds.map((hold) => holdText(hold, unit)).join('; '), came.join('; ')];
}

function holdText({ kind, side, most, came }: Held, unit: Unit): string {
  switch (kind) {
    case 'atMost':
      return `at most ${number(most)} ${unit}`;
    case 'above':
      return `at most ${number(most)} ${unit} above ${side}; came to ${figureText(came, unit)}`;
    case 'times':
      return `at most ${number(most)} times ${side}; came to ${figureText(came, '')}`;
  }
}

function figureText({ median, least, most }: Spread, unit: Unit | ''): string {
  const spread = least === most ? '' : ` (${number(least)} to ${number(most)})`;
  return `${number(median)}${unit && ` ${unit}`}${spread}`;
}

/** As precise as it is worth: three digits, and none after the point from 100 on. */
function number(figure: number): string {
  const size = Math.abs(figure);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return figure.toLocaleString('en', { maximumFractionDigits: digits });
}

function cellOf(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

/** What of a run missed its number, a line for each. */
export function missesOf(rows: readonly MeasuredRow[]): string[] {
  return rows.flatMap(({ what, unit, holds }) =>
    holds
      .filter(({ held }) => !held)
      .map(
        (hold) =>
          `${what}: ${holdText(hold, unit)}${hold.kind === 'atMost' ? `; came to ${figureText(hold.came, unit)}` : ''}`,
      ),
  );
}
