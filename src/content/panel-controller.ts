import type { Partner, PartnerId } from '../domain/partner';
import { parsePartnerId } from '../domain/partner';
import { storageProblemIn } from '../domain/storage-problem';
import type { SubscriptionId } from '../domain/subscription';
import { CallError, call } from '../messaging/call';
import type { ChangeAnswer, MessageOutput, Push, SubscriptionView } from '../messaging/protocol';
import { type Draft, draftAfter, EMPTY_DRAFT, type Known, newerView, type Shown, whatIsShown } from './panel-state';

/** What a person can do in the panel. */
export interface Acts {
  type(text: string): void;
  /** Takes the ID of a partner used before, and checks it. */
  choose(partner: Partner): void;
  check(): void;
  save(): void;
  askToRemove(): void;
  /** The answer to the question whether to remove. */
  remove(sure: boolean): void;
  undo(): void;
  overwrite(): void;
  keep(): void;
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
  signIn(): void;
  /** The text box was entered: the partners used before are wanted. */
  wantUsedPartners(): void;
}

export interface PanelContents {
  readonly shown: Shown;
  readonly usedPartners: readonly Partner[];
  readonly now: number;
  readonly acts: Acts;
}

export interface PanelController {
  readonly push: (push: Push) => void;
  /** Read anew when what is shown is older than half a minute. */
  readonly refresh: () => void;
  /** The extension was replaced under this script. */
  readonly endAsGone: () => void;
}

const REFRESH_AFTER_MS = 30_000;
/** No Partner ID, however written, is as long. */
const LONGEST_TYPED = 64;

/**
 * Runs one subscription's panel until `signal` is aborted: asks the worker, takes its pushes, and calls `onChange` with what to
 * show each time something changed. Answers that come after the abort are dropped.
 *
 * @param whenSeen decides whether a press that changes something was made by somebody who saw the panel
 */
