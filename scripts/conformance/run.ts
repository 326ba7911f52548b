import { Broken, type Client, NotChecked, openClient } from './client';
import { type Ground, prepareGround, type Wishes } from './ground';
import { LINES } from './lines';

/** What became of one line of the contract. */
export interface Finding {
  readonly line: string;
  readonly verdict: 'holds' | 'fails' | 'not checked';
  /** What was expected and what came, or why the line could not be checked; empty when it holds. */
  readonly why: string;
}

export const BEGINNING = 'The subscriptions can be listed, and one be found whose partner the caller may change';
const ENDING = 'The partner of before can be put back';

/**
 * Checks the backend at `baseUrl` against every line of the contract and gives each line's finding as it is known. The
 * signal ends the checks after the line at work; the partner of record is put back in either case.
 */
export async function* checkConformance(
  baseUrl: string,
  token: string,
  wishes: Wishes,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const client = openClient(baseUrl.replace(/\/+$/, ''), token);
  let ground: Ground;
  try {
    ground = await prepareGround(client, wishes);
  } catch (error) {
    yield findingFor(BEGINNING, error);
    return;
  }
  for (const { says, check } of LINES) {
    if (signal.aborted) break;
    yield await finding(says, () => check(ground));
  }
  if (!signal.aborted) yield* generalFindings(client);
  const { bringTo, subject } = ground;
  yield await finding(ENDING, async () => {
    await bringTo(subject.partnerOfRecord?.partnerId ?? null);
  });
}

/** What every answer must have, whatever it was asked for. */
function* generalFindings({ observed }: Client): Generator<Finding> {
  for (const [operation, problem] of observed.described) {
    const line = `The answers of ${operation.replace(/^\w+/, (method) => method.toUpperCase())} are as described`;
    yield problem === undefined ? { line, verdict: 'not checked', why: 'only refusals came' } : verdict(line, problem);
  }
  yield verdict(
    'Every refusal has the one shape, {"error": {"code", "message", …}}, in JSON',
    observed.refusals.problem,
  );
  yield verdict('Every answer carries an x-request-id of its own', observed.requestIds.problem);
}

async function finding(line: string, check: () => Promise<void>): Promise<Finding> {
  try {
    await check();
    return verdict(line, null);
  } catch (error) {
    return findingFor(line, error);
  }
}

function findingFor(line: string, error: unknown): Finding {
  if (error instanceof NotChecked) return { line, verdict: 'not checked', why: error.message };
  if (error instanceof Broken) return verdict(line, error.message);
  if (!(error instanceof Error)) throw error;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return verdict(line, `${error.message}${cause}`);
}

function verdict(line: string, problem: string | null): Finding {
  return problem === null ? { line, verdict: 'holds', why: '' } : { line, verdict: 'fails', why: problem };
}
