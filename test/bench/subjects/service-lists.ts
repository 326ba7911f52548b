import {
  type BenchService,
  FIRST_PARTNER,
  nameAt,
  percentile95,
  RARE_WORD,
  startServices,
  subscriptionIdAt,
} from '../stage/service';
import type { Row, Subject } from '../subject';

const MANY = 1_000_000;
const FEW = 1000;
const WITH_FEW = `with ${FEW.toLocaleString('en')}`;
/** Of each kind in a round. */
const REQUESTS = 60;
const ROWS_A_PAGE = 200;

/** What is asked for, by its name in the table: a path, and as whom. */
const READS = {
  'first list page': { path: () => `/subscriptions?pageSize=${ROWS_A_PAGE}`, as: 'adminsToken' },
  'deep list page': { path: (count: number) => pageBehind(Math.floor(count / 2)), as: 'adminsToken' },
  'filter by rare text': {
    path: () => `/subscriptions?pageSize=${ROWS_A_PAGE}&filter=${RARE_WORD}`,
    as: 'adminsToken',
  },
  'partner’s view page': {
    path: () => `/partners/${FIRST_PARTNER}/subscriptions?pageSize=${ROWS_A_PAGE}`,
    as: 'partnersToken',
  },
} as const;

const rows = Object.keys(READS).map(
  (what): Row => ({
    what: `service with ${MANY.toLocaleString('en')} subscriptions, ${what}, 95th percentile`,
    figure: what,
    unit: 'ms',
    holds: [
      { kind: 'atMost', most: 50 },
      { kind: 'times', side: WITH_FEW, most: 2 },
    ],
  }),
);

/** How the service’s lists grow with what is in them. */
export const serviceLists: Subject = {
  name: 'service-lists',
  rounds: 3,
  warmsUp: true,
  limitMs: 1_200_000,
  rows,
  async prepare(stage) {
    const [many, few] = await startServices(stage, [MANY, FEW]);
    if (many === undefined || few === undefined) throw new Error('Two services were started');
    return [
      { name: 'ours', measure: () => readAll(many, MANY) },
      { name: WITH_FEW, measure: () => readAll(few, FEW) },
    ];
  },
};

async function readAll(service: BenchService, count: number): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [what, { path, as }] of Object.entries(READS)) {
    const took: number[] = [];
    while (took.length < REQUESTS) took.push(await timed(`${service.url}${path(count)}`, service[as]));
    figures[what] = percentile95(took);
  }
  return figures;
}

async function timed(address: string, token: string): Promise<number> {
  const began = performance.now();
  const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  const { value }: { readonly value?: readonly unknown[] } = await answer.json();
  if (value === undefined || value.length === 0) throw new Error(`${address}: ${answer.status}, and no rows`);
  return performance.now() - began;
}

/** The page that begins behind a row, as the service's own links name it. */
function pageBehind(index: number): string {
  const position = JSON.stringify([nameAt(index), subscriptionIdAt(index)]);
  return `/subscriptions?pageSize=${ROWS_A_PAGE}&cursor=${Buffer.from(position).toString('base64url')}`;
}
