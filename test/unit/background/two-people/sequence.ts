import { markOf } from '../../../../src/domain/partner-state';
import { type Change, isOpen, senderOf } from '../../../../src/domain/change';
import { isSamePerson, type Person } from '../../../../src/domain/person';
import type { Connection } from '../../../../src/domain/connection';
import type { MessageAnswer, MessageInput, MessageName } from '../../../../src/messaging/protocol';
import { answer } from '../../../../src/messaging/serve';
import { handOver } from '../../../../src/storage/secrets';
import type { TestProvider } from '../../../server/support/identity-provider';
import { within } from '../../../within';
import { type Draw, drawFrom } from '../../../e2e/harness/draw';
import { MINUTE, SECOND } from '../../../support/clock';
import { subscriptionId } from '../../../support/targets';
import { CLIENT_ID, createProfile, type Profile } from './profile';
import { createRecordingService, type Mood, pasted, type RecordingService } from './recording-service';

export const ADDRESS = 'https://por.example.com/v1';
const OTHER_ADDRESS = 'https://other.example.com/v1';
const ADDRESSES = [ADDRESS, OTHER_ADDRESS];
const PEOPLE = ['ada', 'ben'] as const;
const TOKENS = PEOPLE.flatMap((owner) => [pasted(owner, 1), pasted(owner, 2)]);
const SUBSCRIPTIONS = [1, 2, 3].map((number) => subscriptionId(`subscription-${number}`));
const PARTNERS = ['200002', '300003'];

/** What is done, and how often in each round, which comes in an order that is drawn. */
const ACTS = {
  ask: 14,
  'ask while somebody signs in': 1,
  'another comes while it is on the wire': 4,
  'sign in': 6,
  'use another account': 1,
  'sign out': 1,
  'paste a token': 4,
  'switch to OpenID Connect': 2,
  'switch to no sign-in': 1,
  'session becomes the other': 2,
  'refuse refresh tokens': 1,
  'a token ends': 2,
  'service in a mood': 4,
  'send as me': 7,
  discard: 1,
  'try now': 2,
  'undo or overwrite': 2,
  'time passes': 4,
  'settings unreadable once': 1,
  'connection missing': 3,
  'policy with the same address': 1,
  'another address': 1,
  kill: 4,
  restart: 2,
};
type Act = keyof typeof ACTS;
const ROUND = (Object.keys(ACTS) as Act[]).flatMap((act) => Array.from({ length: ACTS[act] }, () => act));
const LENGTH = 24;
/** Most changes do not end at once, so that there is something to wait while people come and go. */
const WRITE_MOODS: readonly Mood[] = ['fine', 'away', 'lost', 'refused'];

/** Something that must never be: what, and the facts. */
export interface Breach {
  readonly what: string;
  readonly facts: object;
}

export interface Ran {
  readonly seed: string;
  readonly did: readonly string[];
  readonly breaches: readonly Breach[];
  readonly counts: Readonly<Record<'writes' | 'keptBack' | 'adopted' | 'deaths' | 'asked' | 'missing', number>>;
}

/** Two people in one profile do what is drawn; then all is well again, both come back, and the service's record is judged. */
export async function runSequence(seed: string, provider: TestProvider): Promise<Ran> {
  const draw = drawFrom('two people', seed);
  const service = createRecordingService(ADDRESSES, provider.issuer, TOKENS);
  const profile = createProfile(provider, service, ADDRESSES);
  return run({ seed, draw, service, profile, provider });
}

interface Ground {
  readonly seed: string;
  readonly draw: Draw;
  readonly service: RecordingService;
  readonly profile: Profile;
  readonly provider: TestProvider;
}

