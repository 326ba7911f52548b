import type { Corner } from '../domain/dock';
import type { OnPage } from '../ui/on-page';
import { createHost, type Dress } from './host';
import type { Place } from './placement';
import { keepPlaced } from './placing';
import { watchPresses } from './presses';
import { createSampler } from './sampler';
import { flawedSince, type Sureness, surenessOf } from './seeing';
import { insetIn, themeAround } from './surroundings';
import { createSightWatch } from './visibility';

interface Mounting {
  /** Where the panel goes inline, as `anchorsFor` says. */
  readonly selectors: readonly string[];
  readonly styles: string;
  /** Where it is docked at first. */
  readonly corner: Corner;
  /** The panel stands elsewhere, or may not be seen where it stands. */
  readonly onChange: (place: Place, sureness: Sureness) => void;
  readonly onReplaced: () => void;
  readonly onReopened: () => void;
}

export interface Mounted {
  /** The element to render into. */
  readonly surface: HTMLElement;
  readonly onPage: OnPage;
  /** Docks it in another corner. */
  dockIn(corner: Corner): void;
}

/**
 * Puts one host element with a closed shadow root on the page and keeps it there until `signal` is aborted: inline when there is
 * an anchor, docked when there is none or when it is not seen there, back again when a re-render of the page has taken it away.
 */
export function mountPanel(mounting: Mounting, signal: AbortSignal): Mounted {
  const { selectors, styles, corner, onChange, onReplaced, onReopened } = mounting;
  const host = createHost(styles, { theme: 'light', inset: 0, corner });
  let place: Place | null = null;
  let sureness: Sureness = 'sure';

  const watch = createSightWatch(() => {
    if (watch.sight.state === 'covered') placer.look();
    presses.judgeAgain();
    followSureness();
  }, signal);
  const placer = keepPlaced(
    {
      host,
      selectors,
      unseenFor,
      onMoving(parent, next) {
        dress({ ...surroundingsOf(parent, next), corner: host.dress.corner });
      },
      onLooked() {
        const { parentElement } = host.element;
        if (place !== null && parentElement !== null && placer.isThere()) {
          dress({ ...surroundingsOf(parentElement, place), corner: host.dress.corner });
        }
        sampler.takeAtRest();
        followSureness();
      },
      onMoved(next) {
        const sameAsBefore = place === next;
        place = next;
        watch.watch(host.surface, sameAsBefore);
        if (!sameAsBefore) onChange(next, sureness);
        sampler.takeSoon();
      },
      onReplaced,
      onReopened,
    },
    signal,
  );
  const sampler = createSampler({ host, isThere: placer.isThere, onSample }, signal);
  const presses = watchPresses(
    { host, sampler, sight: () => watch.sight, onRefused: () => placer.look({ pressRefused: isUnseen() }) },
    signal,
  );

  /** Docked it stands over the whole page. */
  function surroundingsOf(parent: Element, where: Place): Pick<Dress, 'theme' | 'inset'> {
    if (where === 'inline') return { theme: themeAround(parent), inset: insetIn(parent, host.element) };
    return { theme: themeAround(document.body ?? document.documentElement), inset: host.dress.inset };
  }

  function dress(next: Dress): void {
    const { theme, inset, corner } = host.dress;
    if (next.theme !== theme || Math.abs(next.inset - inset) > 1 || next.corner !== corner) host.dressAs(next);
  }

  function onSample(): void {
    if (isUnseen()) placer.look();
    else followSureness();
  }

  /** How long the panel has not been seen as it is; null when nothing is wrong. */
  function unseenFor(now: number): number | null {
    const { state, since } = watch.sight;
    // Little is sampled at rest: what was wrong may be so no more.
    if (flawedSince(sampler.samples) !== null) sampler.take();
    const flawed = flawedSince(sampler.samples) ?? now;
    const unseenSince = state === 'covered' ? Math.min(since, flawed) : flawed;
    return unseenSince < now ? now - unseenSince : null;
  }

  function isUnseen(): boolean {
    return unseenFor(performance.now()) !== null;
  }

  function followSureness(): void {
    const next = surenessOf(placer.hasFurtherPlace(), unseenFor(performance.now()));
    if (next === sureness || place === null) return;
    sureness = next;
    onChange(place, sureness);
  }

  placer.look();
  return {
    surface: host.surface,
    onPage: presses,
    dockIn(next) {
      dress({ ...host.dress, corner: next });
      sampler.takeSoon();
    },
  };
}
