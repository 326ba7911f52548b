import { markOf } from '../../../src/domain/partner-state';
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Change } from '../../../src/domain/change';
import type { Person } from '../../../src/domain/person';
import type { Broadcast, MessageAnswer, MessageInput, MessageName } from '../../../src/messaging/protocol';
import { answer } from '../../../src/messaging/serve';
import { handOver } from '../../../src/storage/secrets';
import { startIdentityProvider, type TestProvider } from '../../server/support/identity-provider';
import { MINUTE } from '../../support/clock';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';
import { CLIENT_ID, createProfile, type Profile, REDIRECT } from './two-people/profile';
import { createRecordingService, pasted, type RecordingService } from './two-people/recording-service';
import { ADDRESS } from './two-people/sequence';
import { defaultConnectionOf } from '../../../src/domain/settings';
import { readSettings } from '../../../src/storage/settings';
import { readSupport } from '../../../src/storage/support';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

const ADA = pasted('ada', 1);
const BEN = pasted('ben', 1);
const principal = (owner: string): Person => ({
  kind: 'principal',
  issuer: ADDRESS,
  principalId: owner,
  name: `${owner}’s name`,
});

/** The whole worker, with two people who use its profile one after the other. */
describe('a change of one person', () => {
  let provider: TestProvider;
  let service: RecordingService;
  let profile: Profile;

  beforeAll(async () => {
    const client = { client_id: CLIENT_ID, token_endpoint_auth_method: 'none' } as const;
    provider = await startIdentityProvider({
      clients: [{ ...client, redirect_uris: [REDIRECT], grant_types: ['authorization_code', 'refresh_token'] }],
    });
  });
  afterAll(() => provider.stop());

  beforeEach(() => {
    service = createRecordingService([ADDRESS, 'https://other.example.com/v1'], provider.issuer, [ADA, BEN]);
    profile = createProfile(provider, service, [ADDRESS, 'https://other.example.com/v1']);
  });

  async function send<N extends MessageName>(name: N, input: MessageInput<N>): Promise<MessageAnswer<N>> {
    const crossing = await answer(name, input, { kind: 'page', tabId: null, page: 'options' }, profile.worker.handlers);
    if (!crossing.ok) throw new Error(`${name}: ${crossing.detail}`);
    return crossing.answer;
  }

  type Form = MessageInput<'connection.save'>;
  const save = async (more: object) =>
    send('connection.save', {
      edited: defaultConnectionOf(await readSettings())?.id ?? null,
      address: ADDRESS,
      signIn: 'accessToken',
      token: 'kept',
      remember: false,
      abandonOpenChanges: false,
      ...more,
    } as Form);

  async function paste(token: string, more: object = {}) {
    await handOver(token);
    return save({ token: 'typed', ...more });
  }

  async function openIdConnect(person: string): Promise<void> {
    await save({ signIn: 'openIdConnect', issuer: provider.issuer, clientId: CLIENT_ID, scopes: ['profile'] });
    profile.atKeyboard = person;
    expect(await send('signIn.start', { another: true })).toBe('signedIn');
    profile.atKeyboard = null;
  }

  async function ask(number = 1): Promise<void> {
    const view = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    const seen = view.state === null ? '' : markOf(view.state);
    expect(await send('change.remove', { id: uuid(number), subscriptionId: SUBSCRIPTION_ID, seen })).toMatchObject({
      ok: true,
    });
  }

  /** Asks while the service takes nothing, so that the change waits. */
  async function leaveWaiting(): Promise<void> {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    service.moods.write = 'away';
    await ask();
    await done();
    service.moods.write = 'fine';
  }

  async function done(): Promise<void> {
    profile.clock.moveTo(profile.clock.now() + 2 * MINUTE);
    await profile.worker.engine.run();
  }

  async function change(number = 1): Promise<Change> {
    const found = await profile.history.readChange(uuid(number));
    if (found === null) throw new Error('There is no such change');
    return found;
  }
  const life = async (number = 1) => (await change(number)).life;
  const senders = () => service.writes.map(({ token }) => token);

  /** A change of Ada's pasted token whose worker died with its owner written down, and nothing of it in the row. */
  async function askAndDieWithItsOwnerKnown(): Promise<void> {
    service.moods.me = 'away';
    await paste(ADA);
    await ask();
    await done();
    expect(await change()).toMatchObject({ person: { kind: 'token' }, life: { state: 'waiting', for: 'turn' } });
    const connection = defaultConnectionOf(await readSettings());
    const { person } = await change();
    if (person?.kind !== 'token') throw new Error('Whose it is, is known too early');
    const owner = { fingerprint: person.fingerprint, owner: principal('ada') };
    await profile.storage.session.set({ [`owner ${connection?.id}`]: owner });
    service.moods.me = 'fine';
    profile.startWorker();
  }

  test('of a pasted token goes on by itself though the worker died before its row was told whose the token is', async () => {
    await askAndDieWithItsOwnerKnown();
    await done();
    expect([(await life()).state, (await change()).person, senders()]).toEqual(['done', principal('ada'), [ADA]]);
  });

  test('of a pasted token goes on when the token is pasted again, though its row was not told whose the token is', async () => {
    await askAndDieWithItsOwnerKnown();
    await paste(ADA);
    await done();
    expect([(await life()).state, (await change()).person, senders()]).toEqual(['done', principal('ada'), [ADA]]);
  });

  test('of a pasted token does not go on when another person’s is pasted, though its row was not told whose the token is', async () => {
    await askAndDieWithItsOwnerKnown();
    await paste(BEN);
    await done();
    expect([(await life()).state, senders()]).toEqual(['waiting', []]);
    await paste(ADA);
    await done();
    expect([(await life()).state, senders()]).toEqual(['done', [ADA]]);
  });

  test('is known as theirs at once when their token comes back after another one', async () => {
    await paste(ADA);
    await leaveWaiting();
    await paste(BEN);
    await done();
    await paste(ADA);
    await done();
    expect((await life()).state).toBe('done');
    expect(await send('person.present', {})).toEqual(principal('ada'));
    expect(service.asked.get(ADA)).toBe(1);
  });

  test('of another person is theirs to send at once when their token comes back, and open pages hear who is here', async () => {
    const told: Promise<Person | null>[] = [];
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        readonly postMessage = ({ changed }: Broadcast) => {
          if (changed === 'settings') told.push(send('person.present', {}));
        };
      },
    );
    profile.startWorker();
    await paste(ADA);
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await vi.waitFor(async () => expect(await send('person.present', {})).toEqual(principal('ada')));
    await paste(BEN);
    await leaveWaiting();
    await paste(ADA);
    await done();
    expect(await life()).toMatchObject({ state: 'waiting', for: 'person' });
    profile.clock.moveTo(profile.clock.now() + MINUTE);
    // What a page was told last is what it asks with.
    await expect.poll(() => told.at(-1)).toEqual(principal('ada'));
    expect(await send('change.sendAsMe', { changeId: uuid(1), me: 'ada’s name' })).toEqual({ ok: true });
    await done();
    expect([(await life()).state, senders()]).toEqual(['done', [BEN, ADA]]);
  });

  test('does not become somebody else’s because the service renames whose the token is', async () => {
    await paste(ADA);
    await leaveWaiting();
    const connection = defaultConnectionOf(await readSettings());
    // What the service said with the name: a worker that finds nothing of it asks again.
    await expect.poll(() => readSupport(connection?.id ?? '')).not.toBeNull();
    service.renames = true;
    profile.startWorker();
    await done();
    expect([(await life()).state, service.asked.get(ADA)]).toEqual(['done', 1]);
  });

  test('stays while the connection signs in another way at the same address, and goes on when it is back', async () => {
    await paste(ADA);
    await leaveWaiting();
    const before = senders();
    // By its name the same person: two ways of knowing somebody are not one.
    await openIdConnect('ada');
    await done();
    expect(await life()).toMatchObject({ state: 'waiting', for: 'person' });
    await save({ signIn: 'none' });
    await done();
    expect([await life(), senders()]).toMatchObject([{ state: 'waiting', for: 'person' }, before]);
    await paste(ADA);
    await done();
    expect([(await life()).state, senders().at(-1)]).toEqual(['done', ADA]);
  });

  test('is not renewed with the token of whoever came while it was on the wire', async () => {
    await paste(ADA);
    service.meanwhile = async () => {
      service.expired.add(ADA);
      await paste(BEN);
    };
    await ask();
    await done();
    expect([senders(), await life()]).toMatchObject([[ADA], { state: 'waiting', for: 'person' }]);
  });

  test('of a connection without sign-in does not leave with the token of whoever signs in there', async () => {
    await save({ signIn: 'none' });
    await leaveWaiting();
    await paste(BEN);
    await done();
    expect([await life(), new Set(senders())]).toMatchObject([{ state: 'waiting', for: 'person' }, new Set([null])]);
  });

  test('waits after a restart until the service tells whose the remembered token is', async () => {
    service.moods.me = 'away';
    await paste(ADA, { remember: true });
    await ask();
    await done();
    await profile.restartBrowser();
    await done();
    expect([(await life()).state, senders()]).toEqual(['waiting', []]);
    service.moods.me = 'fine';
    await done();
    expect([(await life()).state, senders()]).toEqual(['done', [ADA]]);
  });

  test('that another person undoes or puts in its place becomes that person’s own', async () => {
    await paste(ADA);
    await ask();
    await done();
    await paste(BEN);
    const view = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await send('change.undo', { id: uuid(2), changeId: uuid(1), seen: view.state === null ? '' : markOf(view.state) });
    await done();
    expect([(await change(1)).person, (await change(2)).person]).toEqual([principal('ada'), principal('ben')]);
    expect(senders()).toEqual([ADA, BEN]);
  });

  test('that another person tries again does not leave, however often', async () => {
    await paste(ADA);
    await leaveWaiting();
    await paste(BEN);
    for (let times = 1; times <= 3; times += 1) {
      await send('change.tryNow', { changeId: uuid(1) });
      await done();
    }
    expect(senders()).not.toContain(BEN);
    expect(await life()).toMatchObject({ state: 'waiting', for: 'person' });
  });

  test('is not taken over while the service does not tell who is here, and the press says so', async () => {
    await paste(ADA);
    await leaveWaiting();
    await paste(BEN);
    await done();
    const { standing } = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false });
    expect(standing?.may).toContain('sendAsMe');
    service.moods.me = 'away';
    await paste(pasted('ben', 2));
    expect(await send('change.sendAsMe', { changeId: uuid(1), me: null })).toMatchObject({ ok: false });
    await done();
    expect((await change()).sentAs).toBeNull();
  });

  test('and what they were shown are not told to who comes next as theirs', async () => {
    await paste(ADA);
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await vi.waitFor(async () => expect(await send('person.present', {})).toEqual(principal('ada')));
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await paste(BEN);
    service.moods.read = 'away';
    const shown = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    expect([shown.state, shown.failure?.reason]).toEqual([null, 'serverError']);
    service.moods.read = 'fine';
    await paste(ADA);
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await vi.waitFor(async () => expect(await send('person.present', {})).toEqual(principal('ada')));
    const back = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false });
    expect(back.state).not.toBeNull();
  });

  test('outlives a cleared history with whose it is', async () => {
    await paste(ADA);
    await leaveWaiting();
    await paste(BEN);
    await send('history.clear', {});
    await done();
    expect(await change()).toMatchObject({ person: principal('ada'), life: { for: 'person' } });
    expect(senders()).not.toContain(BEN);
  });

  describe('whose connection is lost', () => {
    beforeEach(async () => {
      await paste(ADA, { remember: true });
      service.moods.write = 'lost';
      await ask();
      await done();
      await profile.storage.local.remove('settings');
      await done();
      service.moods.write = 'fine';
      expect(await life()).toMatchObject({ state: 'waiting', for: 'connection' });
    });

    test('goes on once somebody types the same address again, for that is the same connection', async () => {
      expect(await paste(ADA)).toEqual({ ok: true });
      await done();
      expect((await life()).state).toBe('done');
      expect(service.effects).toEqual([uuid(1)]);
    });

    test('is asked about before another address is saved, and then ends as what nobody can know', async () => {
      const other = { address: 'https://other.example.com/v1' };
      expect(await paste(BEN, other)).toEqual({ ok: false, problem: 'openChanges', count: 1 });
      expect(await life()).toMatchObject({ state: 'waiting', for: 'connection' });
      expect(await paste(BEN, { ...other, abandonOpenChanges: true })).toEqual({ ok: true });
      expect(await life()).toMatchObject({ state: 'unknown', failure: { reason: 'connectionChanged' } });
      // The subscription is free for the next change.
      await ask(2);
      await done();
    });

    test('goes on once policy names its address, written with a slash', async () => {
      await profile.storage.managed.set({ connection: { serviceUrl: `${ADDRESS}/`, signIn: 'accessToken' } });
      await done();
      expect((await life()).state).toBe('done');
    });
  });

  test('is neither refused nor cancelled by settings that cannot be read a few times', async () => {
    await paste(ADA);
    service.moods.write = 'lost';
    await ask();
    await done();
    service.moods.write = 'fine';
    for (let times = 1; times <= 3; times += 1) {
      profile.unreadable = times;
      await done();
      expect(['waiting', 'sending', 'done']).toContain((await life()).state);
    }
    profile.unreadable = 0;
    profile.startWorker();
    await done();
    expect([(await life()).state, service.effects]).toEqual(['done', [uuid(1)]]);
  });

  test('that never left, for nobody gave a token, is cancelled with its connection, not unknown', async () => {
    await openIdConnect('ada');
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    profile.clock.jumpTo(profile.clock.now() + 10 * MINUTE);
    await provider.stop();
    try {
      const view = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false });
      await send('change.remove', {
        id: uuid(1),
        subscriptionId: SUBSCRIPTION_ID,
        seen: view.state === null ? '' : markOf(view.state),
      });
      await done();
      expect(await life()).toMatchObject({ state: 'waiting', effectPossible: false });
      await paste(BEN, { address: 'https://other.example.com/v1', abandonOpenChanges: true });
      expect([(await life()).state, senders()]).toEqual(['cancelled', []]);
    } finally {
      await provider.start();
    }
  });
});
