import type { FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { check, storableText } from './edge';
import { publicUrlOf } from './plugins/public-address';
import { Refusal } from './refusal';
import { REFUSALS } from './refusals';

export const PAGE_SIZE_MAX = 200;
const PAGE_SIZE_DEFAULT = 50;
const { pageSize: whyNotPageSize, cursorTwice, cursor: whyNotCursor } = REFUSALS.InvalidQuery.because;
const PAGE_SIZE_PROBLEM = whyNotPageSize(PAGE_SIZE_MAX);

/** The query parameters that every list takes. */
export const pageQueryEntries = {
  pageSize: v.optional(
    v.pipe(
      v.string(PAGE_SIZE_PROBLEM),
      v.regex(/^[0-9]{1,3}$/, PAGE_SIZE_PROBLEM),
      v.transform(Number),
      v.minValue(1, PAGE_SIZE_PROBLEM),
      v.maxValue(PAGE_SIZE_MAX, PAGE_SIZE_PROBLEM),
    ),
    String(PAGE_SIZE_DEFAULT),
  ),
  cursor: v.optional(v.string(cursorTwice)),
};

export const pageQuery = v.object(pageQueryEntries);

/** Where a page ended, in words of the list's own order. */
export type Position = readonly string[];

/** Reads a cursor by the schema of the list's positions. Throws a {@link Refusal} for one that no `nextLink` held. */
export function readCursor<T extends Position>(
  schema: v.GenericSchema<unknown, T>,
  cursor: string | undefined,
): T | null {
  if (cursor === undefined) return null;
  const refusal = new Refusal('InvalidQuery', { sentence: whyNotCursor, target: 'cursor' });
  let position: unknown;
  try {
    position = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw refusal;
  }
  const result = v.safeParse(schema, position);
  if (!result.success) throw refusal;
  return result.output;
}

/** The position of a list ordered by display name and then by subscription ID. */
export const namePosition = v.tuple([storableText, storableText]);

/**
 * Cuts a page out of rows read one beyond its size, and says by `nextLink` where the next one begins, at the
 * address that callers use.
 */
export function page<Row, Item>(
  request: FastifyRequest,
  rows: readonly Row[],
  pageSize: number,
  toItem: (row: Row) => Item,
  toPosition: (row: Row) => Position,
): { value: Item[]; nextLink?: string } {
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const value = shown.map(toItem);
  if (last === undefined || rows.length <= pageSize) return { value };
  const link = publicUrlOf(request);
  link.searchParams.set('cursor', Buffer.from(JSON.stringify(toPosition(last))).toString('base64url'));
  return { value, nextLink: link.href };
}

/** Checks a list's query. Throws a {@link Refusal} that names the parameter at fault. */
export function readQuery<Schema extends v.GenericSchema>(schema: Schema, query: unknown): v.InferOutput<Schema> {
  return check(schema, query, 'InvalidQuery');
}
