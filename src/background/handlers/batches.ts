import type { Batch, BatchItem, BatchKind, BatchOutcome, LeftOut } from '../../domain/batch';
import type { Connection } from '../../domain/connection';
import type { PartnerId, PartnerRef } from '../../domain/partner';
import { type Holding, holdingOf, isSamePartner, markOf, partnerOf } from '../../domain/partner-state';
import type { Person } from '../../domain/person';
import { subscriptionTarget } from '../../domain/target';
import type { BatchAnswer } from '../../messaging/protocol';
import type { Handlers, VerifiedSender } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import { StorageFull } from '../../storage/database';
import type { History, KeptMember } from '../../storage/history';
import type { Batches } from '../batches';
import type { Connections, CurrentConnection } from '../connections';
import type { Engine } from '../engine';
import type { Links } from '../links';
import { senderShown } from '../sender-shown';
import type { Subscriptions } from '../subscriptions';

export interface BatchParts {
  readonly batches: Batches;
  readonly engine: Engine;
  readonly history: History;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'known'>;
  readonly links: Pick<Links, 'personOf' | 'nameOf'>;
  readonly person: (connection: Connection) => Promise<Person | null>;
  readonly clock: Clock;
}

type Commands = Pick<Handlers, Extract<keyof Handlers, `batch.${string}`> | 'links.ask'>;

/** What is asked for, once we know where. */
interface Asked extends Pick<Batch, 'id' | 'kind' | 'of'> {
  readonly items: readonly BatchItem[];
  readonly partners: readonly PartnerRef[];
  readonly leftOut: readonly LeftOut[];
}

