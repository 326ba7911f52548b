/** A command cannot go on; the message is a sentence for the person who gave it. */
export class CommandError extends Error {}

/** Says a sentence to the person at the terminal. The log goes to the standard output, so this is the other one. */
export function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
