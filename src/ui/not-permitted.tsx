import type { NotPermitted as Why } from '../domain/rights';
import { notPermittedText } from '../words/plain-rights';
import { Help } from './help';
import { HelpWho } from './help-who';
import { Notice } from './notice';

/** Why somebody may not change the partner, in place of the controls; who may, and whom to ask. */
export function NotPermitted({ why }: { readonly why: Why }) {
  return (
    <>
      <Notice tone="plain">{notPermittedText(why)}</Notice>
      <HelpWho />
      <Help about="whom" />
    </>
  );
}