/** The messages that ask for many changes at once, or say something about all of them. */
export function createBatchHandlers(parts: BatchParts): Commands {
  const { batches, engine, history, subscriptions, clock } = parts;

  return {
    async 'batch.ask'({ id, connectionId, kind, items }, sender) {
      const current = await parts.connections.byId(connectionId);
      if (current === null) return { ok: false, problem: 'notConfigured' };
      const wanted = items.flatMap(({ subscriptionId, name, ...asked }): BatchItem[] =>
        (asked.before?.partnerId ?? null) === asked.after
          ? []
          : [{ id: newId(), target: subscriptionTarget(connectionId, subscriptionId), targetName: name, ...asked }],
      );
      const named = await partnersOf(current, wanted);
      const partnerIds = named.flatMap(({ partnerId, partner }) => (partner === null ? [partnerId] : []));
      if (partnerIds.length > 0) return { ok: false, problem: 'notChecked', partnerIds };
      const partners = named.flatMap(({ partner }) => partner ?? []);
      return ask({ id, kind, of: null, items: wanted, partners, leftOut: [] }, current, sender);
    },

    async 'links.ask'({ id, connectionId, partnerId, links }, sender) {
      const current = await parts.connections.byId(connectionId);
      if (current === null) return { ok: false, problem: 'notConfigured' };
      const changing = links.filter(
        ({ target, before }) => target.connectionId === connectionId && (before?.partnerId ?? null) !== partnerId,
      );
      // Together: where Azure does not say what tenants are called, nobody waits for that once for each of them.
      const items = await Promise.all(
        changing.map(async ({ target, before, basedOn }): Promise<BatchItem> => {
          const [person, targetName] = await Promise.all([parts.links.personOf(target), parts.links.nameOf(target)]);
          // That of an account which was signed out meanwhile waits for its sign-in.
          const whose = person && { person };
          return { id: newId(), target, targetName, page: null, before, basedOn, after: partnerId, ...whose };
        }),
      );
      const partners = partnerId === null ? [] : [{ partnerId, name: null }];
      return ask({ id, kind: 'bulk', of: null, items, partners, leftOut: [] }, current, sender);
    },

    async 'batch.stop'({ batchId }) {
      await batches.stop(batchId);
      return null;
    },

    async 'batch.dismiss'({ batchId }) {
      await history.dismissBatch(batchId);
      // Nobody goes through hundreds of refusals one by one: whoever puts all of it away has met how it ended.
      for (const outcome of ['refused', 'unknown'] as const) await engine.noteBatch(batchId, outcome, { type: 'seen' });
      return null;
    },

    'batch.undo': ({ id, batchId }, sender) => follow(id, batchId, 'undo', ['done'], sender),
    'batch.retry': ({ id, batchId }, sender) => follow(id, batchId, 'retry', ['refused', 'skipped', 'unknown'], sender),

    async 'batch.answerConflicts'({ id, batchId, answer }, sender) {
      if (answer === 'overwrite') return follow(id, batchId, 'overwrite', ['conflict'], sender);
      await engine.noteBatch(batchId, 'conflict', { type: 'kept' });
      return accepted(batchId, 0, []);
    },

    async 'batch.sendAsMe'({ batchId, me }) {
      const batch = await history.readBatch(batchId);
      const current = batch && (await parts.connections.byId(batch.connectionId));
      const person = current && (await senderShown(current, me, parts.person));
      if (person === null) return { ok: false, problem: 'otherByNow' };
      await batches.adopt(batchId, person);
      return { ok: true };
    },
  };

  /** Asks for what follows from those changes of another batch that stand so. */
  async function follow(
    id: string,
    of: string,
    kind: Extract<BatchKind, 'undo' | 'retry' | 'overwrite'>,
    outcomes: readonly BatchOutcome[],
    sender: VerifiedSender,
  ): Promise<BatchAnswer> {
    const earlier = await history.readBatch(id);
    // Asking twice is asking once: what came of it since is not compared with what is asked now.
    if (earlier !== null) {
      return earlier.kind === kind && earlier.of === of
        ? accepted(id, earlier.size, [])
        : { ok: false, problem: 'idUsedOtherwise' };
    }
    const batch = await history.readBatch(of);
    if (batch === null) return { ok: false, problem: 'notThere' };
    const current = await parts.connections.byId(batch.connectionId);
    if (current === null) return { ok: false, problem: 'notConfigured' };
    const items: BatchItem[] = [];
    const leftOut: LeftOut[] = [];
    const partners = new Map(batch.partners.map((partner) => [partner.partnerId, partner]));
    for (const outcome of outcomes) {
      for await (const members of history.membersOf(of, outcome)) {
        const wishes = members.flatMap((member) => wishAfter(member, kind) ?? []);
        const states = await subscriptions.known(
          current,
          wishes.map(({ item }) => item.target),
        );
        for (const [i, wish] of wishes.entries()) {
          const present = states[i] ?? wish.holding;
          const planned = planAfter(wish, present, kind);
          if (planned !== null) items.push(planned);
          else leftOut.push({ name: wish.item.targetName, holding: holdingOf(present) });
          // The record is as the change wanted it by now, so the conflict needs no answer any more.
          if (kind === 'overwrite' && isSamePartner(present.partnerOfRecord, wish.after))
            await engine.note(wish.item.answers, { type: 'kept' });
          if (wish.after !== null) partners.set(wish.after.partnerId, wish.after);
        }
      }
    }
    if (items.length === 0 && leftOut.length === 0) return { ok: false, problem: 'notThere' };
    const assigned = new Set(items.map(({ after }) => after));
    const named = [...partners.values()].filter(({ partnerId }) => assigned.has(partnerId));
    return ask({ id, kind, of, items, partners: named, leftOut }, current, sender);
  }

  async function ask(asked: Asked, current: CurrentConnection, sender: VerifiedSender): Promise<BatchAnswer> {
    const { id, kind, of, items, partners, leftOut } = asked;
    if (items.length === 0) return { ok: false, problem: 'nothingToChange', leftOut };
    const { can } = current.backend;
    const batch: Batch = {
      id,
      connectionId: current.connection.id,
      kind,
      of,
      size: items.length,
      partners,
      replay: can.replay,
      ...(can.mails ? {} : { mails: false }),
      askedFrom: (sender.kind === 'page' ? sender.page : null) ?? 'popup',
      askedAt: clock.now(),
      person: await parts.person(current.connection),
    };
    try {
      const answer = await batches.ask(batch, items);
      if (answer === 'idUsedOtherwise') return { ok: false, problem: answer };
      return accepted(id, items.length, leftOut);
    } catch (cause) {
      if (cause instanceof StorageFull) return { ok: false, problem: 'storageFull' };
      throw cause;
    }
  }

  async function accepted(batchId: string, asked: number, leftOut: readonly LeftOut[]): Promise<BatchAnswer> {
    const progress = await history.progressOf(batchId);
    return progress === null ? { ok: false, problem: 'notThere' } : { ok: true, progress, asked, leftOut };
  }

  /** Each partner that is to be assigned, once; null where the backend has not said whose the ID is, though it can. */
  async function partnersOf({ connection, backend }: CurrentConnection, items: readonly BatchItem[]) {
    const ids = [...new Set(items.flatMap(({ after }) => after ?? []))];
    return Promise.all(
      ids.map(async (partnerId): Promise<{ readonly partnerId: PartnerId; readonly partner: PartnerRef | null }> => {
        if (!backend.can.check) return { partnerId, partner: { partnerId, name: null } };
        const outcome = (await history.latestCheck(connection.id, partnerId))?.outcome;
        return { partnerId, partner: outcome?.kind === 'found' ? outcome.partner : null };
      }),
    );
  }
}

