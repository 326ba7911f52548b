/**
 * What Node is started with to run the service in a test. PGlite's 9 MB of code are compiled once, and not a second time for speed: a
 * service that lives for seconds spends more on that than it does on its work (Node 20.20: 0.9 s of 1.9 s for a start).
 */
export const NODE_SWITCHES = ['--liftoff-only'];
