import * as v from 'valibot';
import { CLOUD_SERVICES } from '../../../src/domain/cloud-service';
import { CALLER_ROLES } from '../../../src/domain/rights';
import { parseSubscriptionId, SUBSCRIPTION_ID_MAX_LENGTH } from '../../../src/domain/subscription';
import { short, storableText } from '../edge';
import { mailAddress } from '../mail/address';
import { isSameIdTwice, writtenId, writtenPartnerId } from '../pasted';
import { parseTime } from '../time';

const LARGEST_SEATS = 2 ** 31 - 1;
const LARGEST_AMOUNT = 1e13;

const text = v.pipe(storableText, v.nonEmpty('A text is empty that must not be.'), short);

const time = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseTime(dataset.value);
    if (parsed.ok) return parsed.time;
    addIssue({ message: parsed.problem });
    return NEVER;
  }),
);

const id = v.pipe(writtenId, text);

const subscriptionId = v.pipe(
  writtenId,
  storableText,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const id = parseSubscriptionId(dataset.value);
    if (id !== null) return id;
    addIssue({
      message: `A subscription ID has 1 to ${SUBSCRIPTION_ID_MAX_LENGTH} characters, and is not “.” or “..”, which no address can name.`,
    });
    return NEVER;
  }),
);

/** From its negative to itself. */
const upTo = (largest: number) => {
  const limit = largest.toLocaleString('en-US');
  const message = `The number must be from -${limit} to ${limit}.`;
  return v.pipe(v.number(), v.minValue(-largest, message), v.maxValue(largest, message));
};

const use = v.object({
  month: v.pipe(v.string(), v.regex(/^[0-9]{4}-(?:0[1-9]|1[0-2])$/, 'A month is written YYYY-MM, such as 2026-01.')),
  service: v.picklist(CLOUD_SERVICES),
  /** What was metered, where a service has several meters; partners see their sum. */
  meter: v.optional(v.pipe(storableText, short), ''),
  amount: v.optional(upTo(LARGEST_AMOUNT)),
  currency: v.optional(text),
  seats: v.optional(v.pipe(upTo(LARGEST_SEATS), v.integer('The number must be a whole one.'))),
});

const usage = v.pipe(
  v.array(use),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const first = new Map<string, number>();
    for (const [index, value] of dataset.value.entries()) {
      const key = [value.month, value.service, value.meter].join('\0');
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, index);
      else {
        addIssue({
          message: `Month, service and meter are those of entry ${earlier + 1} already.`,
          path: [{ type: 'array', origin: 'value', input: dataset.value, key: index, value }],
        });
      }
    }
  }),
);

/** What an entry of each list of a directory is. */
export const ENTRY_SCHEMAS = {
  partners: v.object({
    partnerId: writtenPartnerId,
    name: text,
    location: v.optional(text),
    mail: v.optional(v.pipe(writtenId, mailAddress)),
  }),
  customers: v.object({ id, name: text }),
  callers: v.object({ principalId: id, name: text, organization: text, partnerId: v.optional(writtenPartnerId) }),
  subscriptions: v.pipe(
    v.object({
      subscriptionId,
      displayName: text,
      service: v.picklist(CLOUD_SERVICES),
      state: text,
      startDate: time,
      endDate: time,
      customerId: id,
      /** The role of each caller who has one, by principal ID. */
      roles: v.pipe(
        v.record(v.string(), v.unknown()),
        v.check(
          (roles) => !isSameIdTwice(Object.keys(roles)),
          'Two callers are one but for characters that cannot be seen.',
        ),
        v.record(id, v.picklist(CALLER_ROLES)),
      ),
      /** Taken only for a subscription that is new to the service. */
      partnerOfRecord: v.optional(v.object({ partnerId: writtenPartnerId, assignedAt: time, assignedBy: text })),
      usage: v.optional(usage, []),
    }),
    v.forward(
      v.partialCheck(
        [['startDate'], ['endDate']],
        ({ startDate, endDate }) => startDate <= endDate,
        'The subscription ends before it starts.',
      ),
      ['endDate'],
    ),
  ),
};

/** The lists of a directory, in the order in which each refers only to those before it. */
export const DIRECTORY_LISTS = ['partners', 'customers', 'callers', 'subscriptions'] as const;
export type DirectoryList = (typeof DIRECTORY_LISTS)[number];

/** What an operator gives the service about partners, customers, callers and subscriptions: the file of `import`, and the demo. */
export const directorySchema = v.object({
  partners: v.array(ENTRY_SCHEMAS.partners),
  customers: v.array(ENTRY_SCHEMAS.customers),
  callers: v.array(ENTRY_SCHEMAS.callers),
  subscriptions: v.array(ENTRY_SCHEMAS.subscriptions),
});
export type Directory = v.InferOutput<typeof directorySchema>;
export type DirectoryInput = v.InferInput<typeof directorySchema>;
