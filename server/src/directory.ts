import type { Transaction } from 'kysely';
import * as v from 'valibot';
import { parsePartnerId } from '../../src/domain/partner';
import { CALLER_ROLES } from '../../src/domain/rights';
import { parseSubscriptionId, SERVICES } from '../../src/domain/subscription';
import type { Schema } from './database/schema';
import { planDirectory } from './directory-plan';
import { storableText } from './edge';
import { mailAddress } from './mail/address';

/** What the database can hold in one entry of an index, with room for what else is in it. */
const LONGEST_TEXT_BYTES = 2000;
const LARGEST_SEATS = 2 ** 31 - 1;
const LARGEST_AMOUNT = 1e13;

const short = v.maxBytes<string, number, string>(LONGEST_TEXT_BYTES, `A text has at most ${LONGEST_TEXT_BYTES} bytes.`);
const text = v.pipe(storableText, v.nonEmpty('A text is empty that must not be.'), short);
const time = v.pipe(
  v.string(),
  v.isoTimestamp('A time is an RFC 3339 timestamp, such as 2026-01-31T00:00:00Z.'),
  v.transform((value) => new Date(value)),
  v.check((date) => !Number.isNaN(date.getTime()), 'There is no such time.'),
);

const partnerId = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parsePartnerId(dataset.value);
    if (parsed.ok) return parsed.partnerId;
    addIssue({ message: `${dataset.value} is not a Partner ID: ${parsed.problem}.` });
    return NEVER;
  }),
);

const subscriptionId = v.pipe(
  storableText,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const id = parseSubscriptionId(dataset.value);
    if (id !== null) return id;
    addIssue({ message: 'A subscription ID has 1 to 128 characters.' });
    return NEVER;
  }),
);

/** What the service is told about partners, customers, callers and subscriptions: the file of `import`, and the demo. */
export const directorySchema = v.object({
  partners: v.array(v.object({ partnerId, name: text, location: v.optional(text), mail: v.optional(mailAddress) })),
  customers: v.array(v.object({ id: text, name: text })),
  callers: v.array(v.object({ principalId: text, name: text, organization: text, partnerId: v.optional(partnerId) })),
  subscriptions: v.array(
    v.object({
      subscriptionId,
      displayName: text,
      service: v.picklist(SERVICES),
      state: text,
      startDate: time,
      endDate: time,
      customerId: text,
      /** The role of each caller who has one, by principal ID. */
      roles: v.record(text, v.picklist(CALLER_ROLES)),
      /** Taken only for a subscription that is new to the service. */
      partnerOfRecord: v.optional(v.object({ partnerId, assignedAt: time, assignedBy: text })),
      usage: v.optional(
        v.array(
          v.object({
            month: v.pipe(v.string(), v.regex(/^[0-9]{4}-(?:0[1-9]|1[0-2])$/, 'A month is written YYYY-MM.')),
            service: v.picklist(SERVICES),
            /** What was metered, where a service has several meters; partners see their sum. */
            meter: v.optional(v.pipe(storableText, short), ''),
            amount: v.optional(v.pipe(v.number(), v.minValue(-LARGEST_AMOUNT), v.maxValue(LARGEST_AMOUNT))),
            currency: v.optional(text),
            seats: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-LARGEST_SEATS), v.maxValue(LARGEST_SEATS))),
          }),
        ),
        [],
      ),
    }),
  ),
});
export type Directory = v.InferOutput<typeof directorySchema>;
export type DirectoryInput = v.InferInput<typeof directorySchema>;

/** Writes a directory into the database within one transaction. Throws an Error that names what the directory lacks. */
export async function loadDirectory(trx: Transaction<Schema>, directory: Directory): Promise<void> {
  const { problems, portions } = await planDirectory(trx, directory);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  for (const portion of portions) await portion.write(trx);
}
