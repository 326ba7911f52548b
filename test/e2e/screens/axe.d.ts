import type axeCore from 'axe-core';

declare global {
  /** There once axe-core's script has run in a page. */
  var axe: typeof axeCore;
}
