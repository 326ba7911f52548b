/** An encoding that is read: by its byte order mark, or by the zero bytes of a first character that is ASCII. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/**
 * Why the bytes of a file are not read as a text.
 *
 * - `otherEncoding`: it is another one than UTF-8. `windows` is Windows-1252 or one of its kin (ISO-8859-1, -15), which can not
 *   be told apart; null: one that can not be named
 * - `damaged`: it is in this encoding, but for a character on this line that is cut or mixed in from elsewhere
 * - `workbook`: it is the file of a spreadsheet program itself (.xlsx, .ods, .xls), or another archive (.zip, .gz, .zst)
 */
export type TextFileProblem =
  | { readonly kind: 'otherEncoding'; readonly encoding: OtherEncoding | null; readonly line: number }
  | { readonly kind: 'damaged'; readonly encoding: TextEncoding; readonly line: number }
  | { readonly kind: 'workbook' };

export type OtherEncoding = 'windows' | 'shift_jis' | 'gb18030' | 'utf-32';

export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: TextFileProblem };

/** Reads a file piece by piece. After a problem it is of no more use. */
export interface TextFileReader {
  /** The text that is whole with this piece; what is cut at the piece's end comes with the next. */
  readonly push: (piece: Uint8Array) => DecodedText;
  /** What was still missing; call it once, after the last piece. */
  readonly end: () => DecodedText;
}

/** How many bytes decide the encoding. */
const HEAD = 4;
/** The size of a piece, in bytes. A whole file is read in pieces too, so that a problem is looked for in one of them. */
const PIECE = 65_536;
/** How much around a bad byte is looked at for its encoding, in bytes. */
const SAMPLE = 2048;

const NOTHING: DecodedText = { ok: true, text: '' };

/**
 * Reads the bytes of a file as a text: UTF-8, or UTF-16 of either byte order, with a byte order mark, which is dropped, or without.
 * Nothing is ever replaced: what is in another encoding is refused.
 */
export function decodeTextFile(bytes: Uint8Array): DecodedText {
  const reader = textFileReader();
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = reader.push(bytes.subarray(at, at + PIECE));
    if (!piece.ok) return piece;
    texts.push(piece.text);
  }
  const last = reader.end();
  return last.ok ? { ok: true, text: texts.join('') + last.text } : last;
}

/** The same for a file that comes piece by piece, however it is cut. */
export function textFileReader(): TextFileReader {
  let rest: Uint8Array = new Uint8Array();
  let body: TextFileReader | null = null;
  const begun = (): DecodedText => {
    const start = startOf(rest);
    if ('problem' in start) return { ok: false, problem: start.problem };
    body = bodyReader(start.encoding);
    return body.push(rest.subarray(start.mark));
  };
  return {
    push(piece) {
      if (body !== null) return body.push(piece);
      rest = joined(rest, piece);
      return rest.length < HEAD ? NOTHING : begun();
    },
    end() {
      const first = body === null ? begun() : NOTHING;
      if (!first.ok || body === null) return first;
      const last = body.end();
      return last.ok ? { ok: true, text: first.text + last.text } : last;
    },
  };
}

type Start =
  | { readonly encoding: TextEncoding; readonly mark: number }
  | { readonly problem: Exclude<TextFileProblem, { kind: 'damaged' }> };

const other = (encoding: OtherEncoding): Start => ({ problem: { kind: 'otherEncoding', encoding, line: 1 } });
const WORKBOOK: Start = { problem: { kind: 'workbook' } };

/** What a file begins with, the longer ones first. */
const STARTS: readonly (readonly [readonly number[], Start])[] = [
  [[0xff, 0xfe, 0, 0], other('utf-32')],
  [[0, 0, 0xfe, 0xff], other('utf-32')],
  [[0x84, 0x31, 0x95, 0x33], other('gb18030')],
  [[0x50, 0x4b, 0x03, 0x04], WORKBOOK],
  [[0xd0, 0xcf, 0x11, 0xe0], WORKBOOK],
  [[0x1f, 0x8b, 0x08], WORKBOOK],
  [[0x28, 0xb5, 0x2f, 0xfd], WORKBOOK],
  [[0xef, 0xbb, 0xbf], { encoding: 'utf-8', mark: 3 }],
  [[0xff, 0xfe], { encoding: 'utf-16le', mark: 2 }],
  [[0xfe, 0xff], { encoding: 'utf-16be', mark: 2 }],
];

