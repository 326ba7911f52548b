import { crc32 } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import type { SpreadsheetCell, SpreadsheetColumn } from '../../../src/domain/spreadsheet';
import { workbookOf } from '../../../src/ui/workbook';

type Row = readonly SpreadsheetCell[];

async function partsOf(
  titles: readonly string[],
  rows: readonly Row[],
  pause: () => Promise<void> = async () => undefined,
) {
  const columns = titles.map((title, at): SpreadsheetColumn<Row> => ({ title, value: (row) => row[at] ?? '' }));
  const blob = await workbookOf(columns, rows, pause);
  const { DOMParser } = new JSDOM().window;
  const parse = (bytes: Uint8Array) => new DOMParser().parseFromString(strFromU8(bytes), 'application/xml');
  return new Map(
    Object.entries(unzipSync(new Uint8Array(await blob.arrayBuffer()))).map(([name, bytes]) => [name, parse(bytes)]),
  );
}

/** Each cell as a spreadsheet program takes it: where it is, of which type, and what it holds. */
async function cellsOf(titles: readonly string[], rows: readonly Row[]) {
  const sheet = (await partsOf(titles, rows)).get('xl/worksheets/sheet1.xml');
  return [...(sheet?.querySelectorAll('c') ?? [])].map((cell) => [
    cell.getAttribute('r'),
    cell.getAttribute('t') ?? 'n',
    Number(cell.getAttribute('s')),
    cell.textContent,
  ]);
}

describe('a table as a workbook', () => {
  it('has a text as text, whatever it looks like, a number as a number and a day as a day', async () => {
    expect(
      await cellsOf(['Any'], [['=1+1'], ['0123456'], [''], [4852013], [{ date: '2026-03-01' }], [{ date: '2026-03' }]]),
    ).toEqual([
      ['A1', 'inlineStr', 2, 'Any'],
      ['A2', 'inlineStr', 1, '=1+1'],
      ['A3', 'inlineStr', 1, '0123456'],
      ['A5', 'n', 0, '4852013'],
      ['A6', 'n', 3, '46082'],
      ['A7', 'inlineStr', 1, '2026-03'],
    ]);
  });

  it('has every sign that XML can hold, spaces and line ends as they are', async () => {
    const text = ' <b>&amp;"\'</b>\n é😀 \ud800\u0001\uffff';
    const [, [, , , shown] = []] = await cellsOf(['a'], [[text]]);
    expect(shown).toBe(' <b>&amp;"\'</b>\n é😀 ');
  });

  it('says of each part what it is whole, so that what was damaged is found', async () => {
    const columns = [{ title: 'a', value: ([cell = '']: Row) => cell }];
    const zip = Buffer.from(await (await workbookOf(columns, [['b']], async () => undefined)).arrayBuffer());
    const told = [];
    for (let at = zip.readUInt32LE(zip.length - 6); zip.readUInt32LE(at) === 0x02014b50; ) {
      const end = at + 46 + zip.readUInt16LE(at + 28);
      told.push([zip.subarray(at + 46, end).toString(), zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 24)]);
      at = end;
    }
    const parts = Object.entries(unzipSync(zip)).map(([name, part]) => [name, crc32(part), part.length]);
    expect(parts).toHaveLength(6);
    expect(told).toEqual(parts);
  });

  it('has what would be read as a character by its number kept from that', async () => {
    const [, [, , , shown] = []] = await cellsOf(['a'], [['_x0041_ _x_']]);
    expect(shown).toBe('_x005F_x0041_ _x_');
  });

  it('has columns beyond Z named as spreadsheets name them', async () => {
    const titles = Array.from({ length: 703 }, (_, at) => String(at));
    const cells = await cellsOf(titles, []);
    expect([25, 26, 51, 52, 701, 702].map((at) => cells[at]?.[0])).toEqual(['Z1', 'AA1', 'AZ1', 'BA1', 'ZZ1', 'AAA1']);
  });

  it('names each of its parts, and each part that another needs is there', async () => {
    const parts = await partsOf(['a'], [['b']]);
    const named = [...(parts.get('[Content_Types].xml')?.querySelectorAll('Override') ?? [])].map((one) =>
      one.getAttribute('PartName')?.slice(1),
    );
    expect(named.toSorted()).toEqual(['xl/styles.xml', 'xl/workbook.xml', 'xl/worksheets/sheet1.xml']);
    const needed = [
      ...[...(parts.get('_rels/.rels')?.querySelectorAll('Relationship') ?? [])].map((one) =>
        one.getAttribute('Target'),
      ),
      ...[...(parts.get('xl/_rels/workbook.xml.rels')?.querySelectorAll('Relationship') ?? [])].map(
        (one) => `xl/${one.getAttribute('Target')}`,
      ),
    ];
    expect(needed.filter((name) => !parts.has(name ?? ''))).toEqual([]);
    expect([...parts.values()].some((part) => part.querySelector('parsererror'))).toBe(false);
    expect(parts.get('xl/styles.xml')?.querySelectorAll('cellXfs xf')).toHaveLength(4);
  });

  it('has every row of many, and lets others in between', async () => {
    let pauses = 0;
    const rows = Array.from({ length: 1_000 }, (_, at) => [`row ${at}`, at]);
    const parts = await partsOf(['a', 'b'], rows, async () => {
      pauses += 1;
    });
    const all = parts.get('xl/worksheets/sheet1.xml')?.querySelectorAll('row') ?? [];
    expect(all).toHaveLength(1_001);
    expect(all[1_000]?.textContent).toBe('row 999999');
    expect(pauses).toBe(10);
  });

  it('ends where it is told to', async () => {
    await expect(
      partsOf(['a'], [['b']], async () => {
        throw new Error('left');
      }),
    ).rejects.toThrow('left');
  });
});
