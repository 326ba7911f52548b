import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  type Range,
  type VirtualItem,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { RefCallback, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface RowWindowOptions {
  readonly count: number;
  /** The same function as long as the lines are the same. */
  readonly keyOf: (index: number) => string;
  /** How high a line is until it was drawn, in pixels. */
  readonly estimate: (index: number) => number;
  /** Lines that are drawn wherever the window is. */
  readonly held: readonly number[];
  /** How much room there is between two lines, in pixels. */
  readonly between: number;
  /** What has the lines. */
  readonly body: RefObject<HTMLElement | null>;
}

/** Which of very many lines are drawn: those that the browser's window shows, some around, and those that are held. */
export interface RowWindow<Line extends Element> {
  readonly items: readonly VirtualItem[];
  /** How high all lines are together, in pixels. */
  readonly height: number;
  /** Where the first line begins in the document. */
  readonly start: number;
  /** How many lines the window shows. */
  readonly shown: number;
  /** Of every line that is drawn, which has its number in `data-index`. */
  readonly measure: RefCallback<Line>;
}

const AROUND = 8;

export function useRowWindow<Line extends HTMLElement>(options: RowWindowOptions): RowWindow<Line> {
  const { count, keyOf, estimate, held, body, between } = options;
  const [start, setStart] = useState(0);
  const [, setDrawn] = useState(0);
  const made = useRef<Virtualizer<Window, Line> | null>(null);
  const present: VirtualizerOptions<Window, Line> = {
    count,
    getItemKey: keyOf,
    estimateSize: estimate,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    initialOffset: () => window.scrollY,
    scrollMargin: start,
    overscan: AROUND,
    gap: between,
    rangeExtractor: (range) => withHeld(range, held),
    // Where nothing is laid out nothing has a height.
    measureElement: (line) => line.offsetHeight || estimate(Number(line.dataset['index'])),
    onChange: () => setDrawn((before) => before + 1),
  };
  made.current ??= new Virtualizer(present);
  const virtualizer = made.current;
  virtualizer.setOptions(present);

  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    const ended = new AbortController();
    const find = () => {
      if (body.current !== null) setStart(Math.round(body.current.getBoundingClientRect().top + window.scrollY));
    };
    find();
    // Whatever stands above may grow.
    const observer = new ResizeObserver(find);
    observer.observe(document.body);
    ended.signal.addEventListener('abort', () => observer.disconnect());
    return () => ended.abort();
  }, []);

  const items = virtualizer.getVirtualItems();
  const { range } = virtualizer;
  return {
    items,
    height: virtualizer.getTotalSize(),
    start,
    shown: range === null ? 0 : range.endIndex - range.startIndex,
    measure: virtualizer.measureElement,
  };
}

function withHeld(range: Range, held: readonly number[]): number[] {
  const drawn = defaultRangeExtractor(range);
  const more = held.filter((index) => index >= 0 && index < range.count && !drawn.includes(index));
  return more.length === 0 ? drawn : [...drawn, ...more].sort((one, other) => one - other);
}
