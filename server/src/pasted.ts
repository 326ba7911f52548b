import * as v from 'valibot';
import { type PastedPartnerIdProblem, pastedPartnerId } from '../../src/domain/pasted-partner-id';
import { pastedId, withoutUnseen } from '../../src/domain/pasted-text';
import { REFUSALS } from './refusals';

/** IDs in a file or a command that a person wrote. What programs send is read at the service's edge, which forgives nothing. */

const REORDERED = 'Hidden characters (U+202A to U+202E) show it in another order. Type it by hand.';

/** What is wrong with what is no Partner ID, in a sentence. */
export const PASTED_PARTNER_ID_PROBLEMS: Readonly<Record<PastedPartnerIdProblem, string>> = {
  ...REFUSALS.InvalidPartnerId.because,
  reordered: REORDERED,
  several: 'There is more than one Partner ID. Write one.',
  grouped: 'A hidden character parts its digits. Type it by hand.',
};

/** A Partner ID that a person wrote. */
export const writtenPartnerId = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const read = pastedPartnerId(dataset.value);
    if (read.ok) return read.partnerId;
    addIssue({ message: PASTED_PARTNER_ID_PROBLEMS[read.problem] });
    return NEVER;
  }),
);

/** An ID of another kind that a person wrote. */
export const writtenId = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const read = pastedId(dataset.value);
    if (read.ok) return read.text;
    addIssue({ message: REORDERED });
    return NEVER;
  }),
);

/** Whether two of these IDs are read as one. */
export function isSameIdTwice(written: readonly string[]): boolean {
  return new Set(written.map((one) => withoutUnseen(one).trim())).size < written.length;
}