const newId = () => crypto.randomUUID();

/** What a change that follows another one wants. */
interface Following {
  readonly item: Omit<BatchItem, 'id' | 'before' | 'basedOn' | 'after'> & { readonly answers: string };
  readonly after: PartnerRef | null;
  /** What held the target when the earlier one ended. */
  readonly holding: Holding;
}

/** What follows from a change of a batch; null where nothing does. */
function wishAfter(member: KeptMember, kind: 'undo' | 'retry' | 'overwrite'): Following | null {
  switch (member.kind) {
    case 'damaged':
      return null;
    case 'item': {
      const { target, targetName, page, before, basedOn, after, id, person } = member.item;
      const partner = after === null ? null : { partnerId: after, name: null };
      return {
        item: { target, targetName, page, answers: id, ...(person && { person }) },
        after: partner,
        holding: holdingBefore(before, basedOn),
      };
    }
    case 'change': {
      const { target, targetName, page, id, life, before, basedOn, after, person } = member.change;
      // A link is its account's own, whoever asks for what follows.
      const whose = target.kind === 'signIn' && person !== null ? { person } : {};
      const common = { item: { target, targetName, page, answers: id, ...whose } };
      if (kind === 'undo' && life.state === 'done') return { ...common, after: before, holding: life.outcome };
      if (kind === 'overwrite' && life.state === 'conflict') return { ...common, after, holding: life.found };
      return kind === 'retry' ? { ...common, after, holding: holdingBefore(before, basedOn) } : null;
    }
  }
}

/**
 * What is asked for then, by the newest state known (`present`); null where nothing is: the target is as wanted, or others have changed what the
 * person saw. A retry goes by what is there now.
 */
function planAfter({ item, after, holding }: Following, present: Holding, kind: BatchKind): BatchItem | null {
  if (isSamePartner(present.partnerOfRecord, after)) return null;
  if (kind !== 'retry' && markOf(present) !== markOf(holding)) return null;
  const { partnerOfRecord, version } = present;
  const wanted = after?.partnerId ?? null;
  return { ...item, id: newId(), before: partnerOf(partnerOfRecord), basedOn: version, after: wanted };
}

function holdingBefore(before: PartnerRef | null, basedOn: string | null): Holding {
  return { partnerOfRecord: before && { ...before, assignedAt: null, assignedBy: null }, version: basedOn };
}
