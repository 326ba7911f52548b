/** A fenced block of a Markdown page. */
export interface Fence {
  /** What stands behind the opening fence: `sh`, `json`, `nginx`; '' when nothing does. */
  readonly language: string;
  /** The title of the part of the page that it stands in, without its marks. */
  readonly heading: string;
  /** The line of the page on which the fence opens, from 1. */
  readonly line: number;
  /** What stands between the fences, without the indentation that the opening fence has. */
  readonly text: string;
}

const OPENING = /^( *)```([\w-]*)\s*$/;
const HEADING = /^#{1,6} +(.+)$/;

/** The fenced blocks of a Markdown page, in their order. Throws an Error that names the line of one that is not closed. */
export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = [];
  let heading = '';
  let open: { language: string; line: number; indent: string; lines: string[] } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open !== null) {
      if (line.trim() !== '```') {
        open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
        continue;
      }
      fences.push({ language: open.language, heading, line: open.line, text: `${open.lines.join('\n')}\n` });
      open = null;
      continue;
    }
    const opening = OPENING.exec(line);
    if (opening !== null) {
      const [, indent = '', language = ''] = opening;
      open = { language, line: index + 1, indent, lines: [] };
    } else heading = HEADING.exec(line)?.[1] ?? heading;
  }
  if (open !== null) throw new Error(`The block that opens on line ${open.line} is not closed.`);
  return fences;
}
