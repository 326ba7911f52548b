import { open, readFile } from 'node:fs/promises';
import {
  type DecodedText,
  decodeTextFile,
  type OtherEncoding,
  type TextEncoding,
  type TextFileProblem,
  textFileReader,
} from '../../../src/domain/text-file';
import { codeOf, messageOf } from '../thrown';
import { CommandError } from './terminal';

const OTHERS: Readonly<Record<OtherEncoding, string>> = {
  windows: 'Windows-1252 or one of its kin (ANSI, ISO-8859-1)',
  shift_jis: 'Shift_JIS',
  gb18030: 'GB18030',
  'utf-32': 'UTF-32',
};
const OURS: Readonly<Record<TextEncoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
};
const SAVE_IT =
  'Save it as UTF-8 and give the command again: in Excel with the type “CSV UTF-8 (Comma delimited)”, in an editor with the encoding “UTF-8”.';

/** Reads a file whole as a text. Throws a {@link CommandError} that says how to save it, where it is not in UTF-8 or UTF-16. */
export async function readTextFile(file: string): Promise<string> {
  const decoded = decodeTextFile(await bytesOf(file));
  if (decoded.ok) return decoded.text;
  throw unreadableText(file, decoded.problem);
}

/** Says why a file is not read as a text, and how to save it so that it is. */
function unreadableText(file: string, problem: TextFileProblem): CommandError {
  return new CommandError(`${file} cannot be read: ${whatItIs(problem)} ${SAVE_IT}`);
}

function whatItIs(problem: TextFileProblem): string {
  switch (problem.kind) {
    case 'otherEncoding': {
      const { encoding, line } = problem;
      const name = encoding === null ? 'in an encoding other than UTF-8' : `in ${OTHERS[encoding]}, not in UTF-8`;
      return `it is ${name} (line ${line}).`;
    }
    case 'damaged':
      return `it is in ${OURS[problem.encoding]}, but on line ${problem.line} a character is cut or comes from another encoding. Put that line right.`;
    case 'workbook':
      return 'it is a workbook of a spreadsheet program or another archive, not a text.';
  }
}

/**
 * Reads a file piece by piece, once, so that it may be a pipe. `heard` gets how many bytes are read and how many there are, null
 * where nobody knows. Throws a {@link CommandError} as {@link readTextFile} does.
 */
export async function* textPieces(
  file: string,
  heard: (read: number, all: number | null) => void,
): AsyncGenerator<string> {
  const reader = textFileReader();
  const textOf = (decoded: DecodedText): string => {
    if (decoded.ok) return decoded.text;
    throw unreadableText(file, decoded.problem);
  };
  let read = 0;
  for await (const { piece, all } of bytePieces(file)) {
    read += piece.length;
    yield textOf(reader.push(piece));
    heard(read, all);
  }
  yield textOf(reader.end());
}

/** By this name a socket cannot be opened, which some programs give us as our standard input. */
const STANDARD_INPUT = '/dev/stdin';

async function* bytePieces(file: string): AsyncGenerator<{ piece: Buffer; all: number | null }> {
  try {
    if (file === STANDARD_INPUT) {
      for await (const piece of process.stdin) yield { piece, all: null };
      return;
    }
    const handle = await open(file);
    try {
      const found = await handle.stat();
      // What has no size of its own (a pipe, a device) has none that is known.
      const all = found.isFile() && found.size > 0 ? found.size : null;
      for await (const piece of handle.createReadStream({ autoClose: false })) yield { piece, all };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw cannotRead(file, error);
  }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw cannotRead(file, error);
  }
}

function cannotRead(file: string, error: unknown): CommandError {
  switch (codeOf(error)) {
    case 'ENOENT':
      return new CommandError(`${file} cannot be read: there is no such file.`, { cause: error });
    case 'EISDIR':
      return new CommandError(`${file} cannot be read: it is a folder. Name a file in it.`, { cause: error });
    case 'EACCES':
      return new CommandError(`${file} cannot be read: the user who runs the command may not.`, { cause: error });
    default:
      return new CommandError(`${file} cannot be read: ${messageOf(error)}`, {
        cause: error,
      });
  }
}