export function runPanel(
  subscriptionId: SubscriptionId,
  onChange: (contents: PanelContents) => void,
  whenSeen: (act: () => void, refuse: () => void) => void,
  signal: AbortSignal,
): PanelController {
  let known: Known = { view: null, reading: false, answered: true, gone: false, openedAt: Date.now() };
  let draft: Draft = EMPTY_DRAFT;
  let usedPartners: readonly Partner[] = [];
  let lastReadAt = 0;
  let told: string | null = null;

  const acts: Acts = {
    type: (typed) => edit({ typed, problem: null, asked: settledAsk() }),
    choose({ partnerId }) {
      edit({ typed: partnerId, problem: null, asked: settledAsk() });
      check(partnerId);
    },
    check() {
      const parsed = parsePartnerId(draft.typed);
      if (parsed.ok) check(parsed.partnerId);
      else edit({ problem: parsed.problem, asked: settledAsk() });
    },
    save() {
      const shown = whatIsShown(known, draft);
      if (shown.state !== 'read' || shown.task.kind !== 'form') return;
      const { check } = shown.task.form;
      if (check?.kind === 'found' && check.saves !== null) ask(check.partner, shown.record.etag);
    },
    askToRemove() {
      const shown = whatIsShown(known, draft);
      if (shown.state === 'read') edit({ removing: shown.record.etag, asked: settledAsk() });
    },
    remove(sure) {
      const shown = whatIsShown(known, draft);
      const confirmed = sure && shown.state === 'read' && shown.task.kind === 'confirmRemoval';
      if (confirmed) ask(null, shown.record.etag);
      else edit({ removing: null });
    },
    undo() {
      const shown = whatIsShown(known, draft);
      if (shown.state !== 'read' || shown.ending?.kind !== 'done' || shown.ending.undo === null) return;
      ask(shown.ending.undo.after, shown.ending.undo.basedOn);
    },
    overwrite() {
      const work = presentWork();
      if (work?.kind === 'conflict') ask(work.change.after, work.foundEtag, work.change.id);
    },
    keep: () => press(() => void tell('change.keep')),
    stop: () => press(() => void tell('change.stop')),
    tryNow: () => press(() => void tell('change.tryNow')),
    askAgain() {
      const { asked } = draft;
      if (asked !== null) press(() => void send(asked.input));
    },
    readAgain: () => void read(true),
    showPartner: () => press(() => void showWithheld()),
    confirmInExtension: () => void attempt(() => call('confirm.open', { typed: draft.typed.slice(0, LONGEST_TYPED) })),
    openOptions: () => void attempt(() => call('options.open', {})),
    signIn: () => void attempt(() => call('signIn.start', {})),
    wantUsedPartners: () => void readUsedPartners(),
  };

  function change(next: { known?: Partial<Known>; draft?: Partial<Draft> }): void {
    if (signal.aborted) return;
    known = { ...known, ...next.known };
    draft = { ...draft, ...next.draft };
    show();
  }

  function edit(next: Partial<Draft>): void {
    change({ draft: { covered: false, ...next } });
  }

  /** Acts on a press that changes something, once it is known to be the person's own. */
  function press(act: () => void): void {
    whenSeen(
      () => {
        if (draft.covered) edit({});
        act();
      },
      () => edit({ covered: true }),
    );
  }

  function show(): void {
    const shown = whatIsShown(known, draft);
    onChange({ shown, usedPartners, now: Date.now(), acts });
    tellSeen(shown);
  }

  /** A refusal that stands before the person's eyes leaves the badge. */
  function tellSeen(shown: Shown): void {
    if (shown.state !== 'read' || shown.ending?.kind !== 'refused' || document.visibilityState !== 'visible') return;
    const { id, life } = shown.ending.change;
    if (told === id || (life.state === 'refused' && life.seen)) return;
    told = id;
    void attempt(() => call('change.seen', { changeId: id }));
  }

  function takeView(view: SubscriptionView): void {
    if (signal.aborted || view.subscriptionId !== subscriptionId) return;
    const next = newerView(known.view, view);
    draft = draftAfter(draft, known.view, next);
    change({ known: { view: next } });
  }

  /** What the worker answers; null when it did not, which is then shown, or when the panel has been left meanwhile. */
  async function attempt<T>(ask: () => Promise<T>): Promise<{ readonly answer: T } | null> {
    try {
      const answer = await ask();
      if (signal.aborted) return null;
      if (known.answered !== true) change({ known: { answered: true } });
      return { answer };
    } catch (cause) {
      if (!(cause instanceof CallError)) throw cause;
      change({ known: cause.problem === 'gone' ? { gone: true } : { answered: storageProblemIn(cause) ?? false } });
      return null;
    }
  }

  async function read(anew: boolean): Promise<void> {
    if (anew) {
      lastReadAt = Date.now();
      change({ known: { reading: true } });
    }
    const answered = await attempt(() => call('subscription.read', { subscriptionId, anew }));
    if (anew) known = { ...known, reading: false };
    if (answered !== null) takeView(answered.answer);
    else change({});
  }

  async function showWithheld(): Promise<void> {
    const answered = await attempt(() => call('subscription.show', { subscriptionId }));
    if (answered === null) return;
    takeView(answered.answer);
    if (!answered.answer.withheld) await read(true);
  }

  async function readUsedPartners(): Promise<void> {
    const answered = await attempt(() => call('partners.used', {}));
    if (answered === null) return;
    usedPartners = answered.answer;
    change({});
  }

  async function check(partnerId: PartnerId): Promise<void> {
    const mine = { partnerId, outcome: null };
    edit({ check: mine, problem: null, asked: settledAsk() });
    const answered = await attempt(() => call('partner.check', { partnerId }));
    // Another check was begun meanwhile: its answer is the one that counts.
    if (draft.check !== mine) return;
    edit({ check: answered === null ? null : { partnerId, outcome: answered.answer } });
  }

  function ask(after: Partner | null, basedOn: string, overwrites: string | null = null): void {
    press(() => void send({ id: crypto.randomUUID(), subscriptionId, after, basedOn, overwrites }));
  }

  async function send(input: MessageOutput<'change.ask'>): Promise<void> {
    if (draft.asked?.problem === null) return;
    edit({ removing: null, asked: { input, problem: null } });
    // A worker that ended in the middle starts again; with the same ID, asking twice is asking once.
    const answer = (await askWorker(input)) ?? (await askWorker(input));
    if (signal.aborted || draft.asked?.input.id !== input.id) return;
    if (answer === null) return edit({ asked: { input, problem: 'noAnswer' } });
    const view = known.view;
    const taken = answer.ok ? answer.change : answer.problem === 'changeOpen' ? answer.open : null;
    if (!answer.ok) edit({ asked: { input, problem: answer.problem } });
    if (taken !== null && view !== null) takeView({ ...view, change: taken });
  }

  async function askWorker(input: MessageOutput<'change.ask'>): Promise<ChangeAnswer | null> {
    try {
      return await call('change.ask', input);
    } catch (cause) {
      if (!(cause instanceof CallError)) throw cause;
      if (cause.problem === 'gone') change({ known: { gone: true } });
      return null;
    }
  }

  async function tell(name: 'change.keep' | 'change.stop' | 'change.tryNow'): Promise<void> {
    const changeId = known.view?.change?.id;
    if (changeId === undefined) return;
    const answered = await attempt(() => call(name, { changeId }));
    if (answered !== null) await read(false);
  }

  /** What was said about a change that was not taken up goes once the person does something else. */
  function settledAsk(): Draft['asked'] {
    return draft.asked?.problem === null ? draft.asked : null;
  }

  function presentWork() {
    const shown = whatIsShown(known, draft);
    if (shown.state === 'unread') return shown.work;
    return shown.state === 'read' && shown.task.kind === 'work' ? shown.task.work : null;
  }

  show();
  // What is known is there at once; what the backend holds now follows.
  void read(false);
  void read(true);

  return {
    push(push) {
      if (push.push === 'subscription') takeView(push.view);
      if (push.push === 'connection') {
        // Another service, other records: nothing known of the earlier one counts.
        usedPartners = [];
        change({ known: { view: null }, draft: { check: null, removing: null } });
        void read(true);
      }
    },
    refresh() {
      if (known.gone) return;
      tellSeen(whatIsShown(known, draft));
      if (Date.now() - lastReadAt > REFRESH_AFTER_MS) void read(true);
    },
    endAsGone() {
      if (!known.gone) change({ known: { gone: true } });
    },
  };
}
