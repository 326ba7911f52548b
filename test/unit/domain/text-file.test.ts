import { describe, expect, it } from 'vitest';
import { decodeTextFile, type TextFileProblem, textFileReader } from '../../../src/domain/text-file';

const TEXT = 'partnerId,name\r\n4852013,Söhne & Töchter\r\n5120846,株式会社 👩‍💻\r\n';

const utf8 = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const hex = (bytes: string) => Uint8Array.from(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
const utf16le = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le'));
const utf16be = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le').swap16());
const utf32le = (text: string) => Uint8Array.from([...text].flatMap((one) => [...utf16le(one), 0, 0]));
const utf32be = (text: string) => Uint8Array.from([...text].flatMap((one) => [0, 0, ...utf16be(one)]));

const READ: readonly (readonly [string, Uint8Array])[] = [
  ['UTF-8', utf8(TEXT)],
  ['UTF-8 with a byte order mark', utf8(`\ufeff${TEXT}`)],
  ['UTF-16 LE', utf16le(TEXT)],
  ['UTF-16 LE with a byte order mark', utf16le(`\ufeff${TEXT}`)],
  ['UTF-16 BE', utf16be(TEXT)],
  ['UTF-16 BE with a byte order mark', utf16be(`\ufeff${TEXT}`)],
];

const CSV = 'partnerId,name\n4852013,';
const REFUSED: readonly (readonly [string, Uint8Array, TextFileProblem])[] = [
  ['Windows-1252', latin1(`${CSV}Söhne\n`), { kind: 'otherEncoding', encoding: 'windows', line: 2 }],
  [
    'Windows-1252 that ends with a letter',
    latin1(`${CSV}Café`),
    { kind: 'otherEncoding', encoding: 'windows', line: 2 },
  ],
  [
    'Windows-1252 with a dash and a euro',
    hex('41 20 96 20 fc 20 80'),
    { kind: 'otherEncoding', encoding: 'windows', line: 1 },
  ],
  [
    'Windows-1252 with returns for line ends',
    latin1('a\rb\r\n\rÖ'),
    { kind: 'otherEncoding', encoding: 'windows', line: 4 },
  ],
  ['Shift_JIS', hex('61 2c 83 6f 83 93 83 4e 0a'), { kind: 'otherEncoding', encoding: 'shift_jis', line: 1 }],
  ['Windows-1251', hex('61 2c cf f0 e8 e2 e5 f2 0a'), { kind: 'otherEncoding', encoding: null, line: 1 }],
  ['the code page of a DOS prompt', hex('53 94 68 6e 65'), { kind: 'otherEncoding', encoding: null, line: 1 }],
  ['GB18030 with its mark', hex('84 31 95 33 61'), { kind: 'otherEncoding', encoding: 'gb18030', line: 1 }],
  ['UTF-32 LE', utf32le('partner'), { kind: 'otherEncoding', encoding: 'utf-32', line: 1 }],
  ['UTF-32 BE', utf32be('partner'), { kind: 'otherEncoding', encoding: 'utf-32', line: 1 }],
  ['UTF-32 LE with its mark', utf32le('\ufeffö'), { kind: 'otherEncoding', encoding: 'utf-32', line: 1 }],
  ['UTF-32 BE with its mark', utf32be('\ufeffö'), { kind: 'otherEncoding', encoding: 'utf-32', line: 1 }],
  ['a workbook', utf8('PK\u0003\u0004xl'), { kind: 'workbook' }],
  ['a file that is packed', hex('1f 8b 08 00 00 00'), { kind: 'workbook' }],
  ['an old workbook', hex('d0 cf 11 e0 a1 b1'), { kind: 'workbook' }],
  [
    'UTF-8 that is cut within a character',
    utf8('ö\nö').subarray(0, 4),
    { kind: 'damaged', encoding: 'utf-8', line: 2 },
  ],
  [
    'UTF-8 with a line of Windows-1252',
    Uint8Array.from([...utf8('Söhne\n'), ...latin1('Töchter\n')]),
    { kind: 'damaged', encoding: 'utf-8', line: 2 },
  ],
  ['UTF-16 that is cut', utf16le('ab\nc').subarray(0, 7), { kind: 'damaged', encoding: 'utf-16le', line: 2 }],
  ['UTF-16 with half of a pair', utf16be('ab\n\ud83dc'), { kind: 'damaged', encoding: 'utf-16be', line: 2 }],
];

/** As it is read when it comes in pieces of so many bytes. */
function inPieces(bytes: Uint8Array, size: number) {
  const reader = textFileReader();
  let text = '';
  for (let at = 0; at < bytes.length; at += size) {
    const piece = reader.push(bytes.subarray(at, at + size));
    if (!piece.ok) return piece;
    text += piece.text;
  }
  const last = reader.end();
  return last.ok ? { ok: true, text: text + last.text } : last;
}

describe('the bytes of a text file', () => {
  it.each(READ)('are read, and a byte order mark dropped, in %s', (_, bytes) => {
    expect(decodeTextFile(bytes)).toEqual({ ok: true, text: TEXT });
  });

  it.each(REFUSED)('are refused with the line and what they are: %s', (_, bytes, problem) => {
    expect(decodeTextFile(bytes)).toEqual({ ok: false, problem });
  });

  it('say the same however they are cut into pieces', () => {
    for (const size of [1, 2, 3, 4, 5, 7]) {
      for (const [name, bytes] of READ) expect([name, inPieces(bytes, size)]).toEqual([name, { ok: true, text: TEXT }]);
      for (const [name, bytes, problem] of REFUSED) {
        const read = inPieces(bytes, size);
        // What the encoding is guessed from may not have come yet.
        const { kind, line } = { line: undefined, ...problem };
        expect([name, read]).toMatchObject([name, { ok: false, problem: { kind, ...(line && { line }) } }]);
      }
    }
  });

  it('may be none at all, or no more than a mark', () => {
    for (const bytes of [hex(''), hex('ef bb bf'), hex('ff fe'), hex('fe ff')]) {
      expect(decodeTextFile(bytes)).toEqual({ ok: true, text: '' });
    }
  });

  it('are refused far within a long file, with its line', () => {
    const lines = '4852013,Fabrikam\r\n'.repeat(20_000);
    const bytes = Uint8Array.from([...utf8(lines), ...latin1('5120846,Söhne\r\n'), ...utf8(lines)]);
    expect(decodeTextFile(bytes)).toEqual({
      ok: false,
      problem: { kind: 'otherEncoding', encoding: 'windows', line: 20_001 },
    });
    expect(decodeTextFile(utf8(lines))).toEqual({ ok: true, text: lines });
  });
});
