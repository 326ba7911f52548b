import type { NotPermitted as Why } from '../domain/rights';
import { notPermittedText } from '../words/rights';
import { Notice } from './notice';

/** Why somebody may not change the partner, in place of the controls. */
export function NotPermitted({ why }: { readonly why: Why }) {
  return <Notice tone="plain">{notPermittedText(why)}</Notice>;
}
