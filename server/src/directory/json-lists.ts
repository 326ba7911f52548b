import { JSONParser, TokenType } from '@streamparser/json';
import { visibleText } from '../../../src/domain/visible-text';

/** A file is no JSON, or no object of lists; the message is a sentence that says where and what. */
export class JsonProblem extends Error {}

/** No list that is meant is so deep, and the parser takes ever longer the deeper it is (0.0.26: a minute for 250,000). */
const DEEPEST = 200;

/** Names that JavaScript has uses of its own for; valibot (1) passes over them without a word. */
const NOT_TAKEN: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** What a reader of lists reports as it goes. */
export interface Heard<Name extends string> {
  readonly entry: (list: Name, index: number, value: unknown) => void;
  /** A list that is missing, is there twice or is none. */
  readonly problem: (sentence: string) => void;
  /** A name within an entry that would be lost: it is there twice in one object, or cannot be taken. Said before the entry. */
  readonly lost: (list: Name, index: number, sentence: string) => void;
}

export interface ListReader {
  /** Throws a {@link JsonProblem}. */
  readonly push: (text: string) => void;
  /** Call it once, after the last piece. Throws a {@link JsonProblem}. */
  readonly end: () => void;
}

/** What a token that is not expected says about what is missing, by the parser's name for what it waits for. */
const MISSING: Readonly<Record<string, string>> = {
  COMMA: 'a comma is missing before it.',
  COLON: 'a colon is missing before it.',
  KEY: 'a name in quotation marks must stand there; is there a comma too many before it?',
  VALUE: 'a value must stand there; is there a comma too many before it?',
  ENDED: 'the object has ended before it.',
};

/**
 * Reads a JSON object of lists piece by piece, and holds no more of it than one entry. What the object has besides the lists named
 * is not looked at.
 */
export function listReader<Name extends string>(names: readonly Name[], heard: Heard<Name>): ListReader {
  const place = placeInText();
  const seen = new Set<Name>();
  let list: { readonly name: Name; next: number } | null = null;
  let name: string | null = null;
  let depth = 0;
  /** The names of each object that is open within an entry; null stands for a list. */
  const open: (Set<string> | null)[] = [];
  let isName = false;
  let lastToken: { readonly offset: number; readonly text: string } | null = null;
  let afterColon = false;

  function begin(isList: boolean): void {
    afterColon = false;
    const known = names.find((one) => one === name);
    list = null;
    if (known === undefined) return;
    if (seen.has(known)) heard.problem(`the list “${known}” is there twice.`);
    else if (isList) list = { name: known, next: 0 };
    else heard.problem(`“${known}” must be a list [ … ].`);
    seen.add(known);
  }

  function hearName(text: string): void {
    const names = open.at(-1);
    if (list === null || names === undefined || names === null) return;
    if (names.has(text)) heard.lost(list.name, list.next, `the name ${JSON.stringify(text)} is there twice.`);
    if (NOT_TAKEN.includes(text)) heard.lost(list.name, list.next, `the name ${JSON.stringify(text)} cannot be taken.`);
    names.add(text);
  }

  const parser = new JSONParser({ paths: names.map((one) => `$.${one}.*`), keepStack: false });
  parser.onToken = ({ token, value, offset }) => {
    if (depth === 0 && lastToken === null && token !== TokenType.LEFT_BRACE) throw new JsonProblem(place.noObject());
    lastToken = { offset, text: String(value) };
    switch (token) {
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET:
        if (depth === 1) begin(token === TokenType.LEFT_BRACKET);
        depth++;
        if (depth > DEEPEST) throw new JsonProblem(place.tooDeep(offset));
        isName = token === TokenType.LEFT_BRACE;
        if (depth > 2) open.push(isName ? new Set() : null);
        break;
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET:
        depth--;
        open.pop();
        isName = false;
        break;
      case TokenType.COLON:
        if (depth === 1) afterColon = true;
        isName = false;
        break;
      case TokenType.STRING:
        if (isName) hearName(String(value));
        isName = false;
        if (depth !== 1) break;
        if (afterColon) begin(false);
        else name = String(value);
        break;
      case TokenType.NUMBER:
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        if (depth === 1 && afterColon) begin(false);
        break;
      case TokenType.COMMA:
        isName = (open.at(-1) ?? null) !== null;
        break;
      case TokenType.SEPARATOR:
        break;
    }
  };
  parser.onValue = ({ value }) => {
    if (list !== null) heard.entry(list.name, list.next++, value);
  };

  function problemOf(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof JsonProblem) return error;
    // A character that is in no token has its position in the parser's words; a token that is not expected was the last one.
    const at = /absolute position "(\d+)"/.exec(error.message)?.[1];
    if (lastToken === null) return new JsonProblem(place.noObject());
    const missing = MISSING[/ in state ([A-Z]+)$/.exec(error.message)?.[1] ?? ''];
    return new JsonProblem(
      at === undefined
        ? place.unexpected(lastToken.offset, lastToken.text, missing)
        : place.unexpected(Number(at), null, missing),
    );
  }

  return {
    push(text) {
      place.enter(text);
      try {
        parser.write(text);
      } catch (error) {
        throw problemOf(error);
      }
    },
    end() {
      if (place.isEmpty()) throw new JsonProblem('it is empty.');
      if (lastToken === null) throw new JsonProblem(place.noObject());
      if (!parser.isEnded) throw new JsonProblem(place.cutOff());
      for (const missing of names.filter((one) => !seen.has(one))) {
        heard.problem(`the list “${missing}” is missing; write "${missing}": [] when there is nothing to say.`);
      }
    },
  };
}

