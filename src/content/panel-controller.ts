import { typedForWindow } from '../domain/confirm-window';
import type { Partner, PartnerId, UsedPartners } from '../domain/partner';
import { markOf } from '../domain/partner-state';
import { wantedBy } from '../domain/partner-form';
import { pastedPartnerId } from '../domain/pasted-partner-id';
import { storageProblemIn } from '../domain/storage-problem';
import type { Standing } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import type { LinkTarget } from '../domain/target';
import { type WindowAnswer, type WindowProblem, windowProblemIn } from '../domain/window-answer';
import { CallError, call } from '../messaging/call';
import { signInNews } from '../messaging/link-sign-in';
import { afterWorker, newerView } from '../messaging/newer-view';
import type { ChangeAnswer, PageView, Push } from '../messaging/protocol';
import type { WorkerWatch } from '../messaging/watch-worker';
import type { About } from '../words/about';
import {
  type Command,
  type Draft,
  draftAfter,
  EMPTY_DRAFT,
  followedAfter,
  type Known,
  type Log,
  isNowForbidden,
  isUnderWay,
  type Shown,
  whatIsShown,
  workIn,
} from './panel-state';
import type { Sureness } from './seeing';

/** What a person can do in the panel. */
export interface Acts {
  type(text: string): void;
  /** Takes the ID of a partner used before, and checks it where that can be. */
  choose(partner: Partner): void;
  check(): void;
  save(): void;
  askToRemove(): void;
  /** The answer to the question whether to remove. */
  remove(sure: boolean): void;
  /** The answer to the question whether to link. */
  link(sure: boolean): void;
  /** Shows the link of another account that is signed in. */
  chooseAccount(user: string): void;
  undo(): void;
  overwrite(): void;
  keep(): void;
  /** Sends what another person asked for as one's own. */
  sendAsMe(): void;
  stop(): void;
  tryNow(): void;
  /** Asks once more for the change that the worker did not answer. */
  askAgain(): void;
  readAgain(): void;
  /** Asks for what the worker withholds until a person wants it. */
  showPartner(): void;
  /** Goes on in the extension's own window. */
  confirmInExtension(): void;
  openOptions(): void;
  /** `another`: an account may come back that is not the one shown. */
  signIn(another?: boolean): void;
  /** The text box was entered: the partners used before are wanted. */
  wantUsedPartners(): void;
  /** Opens the form, or folds it away. */
  unfold(open: boolean): void;
  /** Opens the service's log of changes, or closes it. */
  toggleLog(): void;
  /** Asks for the log once more. */
  readLogAgain(): void;
  /** A key that does nothing by itself: what was shown is past all the same. */
  goOn(): void;
}

/** What the controller has shown. */
export interface PanelNews {
  readonly shown: Shown;
  /** What became of the window that was asked for last, where it did not do its part. */
  readonly windowProblem: WindowProblem | null;
  /** What people call the account that came back from signing in, where another one was wanted; null where none did. */
  readonly otherAccount: string | null;
  readonly usedPartners: UsedPartners;
  readonly now: number;
  readonly acts: Acts;
}

export interface PanelContents extends PanelNews {
  /** Whether the panel can be sure that it is seen. */
  readonly sureness: Sureness;
}

export interface PanelController {
  readonly push: (push: Push) => void;
  /** Read anew when what is shown is older than half a minute. */
  readonly refresh: () => void;
  /** The worker has ended. `idle`: nobody had asked it anything for a while. */
  readonly workerEnded: (idle: boolean) => void;
  /** The extension was replaced under this script. */
  readonly endAsGone: () => void;
}

const REFRESH_AFTER_MS = 30_000;
const NO_PARTNERS: UsedPartners = { assigned: [], checked: [] };

/**
 * Runs one region of a subscription's panel until `signal` is aborted: asks the worker, takes its pushes, and calls `onChange` with what to
 * show each time something changed. Answers that come after the abort are dropped.
 */
