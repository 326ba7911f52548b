/** What a test waits for something to show, in every layer: far above what it takes, also on a machine with much else to do. */
export const PATIENCE_MS = 30_000;
