/** What is selected. It holds keys alone, so it outlives every filter and order of the rows. */
export interface Selection {
  readonly keys: ReadonlySet<string>;
  /** The row pressed last without Shift, at which a range begins, and what was selected then; null: the next press begins one. */
  readonly anchor: { readonly key: string; readonly keys: ReadonlySet<string> } | null;
  /** What "Select all" took, and under which filter; null where it was not pressed, or was taken back. */
  readonly all: { readonly view: string; readonly keys: ReadonlySet<string> } | null;
}

export const NOTHING_SELECTED: Selection = { keys: new Set(), anchor: null, all: null };

/** Whether a box that stands for these rows is ticked; `some`: it is neither. */
export type Tick = 'none' | 'some' | 'all';

/** How the box that stands for these rows is to be drawn: that of one row, of a customer, or of all that the filter shows. */
export function tickOf({ keys }: Selection, rows: readonly string[]): Tick {
  const first = rows[0];
  if (first === undefined) return 'none';
  const isFirst = keys.has(first);
  return rows.every((key) => keys.has(key) === isFirst) ? (isFirst ? 'all' : 'none') : 'some';
}

/**
 * The box of one row was pressed. With Shift, all rows from the one pressed before take that one's state; a further press with
 * Shift moves the end of the range, and what it leaves is as it was before the range. Rows that are not shown stay as they are.
 * @param shown the keys of all rows that the filter shows, in their present order
 */
export function pressed(selection: Selection, key: string, withShift: boolean, shown: readonly string[]): Selection {
  const range = withShift ? rangeTo(selection, key, shown) : null;
  if (range === null) {
    const keys = new Set(selection.keys);
    if (!keys.delete(key)) keys.add(key);
    return { ...selection, keys, anchor: { key, keys } };
  }
  const { anchor, from, to } = range;
  const isSelecting = anchor.keys.has(anchor.key);
  const keys = new Set(selection.keys);
  shown.forEach((one, at) => {
    const isInRange = at >= from && at <= to;
    if (isInRange ? isSelecting : anchor.keys.has(one)) keys.add(one);
    else keys.delete(one);
  });
  return { ...selection, keys };
}

function rangeTo({ anchor }: Selection, key: string, shown: readonly string[]) {
  if (anchor === null) return null;
  const [begin, end] = [shown.indexOf(anchor.key), shown.indexOf(key)];
  if (begin === -1 || end === -1) return null;
  return { anchor, from: Math.min(begin, end), to: Math.max(begin, end) };
}

/** The box that stands for several rows was pressed: all of them are selected, and where they were, none. */
export function pressedGroup(selection: Selection, rows: readonly string[]): Selection {
  const takesBack = tickOf(selection, rows) === 'all';
  const keys = new Set(selection.keys);
  for (const key of rows) {
    if (takesBack) keys.delete(key);
    else keys.add(key);
  }
  return { ...selection, keys, anchor: null };
}

/**
 * "Select all" was pressed: all that the filter shows at this moment, or none of it. Rows that come later are not in it.
 * @param view what tells one filter from another
 */
export function pressedAll(selection: Selection, shown: readonly string[], view: string): Selection {
  const next = pressedGroup(selection, shown);
  return { ...next, all: tickOf(next, shown) === 'all' ? { view, keys: new Set(shown) } : null };
}

/** The rows that the filter of "Select all" shows by now and did not show then. Nobody selected them. */
export function cameLater({ all, keys }: Selection, shown: readonly string[], view: string): readonly string[] {
  if (all === null || all.view !== view) return [];
  return shown.filter((key) => !all.keys.has(key) && !keys.has(key));
}

/** The selection with those of {@link cameLater} too. */
export function withLater(selection: Selection, shown: readonly string[], view: string): Selection {
  const later = cameLater(selection, shown, view);
  if (selection.all === null || later.length === 0) return selection;
  const all = { view, keys: new Set([...selection.all.keys, ...later]) };
  return { keys: new Set([...selection.keys, ...later]), anchor: null, all };
}

/** How many rows are selected, and how many of them the filter does not show. A row that is gone from the list counts no more. */
export function countSelected({ keys }: Selection, rows: readonly string[], shown: readonly string[]) {
  const isSelected = (key: string) => keys.has(key);
  const selected = rows.filter(isSelected).length;
  return { selected, notShown: selected - shown.filter(isSelected).length };
}
