import type * as v from 'valibot';
import type { DirectoryList } from './directory';

const LONGEST_SHOWN = 60;

/** What names an entry of each list. */
const IDS: Readonly<Record<DirectoryList, string>> = {
  partners: 'partnerId',
  customers: 'id',
  callers: 'principalId',
  subscriptions: 'subscriptionId',
};

/**
 * Where in a directory something is, in words that a person finds in the file: the list, the entry's number (the first is 1) and
 * its ID, and the field within it.
 */
export function placeOf(list: DirectoryList, index: number, id: unknown, fields: readonly (string | number)[]): string {
  const named = typeof id === 'string' ? ` (${quoted(id).slice(1, -1)})` : '';
  const within = fields.map((field) => {
    if (typeof field === 'number') return `entry ${field + 1}`;
    return /^\w+$/.test(field) ? field : quoted(field);
  });
  return `${[`${list}, entry ${index + 1}${named}`, within.join(', ')].filter((part) => part !== '').join(': ')}: `;
}

/** What is wrong with an entry by its schema, in a sentence with its place. */
export function entryProblem(list: DirectoryList, index: number, value: unknown, issue: v.BaseIssue<unknown>): string {
  const id = typeof value === 'object' && value !== null ? Reflect.get(value, IDS[list]) : undefined;
  const fields = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  return placeOf(list, index, id, fields) + sentenceOf(issue);
}

/** That nobody has what is referred to. */
export function absence(kind: 'partner' | 'customer' | 'caller', id: string): string {
  return `there is no ${kind} ${quoted(id)}, neither in this file nor in the service.`;
}

/** That an entry is there already. */
export function repeat(list: DirectoryList, index: number, id: string, earlier: number): string {
  return `${placeOf(list, index, id, [])}the same ${IDS[list]} is that of entry ${earlier + 1} already.`;
}

function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const { kind, type, input, message, expected } = issue;
  if (kind === 'schema') {
    if (input === undefined) return 'this is missing.';
    if (type === 'picklist') return `${shown(input)} is none of these: ${allowedBy(expected ?? '')}.`;
    return `this must be ${WANTED[expected ?? ''] ?? expected}, and is ${shown(input)}.`;
  }
  const sentence = lowerFirst(message);
  return typeof input === 'string' || typeof input === 'number' ? `${shown(input)}: ${sentence}` : sentence;
}

/** valibot writes what is allowed as `("one" | "other")`. */
function allowedBy(expected: string): string {
  return expected.replace(/[()"]/g, '').replaceAll(' | ', ', ');
}

/** By valibot's names. */
const WANTED: Readonly<Record<string, string>> = {
  string: 'a text in quotation marks',
  number: 'a number without quotation marks',
  Array: 'a list [ … ]',
  Object: 'an object { … }',
};

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** As JSON writes it, so that what does not show is seen; cut where it is long. */
function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
