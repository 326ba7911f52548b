/** The ways in which people look at a screen. A window of 1280 × 900 at 400 % has 320 × 225 pixels of CSS. */
export interface Mode {
  readonly name: string;
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
  readonly contrast?: 'more';
  readonly forcedColors?: 'active';
  /** What the portal around a panel has otherwise than the system, and the panel; no other screen has one around it. */
  readonly portal?: { readonly theme: 'dark' } | { readonly direction: 'rtl' };
}

const WIDE = { width: 1280, height: 900 };
const SMALL = { width: 320, height: 480 };

interface HasWindow {
  readonly window?: { readonly width: number; readonly height: number };
}

/** A mode as it is where a window as wide as it gets is the first of these: a state's, else its screen's. */
export function modeAt(mode: Mode, ...owners: readonly HasWindow[]): Mode {
  return mode.width === WIDE.width ? { ...mode, ...owners.find(({ window }) => window !== undefined)?.window } : mode;
}

/** Those of the contact sheets. */
export const SHOWN_MODES: readonly Mode[] = [
  { name: 'light', colorScheme: 'light', ...WIDE },
  { name: 'dark', colorScheme: 'dark', ...WIDE },
  { name: 'dark portal on a light system', colorScheme: 'light', ...WIDE, portal: { theme: 'dark' } },
  { name: '320 px', colorScheme: 'light', width: 320, height: 640 },
  { name: '400 %', colorScheme: 'light', width: 320, height: 225 },
];

/** Those of the docked panel, whose room is the window: one as low as it gets, too. */
export const DOCKED_MODES: readonly Mode[] = [
  { name: 'light', colorScheme: 'light', ...WIDE },
  { name: 'dark portal on a light system, 320 × 480', colorScheme: 'light', ...SMALL, portal: { theme: 'dark' } },
  { name: 'portal from right to left, 320 × 480', colorScheme: 'light', ...SMALL, portal: { direction: 'rtl' } },
  { name: '400 %', colorScheme: 'light', width: 320, height: 225 },
  { name: 'forced colours', colorScheme: 'dark', ...WIDE, forcedColors: 'active' },
];

/** Those that every state is judged in. */
export const JUDGED_MODES: readonly Mode[] = [
  ...SHOWN_MODES,
  { name: 'dark, 320 px', colorScheme: 'dark', width: 320, height: 640 },
  { name: 'more contrast', colorScheme: 'light', ...WIDE, contrast: 'more' },
  { name: 'portal from right to left', colorScheme: 'light', ...WIDE, portal: { direction: 'rtl' } },
  { name: 'forced colours', colorScheme: 'dark', ...WIDE, forcedColors: 'active' },
];

/** Those of them that need no portal, in an order in which each size of the window is laid out once. */
export const MODES_OF_PAGES: readonly Mode[] = JUDGED_MODES.filter(({ portal }) => portal === undefined).toSorted(
  (one, other) => other.width - one.width || other.height - one.height,
);
