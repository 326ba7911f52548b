import * as v from 'valibot';
import { type PartnerId, parsePartnerId } from '../../src/domain/partner';
import { narrow } from '../../src/domain/pasted-characters';
import { parseSubscriptionId, type SubscriptionId } from '../../src/domain/subscription';
import { Refusal } from './refusal';
import { type RefusalCode, REFUSALS } from './refusals';

/**
 * PostgreSQL keeps no NUL in a text, and half of a surrogate pair would come back as another character: two texts would be one
 * there. Either is refused before it gets there.
 */
export const storableText = v.pipe(
  v.string(),
  v.check((text) => !text.includes('\0'), 'A NUL character is not allowed.'),
  v.check((text) => !/\p{Surrogate}/u.test(text), 'Half of a surrogate pair is not a character.'),
);

/** What the database can hold in one entry of an index, with room for what else is in it. */
const LONGEST_TEXT_BYTES = 2000;
/** A text that is not longer than any that is stored. */
export const short = v.maxBytes<string, number, string>(
  LONGEST_TEXT_BYTES,
  `A text has at most ${LONGEST_TEXT_BYTES} bytes.`,
);

/** Checks what came in at an edge. Throws a {@link Refusal} with the code given that names the part at fault. */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  code: RefusalCode,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const target = v.getDotPath(issue);
  throw new Refusal(code, { sentence: issue.message, ...(target !== null && { target }) });
}

/**
 * Reads a Partner ID as the contract has it: digits, full-width ones too, and spaces around them. What people are forgiven besides
 * is refused. Throws a {@link Refusal} that says what is wrong with it.
 */
export function readPartnerId(text: string): PartnerId {
  const parsed = parsePartnerId(narrow(text).replace(/^\p{Zs}+|\p{Zs}+$/gu, ''));
  if (parsed.ok) return parsed.partnerId;
  const sentence = REFUSALS.InvalidPartnerId.because[parsed.problem];
  throw new Refusal('InvalidPartnerId', { sentence, target: 'partnerId' });
}

/** Reads a subscription ID from an address; null when no subscription could have it. */
export function readSubscriptionId(text: string): SubscriptionId | null {
  return text.includes('\0') ? null : parseSubscriptionId(text);
}
