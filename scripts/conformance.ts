import { parseArgs } from 'node:util';
import { BEGINNING, checkConformance, type Finding } from './conformance/run';

/** Checks a backend against the contract of docs/contract.md, line by line: `npm run conformance -- URL TOKEN`. */

const USAGE = `Usage: npm run conformance -- URL TOKEN [options]

  URL                     the backend's base, with its path, such as http://localhost:8787/v1
  TOKEN                   an access token of a caller who may change the partner of a subscription

  --subscription ID       the subscription to work on; else one is looked for, rather one without a partner
  --partner ID            a partner to assign; twice. Else two are looked for among the subscriptions' partners
  --other TOKEN           of another caller who may change the same subscription's partner
  --partner-caller TOKEN  of one of those partners' own people

It assigns, changes and removes the partner of that one subscription some dozen times, and puts it back in the end. The
backend may tell the partners each time: use a subscription and partners that are there for tests.
Ends with 0 when no line fails, with 1 when one does, and with 2 when nothing could be checked.`;

const MARKS: Record<Finding['verdict'], string> = { holds: 'holds', fails: 'FAILS', 'not checked': '  -  ' };

function readCommandLine() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      subscription: { type: 'string' },
      partner: { type: 'string', multiple: true },
      other: { type: 'string' },
      'partner-caller': { type: 'string' },
    },
  });
  const [url, token, ...more] = positionals;
  if (url === undefined || !URL.canParse(url) || token === undefined || more.length > 0) throw new Error('URL TOKEN');
  return {
    url,
    token,
    wishes: {
      partnerIds: values.partner ?? [],
      ...(values.subscription !== undefined && { subscriptionId: values.subscription }),
      ...(values.other !== undefined && { otherToken: values.other }),
      ...(values['partner-caller'] !== undefined && { partnerToken: values['partner-caller'] }),
    },
  };
}

async function main(): Promise<number> {
  let asked: ReturnType<typeof readCommandLine>;
  try {
    asked = readCommandLine();
  } catch {
    console.error(USAGE);
    return 2;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const counts = { holds: 0, fails: 0, 'not checked': 0 };
  let begun = true;
  for await (const { line, verdict, why } of checkConformance(asked.url, asked.token, asked.wishes, stop.signal)) {
    counts[verdict]++;
    console.log(`${MARKS[verdict]}  ${line}${why && `\n         ${why}`}`);
    if (line === BEGINNING) begun = false;
  }
  console.log(`\n${counts.holds} hold, ${counts.fails} fail, ${counts['not checked']} could not be checked.`);
  if (!begun && counts.fails === 0) return 2;
  return counts.fails === 0 && !stop.signal.aborted ? 0 : 1;
}

process.exitCode = await main();
