import { expect, test } from 'vitest';
import { EMPTY_DRAFT, whatIsShown } from '../../../src/content/panel-state';
import { needsPerson, type Phase } from '../../../src/domain/phase';
import { standingOf, wantsAttention } from '../../../src/domain/standing';
import { plainStandingWords } from '../../../src/words/plain-standing';
import { firstWorld, keyOf, moves, type Rules, type World } from '../domain/change-model';
import { CONNECTION_ID, SERVICE_CAN } from '../../support/connections';
import { OLD, WANTED } from '../../support/partners';
import { state } from '../../support/records';
import { SUBSCRIPTION_ID } from '../../support/targets';

const RULES: Rules = {
  name: 'two people, a missing connection and somebody else who writes',
  replay: 'key',
  foreignWrites: 1,
  lateRequests: true,
  signIns: 2,
  losses: 1,
  slow: false,
  clockSettings: 0,
};
const STEPS = 6;

/** Every world that can be told apart within so many steps. */
function walked(first: World, steps: number): readonly World[] {
  const met = new Map([[keyOf(first), first]]);
  let layer = [first];
  for (let step = 0; step < steps; step += 1) {
    const next: World[] = [];
    for (const world of layer) {
      for (const { to } of moves(world, RULES)) {
        if (met.has(keyOf(to))) continue;
        met.set(keyOf(to), to);
        next.push(to);
      }
    }
    layer = next;
  }
  return [...met.values()];
}

/** What is wrong with what the screens show of a world; null when nothing is. */
function difference({ change, person, now, holder, version }: World): string | null {
  const viewer = { connectionId: change.target.connectionId, person, mayChange: true };
  const standing = standingOf(change, viewer, now);
  const { at } = standing;
  const view = {
    subscriptionId: SUBSCRIPTION_ID,
    source: 'partners.example',
    state: state(holder, `"${version}"`),
    can: SERVICE_CAN,
    readAt: now,
    order: 1,
    failure: null,
    support: null,
    standing,
    changeOrder: 1,
  };
  const known = {
    view,
    absent: false,
    reading: false,
    answered: true,
    gone: false,
    openedAt: now,
    followed: null,
  } as const;
  const shown = whatIsShown(known, EMPTY_DRAFT);
  if (shown.state !== 'read') return 'the panel shows no record';
  const { work, ending } = shown;
  const counted = wantsAttention(change);
  if (counted !== needsPerson(at)) return 'the badge counts otherwise than the popup';
  const isInTheWay =
    work?.kind === 'conflict' ||
    (work?.kind === 'onItsWay' && needsPerson(work.at)) ||
    (ending?.kind === 'failed' && !ending.seen);
  if (counted !== isInTheWay) return 'the badge counts what the panel does not show, or the other way round';
  if (work !== null && work.kind !== 'asking' && work.standing.may !== standing.may)
    return 'the panel offers other acts';
  const [news, past] = [plainStandingWords(standing, 'news'), plainStandingWords(standing, 'past')];
  if (news === '' || past === '') return 'nothing is said';
  const readsByWhen: readonly Phase['phase'][] = ['done', 'conflict'];
  return news === past || readsByWhen.includes(at.phase) ? null : 'panel and popup say different things';
}

test(`panel, popup and badge never differ, at any step of a change’s way of up to ${STEPS} steps`, () => {
  const worlds = walked(firstWorld(OLD, WANTED, RULES.replay), STEPS);
  const phases = new Set<Phase['phase']>();
  for (const world of worlds) {
    const wrong = difference(world);
    if (wrong !== null) throw new Error(`${wrong}\n${JSON.stringify(world, null, 1)}`);
    phases.add(
      standingOf(world.change, { connectionId: CONNECTION_ID, person: world.person, mayChange: true }, world.now).at
        .phase,
    );
  }
  console.info(`${worlds.length} ways of standing, of ${phases.size} phases`);
  expect(phases.size).toBeGreaterThanOrEqual(12);
});
