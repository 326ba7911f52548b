import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHost } from '../../../src/content/host';
import { LEAVES_AFTER_MS, type Place } from '../../../src/content/placement';
import { keepPlaced } from '../../../src/content/placing';

/** The page's clock, apart from its timers: those of a page that is held up come late. */
let now: number;
let places: Place[];
let unseenSince: number | null;
let end: AbortController;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(() => new DOMRect(0, 0, 400, 300));
  Element.prototype.checkVisibility = () => true;
  places = [];
  unseenSince = null;
  end = new AbortController();
  document.body.innerHTML = '<main></main>';
});
afterEach(() => {
  end.abort();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A panel in the page's content. */
function open() {
  const placer = keepPlaced(
    {
      host: createHost('', { theme: 'light', inset: 0, corner: 'bottom-right' }),
      selectors: ['main'],
      unseenFor: (at) => unseenSince && at - unseenSince,
      onMoving: () => undefined,
      onMoved: (place) => places.push(place),
      onLooked: () => undefined,
      onReplaced: () => undefined,
      onReopened: () => undefined,
    },
    end.signal,
  );
  placer.look();
  expect(places).toEqual(['inline']);
  return placer;
}

function pass(ms: number): void {
  now += ms;
  vi.advanceTimersByTime(ms);
}

/** From now on the panel is not seen, and its page gets to do nothing for two seconds. */
function holdUp(placer: ReturnType<typeof open>): void {
  unseenSince = now;
  placer.look();
  now += 2000;
}

describe('A panel that is not seen', () => {
  it('docks once that has lasted for half a second', () => {
    const placer = open();
    unseenSince = now;
    placer.look();
    pass(LEAVES_AFTER_MS - 1);
    expect(places).toEqual(['inline']);
    pass(1);
    expect(places).toEqual(['inline', 'docked']);
  });

  it('stays on a page that was held up for so long, if it is seen once that draws again', () => {
    const placer = open();
    holdUp(placer);
    pass(LEAVES_AFTER_MS);
    expect(places).toEqual(['inline']);
    unseenSince = null;
    pass(5000);
    expect(places).toEqual(['inline']);
  });

  it('docks on a page that was held up, if that goes on', () => {
    const placer = open();
    holdUp(placer);
    pass(LEAVES_AFTER_MS);
    expect(places).toEqual(['inline']);
    pass(100);
    expect(places).toEqual(['inline', 'docked']);
  });

  it('docks on a press that is refused, also on a page that is held up all the time', () => {
    const placer = open();
    holdUp(placer);
    placer.look({ pressRefused: true });
    expect(places).toEqual(['inline', 'docked']);
  });
});
