/** Where on a portal's pages the panel stands when it has no place of its own there, and whether it is folded to a tab. */
export interface Dock {
  readonly corner: Corner;
  /** Null: the person has not said so far. */
  readonly folded: boolean | null;
}

/** The corners of the window, in the order in which a panel goes round. */
export const CORNERS = ['bottom-right', 'bottom-left', 'top-left', 'top-right'] as const;
export type Corner = (typeof CORNERS)[number];

export const DEFAULT_DOCK: Dock = { corner: 'bottom-right', folded: null };

export function nextCorner(corner: Corner): Corner {
  return CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? corner;
}
