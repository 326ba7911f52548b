import { type TextFileProblem, textFileReader } from '../domain/text-file';
import { t } from '../words/words';

/** Where the rows come from: a file that was chosen or dropped, or a text that was pasted. */
export type ImportSource =
  | { readonly is: 'file'; readonly file: File }
  | { readonly is: 'pasted'; readonly text: string };

/** Why there is no text. `unreadable`: the browser gave none, such as of a file that has changed since it was chosen. */
export type SourceProblem = TextFileProblem | { readonly kind: 'tooLarge' | 'unreadable' };

export type SourceText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: SourceProblem };

/** In megabytes; some 200,000 lines. */
const LARGEST_FILE_MB = 20;
const PIECE = 262_144;

/** The text of what was chosen. `pause` is awaited between pieces; it throws where it is to end. */
export async function textOf(source: ImportSource, pause: () => Promise<void>): Promise<SourceText> {
  const size = source.is === 'file' ? source.file.size : source.text.length;
  if (size > LARGEST_FILE_MB * 1_000_000) return { ok: false, problem: { kind: 'tooLarge' } };
  if (source.is === 'pasted') return { ok: true, text: source.text };
  const { file } = source;
  const reader = textFileReader();
  const texts: string[] = [];
  for (let at = 0; at < file.size; at += PIECE) {
    const bytes = await bytesOf(file.slice(at, at + PIECE));
    if (bytes === null) return { ok: false, problem: { kind: 'unreadable' } };
    const piece = reader.push(bytes);
    if (!piece.ok) return piece;
    texts.push(piece.text);
    await pause();
  }
  const last = reader.end();
  return last.ok ? { ok: true, text: texts.join('') + last.text } : last;
}

async function bytesOf(piece: Blob): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await piece.arrayBuffer());
  } catch {
    // Moved, changed or taken away since it was chosen: nothing else makes it fail.
    return null;
  }
}

/** Why a file is not read at all, and how to have one that is. */
export function sourceProblemText(problem: SourceProblem): string {
  switch (problem.kind) {
    case 'otherEncoding':
    case 'damaged':
      return t(`imports.file.${problem.kind}`, { line: problem.line });
    case 'tooLarge':
      return t('imports.file.tooLarge', { most: LARGEST_FILE_MB });
    case 'workbook':
    case 'unreadable':
      return t(`imports.file.${problem.kind}`);
  }
}
