import type { Skew } from '../../backends/skew';
import { type Connection, isSameSignIn, signInOf } from '../../domain/connection';
import type { TestStep } from '../../domain/connection-test';
import type { KindFacts } from '../../domain/kind-facts';
import type { Credential } from '../../domain/person';
import { named } from '../../domain/schemas';
import { type ConnectionList, type Settings, withConnection, withoutConnection } from '../../domain/settings';
import { isClockOff } from '../../domain/skew';
import type { ConnectionForm, SaveAnswer } from '../../messaging/protocol';
import type { Handlers } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { Log } from '../../platform/log';
import type { History } from '../../storage/history';
import type { KeptLists } from '../../storage/kept-lists';
import { idFor } from '../../storage/portable-connection';
import { fingerprintOf, type Secrets } from '../../storage/secrets';
import type { SettingsBook } from '../../storage/settings-book';
import type { OwnSettings } from '../../storage/settings-shapes';
import type { Stars } from '../../storage/stars';
import { forgetIgnored } from '../../storage/ignored-links';
import { forgetSupport } from '../../storage/support';
import type { Batches } from '../batches';
import { ASK_FOR_MS, type BackendOf, credentialOf } from '../connections';
import type { Engine } from '../engine';
import type { EntraSignIn } from '../entra-sign-in';
import type { SignIn } from '../sign-in';

export interface ConnectionParts {
  readonly settings: () => Promise<Settings>;
  readonly book: SettingsBook;
  readonly kinds: readonly KindFacts[];
  readonly backendOf: BackendOf;
  readonly engine: Engine;
  readonly batches: Pick<Batches, 'stop'>;
  readonly history: History;
  readonly secrets: Secrets;
  readonly lists: Pick<KeptLists, 'forget'>;
  readonly stars: Pick<Stars, 'forget'>;
  readonly signIn: SignIn;
  readonly entra: Pick<EntraSignIn, 'token'>;
  readonly skew: Skew;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets the changes of a connection know who is signed in there now. */
  readonly noteSignedIn: (connection: Connection) => Promise<void>;
  /** The settings were written; `before` are those that were in force. */
  readonly onSettings: (before: Settings) => Promise<void>;
}