/** So much of the beginning shows what a file is. */
const HEAD = 1000;
const LONGEST_QUOTE = 40;

/**
 * Where the parser is in the text, in lines and characters; it counts bytes of UTF-8 itself. A token may have begun in the piece
 * before the present one.
 */
function placeInText() {
  let head = '';
  let before = '';
  let piece = '';
  let bytesBefore = 0;
  let line = 1;
  let column = 1;

  /** Line and column of what comes after so much of the two pieces. */
  function after(text: string): { line: number; column: number } {
    const breaks = text.split('\n');
    const last = breaks.at(-1) ?? '';
    return breaks.length === 1
      ? { line, column: column + last.length }
      : { line: line + breaks.length - 1, column: last.length + 1 };
  }
  /** What of the two pieces comes before an offset in bytes. */
  const textBefore = (offset: number) =>
    Buffer.from(before + piece)
      .subarray(0, Math.max(offset - bytesBefore, 0))
      .toString();
  const where = (at: { line: number; column: number }) => `line ${at.line}, column ${at.column}`;

  return {
    /** Goes on to the next piece. */
    enter(text: string): void {
      ({ line, column } = after(before));
      bytesBefore += Buffer.byteLength(before);
      before = piece;
      piece = text;
      if (head.length < HEAD) head = (head + text).slice(0, HEAD);
    },
    isEmpty: () => head.trim() === '',
    noObject(): string {
      const first = [...head.trimStart()][0] ?? '';
      const [firstLine = ''] = head.trimStart().split(/[\r\n]/);
      const looksLikeCsv = /^[\w" -]+[,;\t]/.test(firstLine);
      return looksLikeCsv
        ? 'it looks like a CSV file, and a JSON file is needed. Partners alone are imported from a CSV file by “partners import FILE”.'
        : `it is no JSON object: it begins with “${visibleText(first)}” and not with “{”.`;
    },
    /** What is wrong at an offset in bytes; `token` is what stands there, where it is more than one character. */
    unexpected(offset: number, token: string | null, missing: string | undefined): string {
      const upTo = textBefore(offset);
      const at = where(after(upTo));
      const [character = ''] = (before + piece).slice(upTo.length, upTo.length + 2);
      if (token === null && /[\n\r]/.test(character)) {
        return `it is no JSON: on ${at} a line ends within a text that is not closed by a quotation mark.`;
      }
      if (token === null && character < ' ') {
        const escaped = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
        return `it is no JSON: on ${at} stands “${visibleText(character)}”, which within a text is written ${escaped}.`;
      }
      const there = visibleText(token === null ? character : shortened(token));
      return `it is no JSON: on ${at} stands “${there}”, ${missing === undefined ? 'which is not expected there.' : `but ${missing}`}`;
    },
    tooDeep: (offset: number) =>
      `it is no directory: on ${where(after(textBefore(offset)))} something is nested more than ${DEEPEST} deep.`,
    cutOff: () =>
      `it is no whole JSON: it ends on ${where(after(before + piece))} before all that was opened is closed. Is it cut off?`,
  };
}

function shortened(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}
