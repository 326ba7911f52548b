import { markOf } from '../domain/partner-state';
import type { ConfirmSubject } from '../domain/confirm-window';
import type { PartnerId } from '../domain/partner';
import { wantedBy } from '../domain/partner-form';
import { pastedPartnerId } from '../domain/pasted-partner-id';
import type { Act } from '../domain/standing';
import { windowProblemIn } from '../domain/window-answer';
import { CallError, call } from '../messaging/call';
import { signInFor } from '../messaging/link-sign-in';
import { onBroadcast } from '../messaging/broadcasts';
import { afterWorker, newerView } from '../messaging/newer-view';
import type { ChangeAnswer, Broadcast, SubscriptionView } from '../messaging/protocol';
import { watchWorker } from '../messaging/watch-worker';
import { consoleLog } from '../platform/log';
import { type Draft, draftAfter, draftFor, isUnderWay, type Shown, whatIsShown } from './confirm-state';

/** What a person can do in the window. */
export interface Acts {
  type(text: string): void;
  check(): void;
  save(): void;
  /** The answer to the question whether to link. */
  link(sure: boolean): void;
  askToRemove(): void;
  /** The answer to the question whether to remove. */
  remove(sure: boolean): void;
  /** What may be done about a change. */
  act(act: Act): void;
  readAgain(): void;
  signIn(): void;
  openOptions(): void;
}

export interface Contents {
  readonly draft: Draft;
  /** Null until the worker has told of the subscription. */
  readonly view: SubscriptionView | null;
  /** Null as the view is. */
  readonly shown: Shown | null;
  readonly reading: boolean;
  /** What the extension itself failed over. */
  readonly broken: unknown;
  readonly acts: Acts;
}

