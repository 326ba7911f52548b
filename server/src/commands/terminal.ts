import { wholeVisibleText } from '../../../src/domain/visible-text';

/** A command cannot go on; the message is a sentence for the person who gave it. */
export class CommandError extends Error {}

/**
 * Says a sentence, or lines of them, to the person at the terminal. The log goes to the standard output, so this is the other one.
 * What a file brought into it moves no cursor and hides nothing.
 */
export function print(sentence: string): void {
  process.stderr.write(`${sentence.split('\n').map(wholeVisibleText).join('\n')}\n`);
}
