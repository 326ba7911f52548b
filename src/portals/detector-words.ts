/**
 * What stands in every address of a subscription's page, in lower case: a portal declares one of these. The detect script, which
 * runs on all of a portal's pages, looks for them and for nothing else.
 */
export const DETECTOR_WORDS = ['subscription'] as const;
export type DetectorWord = (typeof DETECTOR_WORDS)[number];

/** Whether an address can be a subscription's page, in any spelling: one cheap look, which decides nothing. */
export function mayShowSubscription(address: string): boolean {
  // Of all that decodes, `unescape` alone never throws, whatever a page has in its address.
  const text = unescape(address).toLowerCase();
  return DETECTOR_WORDS.some((word) => text.includes(word));
}