/** Runs the window about its one subject until `signal` aborts, and calls `onChange` with what to show. */
export function runConfirm(subject: ConfirmSubject, onChange: (contents: Contents) => void, signal: AbortSignal): void {
  const { subscriptionId, link = null } = subject;
  let view: SubscriptionView | null = null;
  let draft = draftFor(subject);
  let reading = false;
  let broken: unknown = null;
  let toldUnderWay = false;
  let toldSeen: string | null = null;

  const acts: Acts = {
    type: (typed) => edit({ typed, problem: null }),
    check() {
      const parsed = pastedPartnerId(draft.typed);
      if (parsed.ok) void check(parsed.partnerId);
      else edit({ problem: parsed.problem });
    },
    save() {
      const { present, task } = shownNow() ?? {};
      if (!present || task?.kind !== 'form') return;
      const partnerId = wantedBy(task.form);
      if (partnerId === null) return;
      const seen = markOf(present);
      // Its name is known only afterwards, so it is asked about once more.
      if (link !== null) return edit({ question: { asks: 'link', mark: seen } });
      const input = { id: crypto.randomUUID(), subscriptionId, partnerId, seen };
      void ask(() => call('change.assign', input), 'save');
    },
    link(sure) {
      const { present, task } = shownNow() ?? {};
      if (!sure || !present || task?.kind !== 'confirmLink' || link === null) return edit({ question: null });
      const { target } = link;
      const input = { id: crypto.randomUUID(), target, partnerId: task.partnerId, seen: markOf(present) };
      void ask(() => call('link.assign', input), 'save');
    },
    askToRemove() {
      const present = shownNow()?.present;
      if (present) edit({ question: { asks: 'remove', mark: markOf(present) } });
    },
    remove(sure) {
      const { present, task } = shownNow() ?? {};
      if (!sure || !present || task?.kind !== 'confirmRemoval') return edit({ question: null });
      const input = { id: crypto.randomUUID(), seen: markOf(present) };
      const removal =
        link === null
          ? () => call('change.remove', { ...input, subscriptionId })
          : () => call('link.remove', { ...input, target: link.target });
      void ask(removal, 'removal');
    },
    act: (act) => void perform(act),
    readAgain: () => void read(true),
    signIn: () => void signIn(),
    openOptions: () => void settle(() => call('options.open', {})),
  };

  function shownNow(): Shown | null {
    return view && whatIsShown(view, draft);
  }

  function show(): void {
    if (signal.aborted) return;
    const shown = shownNow();
    if (shown !== null) tell(shown);
    onChange({ draft, view, shown, reading, broken, acts });
  }

  /** What the worker must know: whether this window may be given up, and that the person has met how a change ended. */
  function tell(shown: Shown): void {
    const failed = (cause: unknown) => consoleLog.error('The worker could not be told', cause);
    const underWay = isUnderWay(shown);
    if (underWay !== toldUnderWay) {
      toldUnderWay = underWay;
      call('confirm.underWay', { id: subject.id, underWay }).catch(failed);
    }
    const { ended } = shown;
    const unseen = (ended?.at.phase === 'refused' || ended?.at.phase === 'unknown') && !ended.at.seen;
    if (ended === null || !unseen || toldSeen === ended.changeId) return;
    toldSeen = ended.changeId;
    call('change.seen', { changeId: ended.changeId }).catch(failed);
  }

  function edit(next: Partial<Draft>): void {
    draft = { ...draft, askProblem: null, windowProblem: null, otherAccount: null, ...next };
    show();
  }

  function takeView(next: SubscriptionView): void {
    const before = view;
    view = newerView(before, next);
    draft = draftAfter(draft, before, view);
    show();
  }

  /** What the worker answers; null when it did not, which is then shown. */
  async function attempt<T>(asking: () => Promise<T>): Promise<{ readonly answer: T } | null> {
    try {
      watch.asking();
      const answer = await asking();
      watch.heard();
      broken = null;
      return { answer };
    } catch (cause) {
      if (!(cause instanceof CallError)) throw cause;
      broken = cause;
      return null;
    }
  }

  /** Whether the worker answered. */
  async function read(anew: boolean): Promise<boolean> {
    if (anew) reading = true;
    show();
    const answered = await attempt(() =>
      link === null
        ? call('subscription.read', { subscriptionId, anew })
        : call('link.known', { subscriptionId, target: link.target, anew }),
    );
    if (anew) reading = false;
    if (answered === null) show();
    else takeView(answered.answer);
    return answered !== null;
  }

  async function check(partnerId: PartnerId): Promise<void> {
    const mine = { partnerId, outcome: null };
    edit({ check: mine, problem: null });
    const answered = await attempt(() => call('partner.check', { partnerId }));
    // Another check was begun meanwhile: its answer is the one that counts.
    if (draft.check !== mine) return;
    edit({ check: answered && { partnerId, outcome: answered.answer } });
  }

  async function ask(send: () => Promise<ChangeAnswer>, asking: Exclude<Draft['asking'], null>): Promise<void> {
    if (draft.asking !== null) return;
    edit({ asking, question: null });
    // A worker that ended in the middle starts again; with the same ID, asking twice is asking once.
    const answered = (await attempt(send)) ?? (await attempt(send));
    const answer = answered?.answer ?? null;
    const standing = answer === null ? null : answer.ok ? answer.standing : 'open' in answer ? answer.open : null;
    draft = { ...draft, followed: standing?.changeId ?? draft.followed };
    // It may have ended by now, or another one have followed, and the answer lacks the state that it led to.
    const isRead = standing !== null && (await read(false));
    const askProblem = answer === null ? 'noAnswer' : answer.ok ? null : answer.problem;
    draft = { ...draft, asking: null, askProblem };
    const since = answer !== null && !answer.ok && answer.problem === 'changedSince' ? answer : null;
    if (since !== null && since.view === null) await read(false);
    else if (since !== null && since.view !== null) takeView(since.view);
    else if (standing !== null && view !== null && !isRead) takeView({ ...view, standing });
    else show();
  }

  async function perform(act: Act): Promise<void> {
    const standing = view?.standing;
    const shown = shownNow();
    if (!standing || shown === null) return;
    const { changeId, me, after, before, at } = standing;
    switch (act) {
      case 'signIn':
        return acts.signIn();
      case 'tryNow':
        return settle(() => call('change.tryNow', { changeId }));
      case 'stop':
      case 'discard':
        return settle(() => call('change.stop', { changeId }));
      case 'keep':
        return settle(() => call('change.keep', { changeId }));
      case 'sendAsMe': {
        const answered = await attempt(() => call('change.sendAsMe', { changeId, me }));
        if (answered?.answer.ok === false) edit({ askProblem: answered.answer.problem });
        await read(false);
        return;
      }
      case 'overwrite': {
        if (at.phase !== 'conflict') return;
        const input = { id: crypto.randomUUID(), changeId, seen: markOf(shown.present ?? at.found) };
        return ask(() => call('change.overwrite', input), after === null ? 'removal' : 'save');
      }
      case 'undo': {
        if (shown.present === null) return;
        const input = { id: crypto.randomUUID(), changeId, seen: markOf(shown.present) };
        return ask(() => call('change.undo', input), before === null ? 'removal' : 'save');
      }
    }
  }

  async function signIn(): Promise<void> {
    edit({});
    if (link === null) {
      const answered = await attempt(() => call('signIn.start', { another: false }));
      edit({ windowProblem: answered && windowProblemIn(answered.answer) });
      if (answered !== null) await read(true);
      return;
    }
    const answered = await attempt(() => signInFor(link.target));
    edit(answered?.answer ?? {});
    if (answered !== null) await read(true);
  }

  /** Does something, and then shows what is known. */
  async function settle(doing: () => Promise<unknown>): Promise<void> {
    if ((await attempt(doing)) === null) show();
    else await read(false);
  }

  /** What the worker was about to tell is lost with it, and what it left open goes on once it is started again. */
  function workerEnded(idle: boolean): void {
    view = view && afterWorker(view);
    if (!idle || draft.asking !== null || shownNow()?.work) void read(true);
  }

  const watch = watchWorker(workerEnded, signal);
  const isOurs = ({ view: told, connectionId }: Extract<Broadcast, { changed: 'subscription' }>) =>
    told.subscriptionId === subscriptionId && connectionId === subject.connectionId;
  onBroadcast((broadcast) => {
    if (broadcast.changed === 'links' && link !== null) void read(false);
    if (broadcast.changed === 'subscription' && link === null && isOurs(broadcast)) {
      watch.heard();
      takeView(broadcast.view);
    }
    // Another connection, or another person.
    if (broadcast.changed === 'settings') void read(true);
  }, signal);
  show();
  // What is known is there at once; what the backend holds now follows.
  void read(false);
  void read(true);
}
