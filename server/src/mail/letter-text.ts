import type { Words } from '../../words/words';
import { type Block, inPlainText } from './letter-blocks';

/** A mail's blocks in plain text, an empty line between two. */
export function letterText(blocks: readonly Block[], words: Words): string {
  return `${blocks.map((block) => blockText(block, words)).join('\n\n')}\n`;
}

function blockText(block: Block, words: Words): string {
  switch (block.kind) {
    case 'sender':
    case 'heading':
    case 'paragraph':
    case 'small':
      return inPlainText(block.sentence);
    case 'facts':
      return block.facts.map(([name, value]) => words.t('mail.fact', { name, value: inPlainText(value) })).join('\n');
    case 'list':
      return [block.title, ...block.items.map((what) => words.t('mail.seenItem', { what }))].join('\n');
    case 'entries':
      return [
        inPlainText(block.title),
        ...block.entries.flatMap(({ name, details }) => [
          words.t('mail.seenItem', { what: inPlainText(name) }),
          ...details.map((detail) => `  ${inPlainText(detail)}`),
        ]),
      ].join('\n');
  }
}