function startOf(head: Uint8Array): Start {
  const marked = STARTS.find(([bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (marked !== undefined) return marked[1];
  // Without a mark: what we read begins with an ASCII character, which UTF-16 and UTF-32 fill up with zeros (RFC 4627, 3).
  const zeros = Array.from(head.subarray(0, HEAD), (byte) => (byte === 0 ? '0' : 'x')).join('');
  if (zeros === 'x000' || zeros === '000x') return other('utf-32');
  if (zeros.startsWith('x0')) return { encoding: 'utf-16le', mark: 0 };
  if (zeros.startsWith('0x')) return { encoding: 'utf-16be', mark: 0 };
  return { encoding: 'utf-8', mark: 0 };
}

function bodyReader(encoding: TextEncoding): TextFileReader {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const isText = (bytes: Uint8Array) => decodedBy(decoder, bytes) !== null;
  let rest: Uint8Array = new Uint8Array();
  let line = 1;
  let afterReturn = false;
  let beyondAscii = false;

  function read(bytes: Uint8Array, whole: number): DecodedText {
    const text = decodedBy(decoder, bytes.subarray(0, whole));
    if (text === null) return { ok: false, problem: problemIn(bytes) };
    line += lineBreaks(text) - (afterReturn && text.startsWith('\n') ? 1 : 0);
    if (text !== '') afterReturn = text.endsWith('\r');
    beyondAscii ||= text.length < whole;
    rest = bytes.slice(whole);
    return { ok: true, text };
  }

  /** What is wrong with bytes that are no text, and on which line. */
  function problemIn(bytes: Uint8Array): TextFileProblem {
    const good = goodBytes(encoding, bytes, isText);
    const before = read(bytes, good);
    const bad = bytes.subarray(Math.max(good - SAMPLE, 0), good + SAMPLE);
    if (!before.ok) return before.problem;
    // A character beyond ASCII was whole, so the file has the encoding that we took it for.
    if (encoding !== 'utf-8' || beyondAscii) return { kind: 'damaged', encoding, line };
    return { kind: 'otherEncoding', encoding: guessed(bad), line };
  }

  return {
    push(piece) {
      const bytes = joined(rest, piece);
      return read(bytes, wholeBytes(encoding, bytes));
    },
    end: () => read(rest, rest.length),
  };
}

function decodedBy(decoder: TextDecoder, bytes: Uint8Array, options?: TextDecodeOptions): string | null {
  try {
    return decoder.decode(bytes, options);
  } catch {
    // A fatal decoder throws at bytes that are no text, and at nothing else.
    return null;
  }
}

/** How many of the bytes are whole characters, as far as their end goes: what is wrong within is not looked at. */
function wholeBytes(encoding: TextEncoding, bytes: Uint8Array): number {
  if (encoding === 'utf-8') {
    for (let back = 1; back <= 3; back += 1) {
      const byte = bytes[bytes.length - back] ?? 0;
      if (byte >= 0xc0) return bytes.length - (back < utf8Length(byte) ? back : 0);
      if (byte < 0x80) return bytes.length;
    }
    return bytes.length;
  }
  const even = bytes.length - (bytes.length % 2);
  const high = bytes[encoding === 'utf-16le' ? even - 1 : even - 2] ?? 0;
  return high >= 0xd8 && high <= 0xdb ? even - 2 : even;
}

function utf8Length(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

/** How many bytes come before the first that is no part of a character. */
function goodBytes(encoding: TextEncoding, bytes: Uint8Array, isText: (bytes: Uint8Array) => boolean): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isText(bytes.subarray(0, wholeBytes(encoding, bytes.subarray(0, middle))))) good = middle;
    else bad = middle;
  }
  return wholeBytes(encoding, bytes.subarray(0, good));
}

function lineBreaks(text: string): number {
  return text.match(/\r\n?|\n/g)?.length ?? 0;
}

/**
 * The encoding that bytes around one that is not UTF-8 could be in. Japanese is told by its kana; letters of the west by standing
 * alone or in twos beside others, where other single-byte alphabets and the double-byte encodings make longer runs.
 */
function guessed(bytes: Uint8Array): OtherEncoding | null {
  // A sample may end within a character.
  const japanese = decodedBy(new TextDecoder('shift_jis', { fatal: true }), bytes, { stream: true });
  if (japanese !== null && /[\u3041-\u30fa]/.test(japanese) && !/\p{Co}/u.test(japanese)) return 'shift_jis';
  const runs = String.fromCharCode(...bytes).match(/[^\0-\x7f]+/g) ?? [];
  // Letters and signs of ISO-8859, and of Windows-1252 besides the euro, the ellipsis, quotes, dashes and the trade mark.
  const isWestern = runs.every((run) => /^[\xa0-\xff\x80\x82\x84\x85\x91-\x94\x96\x97\x99]{1,2}$/.test(run));
  return isWestern && /[\xc0-\xd6\xd8-\xf6\xf8-\xff]/.test(runs.join('')) ? 'windows' : null;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
