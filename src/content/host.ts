import type { Corner } from '../domain/dock';
import { direction, language } from '../words/words';
import { copyDrawnTexts } from './copying';
import type { Place } from './placement';
import type { Theme } from './theme';

/**
 * The mark of the host, which is a `div`: an element with a name of its own would be a custom element to a page that defines one
 * of that name, and by its internals the page would come into the closed root.
 */
const HOST = 'data-partner-of-record';
const KEPT_EVENTS =
  'keydown keypress keyup beforeinput input textInput compositionstart compositionupdate compositionend paste copy cut dragstart drop';

/** What the host follows of the page that it stands on, and of what the person chose there. */
export interface Dress {
  readonly theme: Theme;
  /** How far from the edges of its anchor it keeps, in pixels, as what stands there does. */
  readonly inset: number;
  /** Where it is docked when it has no anchor. */
  readonly corner: Corner;
}

/** The one element that a panel has on its page, with what stands in its closed shadow root. */
export interface Host {
  readonly element: HTMLElement;
  readonly root: ShadowRoot;
  /** The element to render into; it stays the same wherever the host goes, so that nothing typed is lost. */
  readonly surface: HTMLElement;
  readonly dress: Dress;
  /** Draws it so from now on. The page sees nothing of it but the outcome: all of this stands in our own sheet. */
  dressAs(dress: Dress): void;
  /** Puts the host there, with the focus that the page took from it. */
  moveTo(parent: Element, place: Place): void;
  /** Sets the style sheet again where the page has taken it away; whether it was there. */
  keepStyled(): boolean;
  /** Hosts of others: copies of this one, what an earlier version left, or a later version's own. */
  others(): readonly Element[];
  /** Whether another run of this script made that host; a copy of ours is only the page copying its content. */
  isAnotherRuns(other: Element): boolean;
}

export function createHost(styles: string, first: Dress): Host {
  const element = document.createElement('div');
  const run = crypto.randomUUID();
  element.setAttribute(HOST, run);
  const root = element.attachShadow({ mode: 'closed' });
  const ownStyles = withOwnNames(styles);
  const sheet = styled(root, ownStyles + placed(first));
  let dress = first;
  const surface = document.createElement('div');
  surface.className = 'surface';
  surface.dataset['theme'] = first.theme;
  surface.lang = language();
  surface.dir = direction();
  root.append(surface);
  copyDrawnTexts(root);
  for (const type of KEPT_EVENTS.split(' ')) root.addEventListener(type, (event) => event.stopPropagation());
  const restoreFocus = rememberFocus(root, element);
  return {
    element,
    root,
    surface,
    keepStyled: sheet.keep,
    get dress() {
      return dress;
    },
    dressAs(next) {
      dress = next;
      surface.dataset['theme'] = next.theme;
      sheet.set(ownStyles + placed(next));
    },
    moveTo(parent, place) {
      element.dataset['place'] = place;
      element.removeAttribute('data-yields');
      if (place === 'inline') parent.prepend(element);
      else parent.append(element);
      restoreFocus();
    },
    others: () => [...document.querySelectorAll(`[${HOST}]`)].filter((other) => other !== element),
    isAnotherRuns: (other) => other.getAttribute(HOST) !== run,
  };
}

/**
 * The styles with names of this start's own for our custom properties, which are inherited from the page: it can set one whose
 * name it knows, or register it, and nothing undoes that (Chromium 156).
 */
function withOwnNames(styles: string): string {
  return styles.replace(/--(?=[a-z])/g, `--x${crypto.randomUUID()}-`);
}

function placed({ inset, corner }: Dress): string {
  const [down, across] = corner.split('-');
  return `
:host([data-place="inline"]){margin-inline:${inset}px!important}
:host([data-place="docked"]){${down}:16px!important;${across}:16px!important}`;
}

interface Sheet {
  /** Sets it again where the page has taken it away; whether it was there. */
  keep(): boolean;
  set(styles: string): void;
}

/**
 * Adopted where the browser lets a content script do so, since no content security policy of the page stops that (Chromium 156,
 * Firefox 153). A page that takes the host through another document empties the list; Chromium 156 takes the same sheet again.
 */
function styled(root: ShadowRoot, styles: string): Sheet {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    const adopt = () => {
      root.adoptedStyleSheets = [sheet];
    };
    adopt();
    return {
      keep() {
        const here = root.adoptedStyleSheets[0] === sheet;
        if (!here) adopt();
        return here;
      },
      set: (next) => sheet.replaceSync(next),
    };
  } catch {
    // A browser that refuses a sheet of the content script's world; Chromium 156 and Firefox 153 take it.
    const style = document.createElement('style');
    style.textContent = styles;
    root.append(style);
    return {
      keep: () => style.sheet !== null,
      set(next) {
        style.textContent = next;
      },
    };
  }
}

/** Gives back what had the focus when the page took the host away with it. */
function rememberFocus(root: ShadowRoot, host: HTMLElement): () => void {
  let last: HTMLElement | null = null;
  root.addEventListener('focusin', ({ target }) => {
    last = target instanceof HTMLElement ? target : null;
  });
  root.addEventListener('focusout', () => {
    // A removal takes the focus too, and not by the person's will.
    queueMicrotask(() => {
      if (host.isConnected && root.activeElement === null) last = null;
    });
  });
  return () => {
    const taken = document.activeElement !== null && document.activeElement !== document.body;
    if (!taken) last?.focus({ preventScroll: true });
  };
}