async function run({ seed, draw, service, profile, provider }: Ground): Promise<Ran> {
  const did: string[] = [];
  const counts = { writes: 0, keptBack: 0, adopted: 0, deaths: 0, asked: 0, missing: 0 };
  /** Who chose to send a change as their own, by its id. */
  const adopters = new Map<string, Person[]>();
  const seenChanges = new Map<string, Change>();
  const addressOf = new Map<string, string>();
  const keptBack = new Set<string>();

  /** As a page of the extension sends it; null when the worker ended before it answered. */
  async function send<N extends MessageName>(name: N, input: MessageInput<N>): Promise<MessageAnswer<N> | null> {
    const { life, worker } = profile;
    const sent = life.run(() => answer(name, input, { kind: 'page', tabId: null, page: 'options' }, worker.handlers));
    const crossing = await within(`an answer to ${name}`, Promise.race([sent.catch(() => null), life.over]));
    return crossing !== null && crossing !== 'over' && crossing.ok ? crossing.answer : null;
  }

  /** Until the worker has nothing to do, or is dead; then the browser starts another. */
  async function settle(): Promise<void> {
    const { life, worker } = profile;
    await within('the worker to be done', Promise.race([life.run(() => worker.engine.run()), life.over]));
    if (profile.life.isOver()) {
      counts.deaths += 1;
      profile.startWorker();
    }
  }

  /** What is stored of the settings; undefined before the first is. */
  const book = async () =>
    (await profile.storage.local.get('settings'))['settings'] as
      | { readonly connections?: readonly Connection[] }
      | undefined;
  const connection = async (): Promise<Connection | undefined> => (await book())?.connections?.[0];

  type Form = MessageInput<'connection.save'>;
  const form = async (more: object) => {
    const edited = (await connection())?.id ?? null;
    const rest = { edited, token: 'kept', abandonOpenChanges: true, remember: false };
    return { address: ADDRESS, ...rest, ...more } as Form;
  };

  async function paste(token: string, serviceUrl = ADDRESS): Promise<void> {
    const { life } = profile;
    await Promise.race([life.run(() => handOver(token)), life.over]);
    await send(
      'connection.save',
      await form({ address: serviceUrl, signIn: 'accessToken', token: 'typed', remember: draw.fraction() < 0.5 }),
    );
  }

  const openIdConnect = async (staySignedIn: boolean) =>
    send(
      'connection.save',
      await form({
        signIn: 'openIdConnect',
        issuer: provider.issuer,
        clientId: CLIENT_ID,
        staySignedIn,
        scopes: ['profile'],
        sendResource: false,
      }),
    );

  async function signIn(person: string, another: boolean): Promise<void> {
    profile.atKeyboard = person;
    await send('signIn.start', { another });
    profile.atKeyboard = null;
  }

  const open = async (): Promise<Change[]> => profile.history.openChanges();
  const all = async (): Promise<Change[]> => {
    const changes: Change[] = [];
    for (const id of seenChanges.keys()) {
      const change = await profile.history.readChange(id);
      if (change !== null) changes.push(change);
    }
    return changes;
  };

  async function ask(meanwhile: (() => Promise<void>) | null = null): Promise<void> {
    const id = draw.uuid();
    const busy = new Set((await open()).map(({ target }) => (target.kind === 'subscription' ? target.id : '')));
    const [subscription] = draw.shuffled(SUBSCRIPTIONS.filter((one) => !busy.has(one)));
    if (subscription === undefined) return;
    const view = await send('subscription.read', { subscriptionId: subscription, anew: draw.fraction() < 0.7 });
    if (view === null || view.state === null) return;
    const present = view.state.partnerOfRecord?.partnerId ?? null;
    const partnerId = draw.one([...PARTNERS, null].filter((one) => one !== present));
    if (partnerId !== null) await send('partner.check', { partnerId });
    service.moods.write = draw.one(WRITE_MOODS);
    const input = { id, subscriptionId: subscription, seen: markOf(view.state) };
    const asking = partnerId === null ? send('change.remove', input) : send('change.assign', { ...input, partnerId });
    await Promise.all([asking, meanwhile?.()]);
    await note(id);
  }

  /** The row as it was first written: whose it is may only ever be told better. */
  async function note(id: string): Promise<void> {
    const change = await profile.history.readChange(id);
    if (change === null || seenChanges.has(id)) return;
    counts.asked += 1;
    seenChanges.set(id, change);
    addressOf.set(id, (await serviceUrlOf(change.target.connectionId)) ?? '');
  }

  /** Which address a connection had, as far as the sequence has met it. */
  async function serviceUrlOf(connectionId: string): Promise<string | null> {
    const now = await connection();
    if (now !== undefined && typeof now === 'object' && now.id === connectionId)
      addresses.set(connectionId, now.address);
    return addresses.get(connectionId) ?? null;
  }
  const addresses = new Map<string, string>();

  async function sendAsMe(): Promise<void> {
    for (const change of await open()) {
      if (change.target.kind !== 'subscription') continue;
      const view = await send('subscription.read', { subscriptionId: change.target.id, anew: false });
      if (!view?.standing?.may.includes('sendAsMe')) continue;
      await send('change.sendAsMe', { changeId: change.id, me: view.standing.me });
      // The row says as whom; the test says that somebody pressed.
      const after = await profile.history.readChange(change.id);
      if (after?.sentAs != null) {
        counts.adopted += 1;
        adopters.set(change.id, [...(adopters.get(change.id) ?? []), after.sentAs]);
      }
      return;
    }
  }

  async function act(what: Act): Promise<void> {
    const person = draw.one(PEOPLE);
    switch (what) {
      case 'ask':
        return ask();
      case 'ask while somebody signs in':
        return ask(() => signIn(person, draw.fraction() < 0.5));
      case 'another comes while it is on the wire':
        service.meanwhile = draw.fraction() < 0.5 ? () => signIn(person, true) : () => paste(pasted(person, 1));
        await ask();
        // Most refuse the first token then, so that another is asked for.
        service.moods.write = draw.one(['refused', 'refused', 'lost']);
        await settle();
        service.meanwhile = null;
        return;
      case 'sign in':
        return signIn(person, false);
      case 'use another account':
        return signIn(person, true);
      case 'sign out':
        return void (await send('signIn.end', {}));
      case 'paste a token':
        return paste(draw.one(TOKENS));
      case 'switch to OpenID Connect':
        await openIdConnect(draw.fraction() < 0.5);
        return signIn(person, false);
      case 'switch to no sign-in':
        return void (await send('connection.save', await form({ signIn: 'none' })));
      case 'session becomes the other':
        profile.heedsHints = draw.fraction() < 0.5;
        await profile.becomeAtProvider(person);
        // What there is has ended, so that it is asked for anew.
        for (const { token } of service.writes)
          if (token !== null && !TOKENS.includes(token)) service.expired.add(token);
        return profile.clock.jumpTo(profile.clock.now() + 10 * MINUTE);
      case 'refuse refresh tokens':
        return provider.revokeRefreshTokens();
      case 'a token ends':
        if (draw.fraction() < 0.4) service.expired.clear();
        return void service.expired.add(draw.one(TOKENS));
      case 'service in a mood': {
        const moods: readonly Mood[] = ['fine', 'fine', 'away', 'unreadable', 'lost', 'refused'];
        return void Object.assign(service.moods, { [draw.one(['me', 'write', 'write', 'read'])]: draw.one(moods) });
      }
      case 'send as me':
        return sendAsMe();
      case 'discard':
      case 'try now': {
        const [change] = draw.shuffled(await open());
        if (change !== undefined)
          await send(what === 'discard' ? 'change.stop' : 'change.tryNow', { changeId: change.id });
        return;
      }
      case 'undo or overwrite': {
        const [change] = draw.shuffled(
          (await all()).filter(({ life }) => life.state === 'done' || life.state === 'conflict'),
        );
        if (change?.target.kind !== 'subscription') return;
        const view = await send('subscription.read', { subscriptionId: change.target.id, anew: true });
        const id = draw.uuid();
        const name = change.life.state === 'done' ? 'change.undo' : 'change.overwrite';
        await send(name, { id, changeId: change.id, seen: view?.state?.version ?? '"0"' });
        return note(id);
      }
      case 'time passes':
        profile.life.run(() => profile.clock.moveTo(profile.clock.now() + draw.one([2 * SECOND, MINUTE, 6 * MINUTE])));
        return;
      case 'settings unreadable once':
        profile.unreadable = draw.between(1, 3);
        return settle();
      case 'connection missing': {
        const present = await connection();
        if (present === undefined) return;
        await ask();
        const before = await book();
        await profile.storage.local.set({ settings: { ...before, connections: ['not a connection'] } });
        profile.life.run(() => profile.clock.moveTo(profile.clock.now() + 2 * MINUTE));
        await settle();
        if (draw.fraction() < 0.3) await ask();
        counts.missing += (await open()).filter(
          ({ life }) => life.state === 'waiting' && life.for === 'connection',
        ).length;
        await profile.storage.local.set({ settings: before });
        return;
      }
      case 'policy with the same address': {
        const present = await connection();
        if (present === undefined) return;
        const { id, ...policy } = present;
        await profile.storage.managed.set({ connection: policy });
        await settle();
        await ask();
        await profile.storage.managed.remove('connection');
        return;
      }
      case 'another address':
        await paste(draw.one(TOKENS), OTHER_ADDRESS);
        await ask();
        await settle();
        return paste(draw.one(TOKENS));
      case 'kill':
        return profile.life.endAfter(draw.between(1, 60), draw.one(['before', 'after'] as const));
      case 'restart':
        counts.deaths += 1;
        return profile.restartBrowser();
    }
  }

  async function look(): Promise<void> {
    for (const change of await open()) {
      await note(change.id);
      const { life } = change;
      const waitsForPerson = life.state === 'waiting' && (life.for === 'person' || life.for === 'look');
      if (!waitsForPerson || keptBack.has(change.id)) continue;
      keptBack.add(change.id);
      counts.keptBack += 1;
    }
  }

  await paste(pasted('ada', 1));
  for (const what of draw.shuffled(ROUND).slice(0, LENGTH)) {
    did.push(what);
    await act(what);
    if (profile.life.isOver() || draw.fraction() < 0.6) await settle();
    await look();
  }

  // All is well again, and both come back.
  did.push('the end');
  Object.assign(service.moods, { me: 'fine', write: 'fine', read: 'fine' });
  service.expired.clear();
  profile.unreadable = 0;
  profile.heedsHints = true;
  profile.startWorker();
  for (const back of [() => paste(pasted('ada', 1)), () => paste(pasted('ben', 1)), () => openIdConnect(false)]) {
    await back();
    await settle();
    await look();
  }
  for (const person of PEOPLE) {
    await signIn(person, true);
    profile.life.run(() => profile.clock.moveTo(profile.clock.now() + 20 * MINUTE));
    await settle();
    await look();
  }
  counts.writes = service.writes.length;
  return { seed, did, counts, breaches: await judge() };

  async function judge(): Promise<Breach[]> {
    const breaches: Breach[] = [];
    const breach = (what: string, facts: object) => void breaches.push({ what, facts });
    for (const { key, person, serviceUrl } of service.writes) {
      const change = await profile.history.readChange(key);
      if (change === null) {
        breach('a write of a change that is not in the history', { key });
        continue;
      }
      const askedBy = await resolved(change.person, serviceUrl);
      const first = await resolved(seenChanges.get(key)?.person ?? change.person, serviceUrl);
      const mayBe = [askedBy, ...(adopters.get(key) ?? [])];
      // Sign-in "None" is one person a connection, and sends no token.
      const sentAs: Person | null = person ?? { kind: 'connection', connectionId: change.target.connectionId };
      if (!mayBe.some((one) => one !== null && isSamePerson(one, sentAs)))
        breach('a write with the token of somebody whose change it is not', { key, sentAs, mayBe });
      if (first !== null && askedBy !== null && !isSamePerson(first, askedBy))
        breach('a row that says of itself that it is somebody else’s by now', { key, first, askedBy });
      const address = addressOf.get(key);
      if (address !== undefined && address !== '' && address !== serviceUrl)
        breach('a write to another address than the change was asked for', { key, address, serviceUrl });
    }
    const effects = new Map<string, number>();
    for (const key of service.effects) effects.set(key, (effects.get(key) ?? 0) + 1);
    for (const [key, count] of effects) if (count > 1) breach('one change with two effects', { key, count });
    for (const change of await all()) {
      const { state } = change.life;
      const wasLeft = did.includes('another address');
      // Whoever stands behind one that needs a sign-in waits for that too.
      const hold = await profile.worker.engine.holdOf(change.target.connectionId);
      if ((state === 'refused' || state === 'cancelled') && effects.has(change.id))
        breach('a change told as not made that the service holds', { change });
      if (
        isOpen(change) &&
        change.life.state === 'waiting' &&
        senderOf(change) !== null &&
        change.life.for === 'turn' &&
        hold?.for !== 'signIn' &&
        !wasLeft
      )
        breach('a change that nobody is in the way of, and that is open all the same', { change });
    }
    for (const [token, count] of service.asked)
      if (count > 60) breach('a service asked over and over whose a token is', { token, count });
    return breaches;
  }

  /** Of a token that was never told the owner of, the one that the service would have told. */
  async function resolved(person: Person | null, serviceUrl: string): Promise<Person | null> {
    return person?.kind === 'token' ? service.ownerOf(person.fingerprint, serviceUrl) : person;
  }
}