export function runPanel(
  about: About,
  subscriptionId: SubscriptionId,
  onChange: (news: PanelNews) => void,
  watch: WorkerWatch,
  signal: AbortSignal,
): PanelController {
  const isLink = about === 'link';
  let known: Known = {
    view: null,
    absent: false,
    reading: false,
    answered: true,
    gone: false,
    openedAt: Date.now(),
    followed: null,
  };
  /** The account that the person chose, of those that are signed in; null: the worker chooses. */
  let user: string | null = null;
  let draft: Draft = EMPTY_DRAFT;
  let usedPartners: UsedPartners = NO_PARTNERS;
  /** By the page's own life: somebody may set the clock. */
  let lastReadAt = Number.NEGATIVE_INFINITY;
  /** The change whose end was noted as seen. */
  let notedSeen: string | null = null;

  const acts: Acts = {
    type: (typed) => edit({ typed, problem: null }),
    choose({ partnerId }) {
      edit({ typed: partnerId, problem: null });
      if (!isLink) check(partnerId);
    },
    check() {
      const parsed = pastedPartnerId(draft.typed);
      if (parsed.ok) check(parsed.partnerId);
      else edit({ problem: parsed.problem });
    },
    save() {
      const shown = readNow();
      if (shown?.task.kind !== 'form') return;
      const partnerId = wantedBy(shown.task.form);
      if (partnerId === null) return;
      const seen = markOf(shown.present);
      // Its name is known only afterwards, so it is asked about once more.
      if (isLink) edit({ question: { asks: 'link', mark: seen } });
      else
        void send(
          { name: 'change.assign', input: { id: crypto.randomUUID(), subscriptionId, partnerId, seen } },
          false,
        );
    },
    link(sure) {
      const shown = readNow();
      const target = linkTarget();
      if (sure && shown?.task.kind === 'confirmLink' && target !== null) {
        const { partnerId } = shown.task;
        const input = { id: crypto.randomUUID(), target, partnerId, seen: markOf(shown.present) };
        void send({ name: 'link.assign', input }, false);
      } else edit({ question: null });
    },
    chooseAccount,
    askToRemove() {
      const mark = shownMark();
      if (mark !== null) edit({ question: { asks: 'remove', mark } });
    },
    remove(sure) {
      const shown = readNow();
      if (sure && shown?.task.kind === 'confirmRemoval') {
        const asking = { id: crypto.randomUUID(), seen: markOf(shown.present) };
        const target = linkTarget();
        if (!isLink) void send({ name: 'change.remove', input: { ...asking, subscriptionId } }, true);
        else if (target !== null) void send({ name: 'link.remove', input: { ...asking, target } }, true);
      } else edit({ question: null });
    },
    undo() {
      const shown = readNow();
      if (shown?.ending?.kind !== 'done' || !shown.ending.mayUndo) return;
      const { changeId, before } = shown.ending.standing;
      const input = { id: crypto.randomUUID(), changeId, seen: markOf(shown.present) };
      void send({ name: 'change.undo', input }, before === null);
    },
    overwrite() {
      const work = workIn(whatIsShown(known, draft));
      if (work?.kind !== 'conflict') return;
      const { changeId, after } = work.standing;
      const input = { id: crypto.randomUUID(), changeId, seen: markOf(work.found) };
      void send({ name: 'change.overwrite', input }, after === null);
    },
    sendAsMe() {
      const standing = known.view?.standing;
      if (standing) void settle(() => sendAsMe(standing));
    },
    keep: () => void command('change.keep'),
    stop: () => void command('change.stop'),
    tryNow: () => void command('change.tryNow'),
    askAgain() {
      const { asked } = draft;
      if (asked !== null) void send(asked.command, asked.removal);
    },
    readAgain: () => void read(true),
    showPartner: () => void showWithheld(),
    confirmInExtension() {
      const typed = typedForWindow(draft.typed);
      const link = isLink ? { link: { user: shownUser() } } : {};
      void openWindow(() => call('confirm.open', { typed, ...link }));
    },
    openOptions: () => void openWindow(() => call('options.open', {})),
    signIn(another = false) {
      if (isLink) void signInForLink(another);
      else void openWindow(() => call('signIn.start', { another: false }));
    },
    wantUsedPartners: () => void readUsedPartners(),
    unfold: (unfolded) => edit({ unfolded }),
    toggleLog() {
      if (draft.log === null) void readLog(true);
      else edit({ log: null });
    },
    readLogAgain: () => void readLog(true),
    goOn() {
      // Most keys are pressed where nothing is shown of a change.
      if (shownEnd() !== null) edit({});
    },
  };

  function change(next: { known?: Partial<Known>; draft?: Partial<Draft> }): void {
    if (signal.aborted) return;
    known = { ...known, ...next.known };
    draft = { ...draft, ...next.draft };
    show();
  }

  /** What is shown of what was read; null where nothing was. */
  function readNow() {
    const shown = whatIsShown(known, draft);
    return shown.state === 'read' ? shown : null;
  }

  /** The person does something else: what was shown before is past. */
  function edit(next: Partial<Draft>): void {
    const past = shownEnd() ?? draft.past;
    // What was said about a change that was not taken up goes, too.
    const asked = draft.asked?.problem === null ? draft.asked : null;
    change({ draft: { sendToConfirm: null, windowProblem: null, past, asked, ...next } });
  }

  /** The change whose end the panel shows until the person does something else; null when it shows none. */
  function shownEnd(): string | null {
    const ending = readNow()?.ending;
    return ending?.kind === 'done' || ending?.kind === 'ended' ? ending.standing.changeId : null;
  }

  function show(): void {
    const shown = whatIsShown(known, draft);
    const { windowProblem, otherAccount } = draft;
    onChange({ shown, windowProblem, otherAccount, usedPartners, now: Date.now(), acts });
    noteSeen(shown);
  }

  /** A refusal that stands before the person's eyes leaves the badge. */
  function noteSeen(shown: Shown): void {
    if (shown.state !== 'read' || document.visibilityState !== 'visible') return;
    const { ending } = shown;
    if (ending?.kind !== 'failed') return;
    const { changeId } = ending.standing;
    if (notedSeen === changeId || ending.seen) return;
    notedSeen = changeId;
    void attempt(() => call('change.seen', { changeId })).then((answered) => {
      // The next time it is shown it is noted again.
      if (answered === null && notedSeen === changeId) notedSeen = null;
    });
  }

  /** The account whose link is shown, or was chosen. */
  function shownUser(): string | null {
    return user ?? known.view?.link?.account?.user ?? null;
  }

  function linkTarget(): LinkTarget | null {
    return known.view?.link?.target ?? null;
  }

  function takeView(view: PageView): void {
    if (signal.aborted || view.subscriptionId !== subscriptionId) return;
    const before = known.view;
    const next = newerView(before, view);
    const followed = followedAfter(known, draft, next);
    draft = draftAfter(draft, before, next);
    change({ known: { view: next, followed } });
    if (isNowForbidden(before, next)) void read(true);
    // Another record: the log that is open has one more.
    if (draft.log !== null && draft.log.of !== shownMark()) void readLog(false);
  }

  function shownMark(): string | null {
    const shown = readNow();
    return shown && markOf(shown.present);
  }

  /** What the worker answers; null when it did not, which is then shown, or when the panel has been left meanwhile. */
  async function attempt<T>(ask: () => Promise<T>): Promise<{ readonly answer: T } | null> {
    try {
      watch.asking();
      const answer = await ask();
      if (signal.aborted) return null;
      watch.heard();
      if (known.answered !== true) change({ known: { answered: true } });
      return { answer };
    } catch (cause) {
      if (!(cause instanceof CallError)) throw cause;
      change({ known: cause.problem === 'gone' ? { gone: true } : { answered: storageProblemIn(cause) ?? false } });
      return null;
    }
  }

  /** Whether the worker answered. */
  async function read(anew: boolean): Promise<boolean> {
    if (anew) {
      lastReadAt = performance.now();
      change({ known: { reading: true } });
    }
    const of = user;
    const answered = await attempt<PageView | null>(() =>
      isLink
        ? call('link.read', { subscriptionId, user: of, anew })
        : call('subscription.read', { subscriptionId, anew }),
    );
    if (anew) known = { ...known, reading: false };
    // Another account was chosen meanwhile.
    if (of !== user) return false;
    const view = answered?.answer ?? null;
    if (view !== null) takeView(view);
    else change({ known: { absent: answered !== null } });
    return answered !== null;
  }

  function chooseAccount(chosen: string): void {
    user = chosen;
    change({ known: { view: null }, draft: { question: null, asked: null, otherAccount: null } });
    void read(false);
    void read(true);
  }

  async function signInForLink(another: boolean): Promise<void> {
    change({ draft: { windowProblem: null, otherAccount: null } });
    const wanted = another ? null : shownUser();
    const answered = await attempt(() => call('link.signIn', { subscriptionId, user: wanted }));
    if (answered === null) return;
    const came = signInNews(answered.answer);
    // What is shown stays that of the account that was wanted.
    if (came.otherAccount !== null) user = wanted;
    change({ draft: came });
    // Whoever signs in with another account wants that one's link.
    if (another && answered.answer.kind === 'signedIn') chooseAccount(answered.answer.user);
    else void read(true);
  }

  async function showWithheld(): Promise<void> {
    const answered = await attempt(() => call('subscription.show', { subscriptionId }));
    if (answered === null) return;
    // What it answers is of the record; the link may be read now as well.
    if (!isLink) takeView(answered.answer);
    if (!answered.answer.withheld) await read(true);
  }

  async function readUsedPartners(): Promise<void> {
    const answered = await attempt(() => call('partners.used', { ofLink: isLink }));
    if (answered === null) return;
    usedPartners = answered.answer;
    change({});
  }

  /** @param wanted the person asked for it: what was shown goes once the log is there, so that the page below moves but once */
  async function readLog(wanted: boolean): Promise<void> {
    const asked: Log = { of: shownMark(), reading: true, answer: draft.log?.answer ?? null };
    change({ draft: { log: asked } });
    const answered = await attempt(() => call('subscription.changes', { subscriptionId }));
    // Closed, or asked for anew, meanwhile.
    if (draft.log !== asked) return;
    const answer = answered?.answer ?? asked.answer;
    // That the extension did not answer is shown already.
    const log = answer && { of: asked.of, reading: false, answer };
    if (wanted) edit({ log });
    else change({ draft: { log } });
  }

  async function check(partnerId: PartnerId): Promise<void> {
    const mine = { partnerId, outcome: null };
    edit({ check: mine, problem: null });
    const answered = await attempt(() => call('partner.check', { partnerId }));
    // Another check was begun meanwhile: its answer is the one that counts.
    if (draft.check !== mine) return;
    change({ draft: { check: answered && { partnerId, outcome: answered.answer } } });
  }

  async function send(command: Command, removal: boolean): Promise<void> {
    if (draft.asked?.problem === null) return;
    edit({ asked: { command, removal, problem: null } });
    // A worker that ended in the middle starts again; with the same ID, asking twice is asking once.
    const answer = (await askWorker(command)) ?? (await askWorker(command));
    if (signal.aborted || draft.asked?.command !== command) return;
    if (answer === null) return edit({ question: null, asked: { command, removal, problem: 'noAnswer' } });
    if (!answer.ok) edit({ question: null, asked: { command, removal, problem: answer.problem } });
    const taken = answer.ok ? answer.standing : answer.problem === 'changeOpen' ? answer.open : null;
    // It may have ended by now, or another one have followed, and the answer lacks the state that it led to.
    const isRead = taken !== null && (await read(false));
    if (taken !== null && known.view !== null && !isRead) takeView({ ...known.view, standing: taken });
    if (!answer.ok && answer.problem === 'changedSince') {
      if (answer.view === null) await read(false);
      else takeView(answer.view);
    }
    // What is known may be about another change by now, so that nothing else tells that this one is asked no more.
    if (answer.ok && draft.asked?.command === command) change({ draft: { asked: null } });
  }

  async function askWorker({ name, input }: Command): Promise<ChangeAnswer | null> {
    try {
      watch.asking();
      const answer = await call(name, input);
      watch.heard();
      return answer;
    } catch (cause) {
      if (!(cause instanceof CallError)) throw cause;
      if (cause.problem === 'gone') change({ known: { gone: true } });
      return null;
    }
  }

  async function sendAsMe({ changeId, me }: Standing): Promise<void> {
    const answer = await call('change.sendAsMe', { changeId, me });
    if (!answer.ok && answer.problem === 'confirmInExtension') edit({ sendToConfirm: changeId });
  }

  async function openWindow(ask: () => Promise<WindowAnswer>): Promise<void> {
    change({ draft: { windowProblem: null } });
    const answered = await attempt(ask);
    if (answered !== null) change({ draft: { windowProblem: windowProblemIn(answered.answer) } });
  }

  async function command(name: 'change.keep' | 'change.stop' | 'change.tryNow'): Promise<void> {
    const changeId = known.view?.standing?.changeId;
    if (changeId !== undefined) await settle(() => call(name, { changeId }));
  }

  /** Does something to the change, and then shows where it stands. */
  async function settle(act: () => Promise<unknown>): Promise<void> {
    if ((await attempt(act)) !== null) await read(false);
  }

  /** What the worker was about to push is lost with it, and what it left open goes on once it is started again. */
  function workerEnded(idle: boolean): void {
    known = { ...known, view: known.view && afterWorker(known.view) };
    if (idle && !isUnderWay(whatIsShown(known, draft))) return;
    lastReadAt = Number.NEGATIVE_INFINITY;
    if (document.visibilityState === 'visible') void read(true);
  }

  show();
  // What is known is there at once; what the backend holds now follows. Of a link there is mostly nothing.
  const first = read(false);
  if (isLink) void first.then(() => (known.absent ? undefined : read(true)));
  else void read(true);

  return {
    workerEnded,
    push(push) {
      if (push.push === 'subscription' && !isLink) takeView(push.view);
      if (push.push === 'link' && isLink) void read(false);
      if (push.push === 'connection') {
        // Another service, other records: nothing known of the earlier one counts.
        usedPartners = NO_PARTNERS;
        change({
          known: { view: null, absent: false },
          draft: { question: null, check: null, windowProblem: null, log: null },
        });
        void read(true);
      }
    },
    refresh() {
      if (known.gone) return;
      noteSeen(whatIsShown(known, draft));
      if (performance.now() - lastReadAt > REFRESH_AFTER_MS) void read(true);
    },
    endAsGone() {
      if (!known.gone) change({ known: { gone: true } });
    },
  };
}