/** The list of connections: testing, saving, removing, importing. */
export function createConnectionHandlers(
  parts: ConnectionParts,
): Pick<Handlers, Extract<keyof Handlers, `connection.${string}` | `connections.${string}`>> {
  const { settings, engine, history, secrets, signIn, skew, clock, log, noteSignedIn } = parts;

  return {
    'connections.kinds': async () => parts.kinds,

    async 'connection.test'(form) {
      const { connections } = await settings();
      return testConnection(await connectionFrom(form, connections), form);
    },

    async 'connection.save'(form) {
      const before = await settings();
      const connection = await connectionFrom(form, before.connections);
      return saveConnections(before, withConnection(before, connection, form.edited), [[connection, form]], form);
    },

    async 'connection.remove'({ connectionId, abandonOpenChanges }) {
      const before = await settings();
      return saveConnections(before, withoutConnection(before, connectionId), [], { abandonOpenChanges });
    },

    async 'connection.makeDefault'({ connectionId }) {
      const before = await settings();
      await parts.book.write(() => ({ defaultConnection: connectionId }));
      await parts.onSettings(before);
      return null;
    },

    async 'connections.import'({ forms, defaultAddress, abandonOpenChanges }) {
      const before = await settings();
      const saved = await Promise.all(
        forms.map(async (form) => [await connectionFrom(form, before.connections), form] as const),
      );
      const connections = saved.map(([connection]) => connection);
      const chosen = connections.find(({ address }) => address === defaultAddress) ?? connections[0];
      const after = { connections, defaultConnection: chosen?.id ?? null };
      return saveConnections(before, after, saved, { abandonOpenChanges });
    },
  };

  /**
   * Puts another list of connections in the place of the present one. Nothing is altered while changes of those that go have not
   * ended, unless they are given up.
   * @param saved those that were saved, as they are now and as they came
   */
  async function saveConnections(
    before: Settings,
    after: ConnectionList,
    saved: readonly (readonly [Connection, ConnectionForm])[],
    { abandonOpenChanges }: { readonly abandonOpenChanges: boolean },
  ): Promise<SaveAnswer> {
    // Before anything is given up for a list that cannot be written.
    await parts.book.requireWritable();
    const { managed } = await parts.book.read();
    const stay = new Set(after.connections.map(({ id }) => id));
    if (before.connections.length === 0 || before.connections.some(({ id }) => !stay.has(id))) {
      // Those of a connection that is left, and those that wait for one that was lost.
      const batches = await runningBatchesBut(stay);
      const left = (await history.openChanges()).filter(({ target }) => !stay.has(target.connectionId));
      // A batch by its own count: rows that are made of it meanwhile would be counted twice.
      const ofBatches = new Set(batches.map(({ batchId }) => batchId));
      const single = left.filter(({ batch }) => batch === undefined || !ofBatches.has(batch));
      const count = batches.reduce((sum, { open }) => sum + open, single.length);
      if (count > 0 && !abandonOpenChanges) return { ok: false, problem: 'openChanges', count };
      // First, so that none of what no change was made of yet becomes one.
      for (const { batchId } of batches) await parts.batches.stop(batchId);
      const goes = [
        ...left.map(({ target }) => target.connectionId),
        ...batches.map(({ connectionId }) => connectionId),
      ];
      for (const connectionId of new Set(goes))
        await engine.noteOpen(connectionId, { type: 'abandoned', at: clock.now() });
    }
    for (const present of before.connections) {
      const same = after.connections.find(({ id }) => id === present.id);
      if (same === undefined || !isSameSignIn(present, same)) await leave(present);
      if (same === undefined) await forgetListed(present.id);
    }
    for (const [connection, form] of saved) await keepToken(connection, form);
    // What policy set is not the person's: their own list waits beneath it.
    if (!managed.has('connections')) await parts.book.write(() => after);
    for (const [connection] of saved) await noteSignedIn(connection);
    await parts.onSettings(before);
    return { ok: true };
  }

  /** How far the batches are that have not ended, of all other connections than those. */
  async function runningBatchesBut(stay: ReadonlySet<string>) {
    const running = await history.runningBatches();
    const read = await Promise.all(
      running.map(async (batchId) => {
        const [batch, progress] = await Promise.all([history.readBatch(batchId), history.progressOf(batchId)]);
        if (batch === null || progress === null || progress.stopped || stay.has(batch.connectionId)) return null;
        return { batchId, connectionId: batch.connectionId, open: progress.counts.open };
      }),
    );
    return read.filter((one) => one !== null);
  }

  /** Goes through the test's steps until one fails. The token that was typed stays for Save to take. */
  async function testConnection(connection: Connection, form: ConnectionForm): Promise<TestStep[]> {
    const typed = form.token === 'typed' ? await secrets.readHandedOver() : null;
    const credential = typed === null ? credentialOf(connection, parts) : () => ofNobodyYet(connection.address, typed);
    const backend = parts.backendOf(connection, credential);
    if (backend === null) return [{ step: 'reachable', ok: false, failure: { reason: 'kindUnknown' } }];
    const steps: TestStep[] = [];
    for await (const step of backend.test(AbortSignal.timeout(ASK_FOR_MS))) {
      steps.push(step.step === 'reachable' && step.ok ? { ...step, ...clockOff(connection) } : step);
    }
    return steps;
  }

  /** By how much this computer's clock is ahead of the service's, where it has to be set. */
  function clockOff({ address }: Connection): { readonly aheadMs?: number } {
    const aheadMs = skew.aheadOf(address);
    return aheadMs !== null && isClockOff(aheadMs) ? { aheadMs } : {};
  }

  /** Forgets the connection's tokens and whom to ask there. The provider hears of it too, and nobody waits for that. */
  async function leave(connection: Connection): Promise<void> {
    await secrets.forgetToken(connection.id);
    await forgetSupport(connection.id);
    if (connection.signIn === 'entra') await secrets.forgetAccounts(connection.id);
    if (connection.signIn !== 'openIdConnect') return;
    signIn.end(connection).catch((cause: unknown) => log.error('The tokens of a former connection stayed', cause));
  }

  /** Forgets what a connection that is gone has listed, and what was starred or ignored there. */
  async function forgetListed(connectionId: string): Promise<void> {
    await parts.lists.forget(connectionId);
    await parts.stars.forget(connectionId);
    await forgetIgnored(connectionId);
  }

  async function keepToken(connection: Connection, form: ConnectionForm): Promise<void> {
    switch (connection.signIn) {
      case 'none':
        return secrets.forgetToken(connection.id);
      case 'accessToken': {
        const token = form.token === 'typed' ? await secrets.takeHandedOver() : await secrets.readToken(connection.id);
        if (token !== null) await secrets.saveToken(connection.id, token, form.remember);
        return;
      }
      case 'openIdConnect': {
        // Whether to stay signed in may have been chosen anew.
        const tokens = await secrets.readTokens(connection);
        if (tokens !== null) await secrets.saveTokens(connection, tokens);
        return;
      }
      case 'entra':
        return secrets.keepAccounts(connection);
    }
  }
}

/** A typed token, whose owner the test is about to ask for. */
async function ofNobodyYet(address: string, token: string): Promise<Credential> {
  return { token, person: { kind: 'token', issuer: address, fingerprint: await fingerprintOf(token) } };
}

/** Another address is another connection: neither a change nor a token can reach a backend that it was not meant for. */
async function connectionFrom(form: ConnectionForm, present: readonly Connection[]): Promise<Connection> {
  const { name, kind, address, portals, tenants } = form;
  return named({ id: await idFor(form, present), name, kind, address, portals, tenants, ...signInOf(form) });
}

/** The list that the person chose. */
export function listOf({ connections = [], defaultConnection = null }: OwnSettings): ConnectionList {
  return { connections, defaultConnection };
}
