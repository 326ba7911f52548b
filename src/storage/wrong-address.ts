import type * as v from 'valibot';
import { type AddressProblem, parseAddress } from '../domain/connection';

/** An address in settings that were written elsewhere, and what is wrong with it. */
export interface WrongAddress {
  readonly written: string;
  readonly problem: AddressProblem;
}

const FIELDS: readonly unknown[] = ['address', 'issuer'];

/** The address that a schema found wrong first; null where it is not an address that is wrong. */
export function wrongAddress([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): WrongAddress | null {
  if (!FIELDS.includes(issue.path?.at(-1)?.key) || typeof issue.input !== 'string') return null;
  const parsed = parseAddress(issue.input);
  return parsed.ok ? null : { written: issue.input, problem: parsed.problem };
}
