import type { About } from './panel-state';

/** By what a region of the panel is about, the sentences that differ. */
export const ABOUT_WORDS = {
  record: {
    region: 'panel.region',
    whose: 'pages.whoseRecord',
    none: 'panel.none',
    reading: 'panel.reading',
    remove: 'panel.remove',
  },
  link: {
    region: 'link.region',
    whose: 'link.whose',
    none: 'link.none',
    reading: 'link.reading',
    remove: 'link.remove',
  },
} as const satisfies Readonly<Record<About, unknown>>;
