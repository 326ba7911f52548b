/**
 * Tells a developer who opens the console. Takes a sentence and plain facts (codes, IDs, counts): never a token, never a body.
 */
export interface Log {
  info(sentence: string, facts?: Readonly<Record<string, string | number | boolean | null>>): void;
  error(sentence: string, cause: unknown): void;
}

export const consoleLog: Log = {
  info: (sentence, facts = {}) => console.info(sentence, facts),
  error: (sentence, cause) => console.error(sentence, cause instanceof Error ? cause.name : '', describe(cause)),
};

/** An unknown thrown value in words. */
export function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
