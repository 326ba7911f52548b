import * as v from 'valibot';
import type { Connection, SignIn } from '../domain/connection';
import { connectionNameSchema, connectionWith } from '../domain/schemas';
import { sha256 } from './digest';
import { withAddress } from './settings-shapes';

/**
 * A connection as it goes from one device to another, and as policy names it: its id belongs to one device. `name`: null where
 * nobody gave it one.
 */
export type PortableConnection = SignIn &
  Pick<Connection, 'kind' | 'address' | 'portals' | 'tenants'> & { readonly name: string | null };

/** In the form of now, or with `serviceUrl` as earlier policies and files write it. */
export const portableConnectionSchema: v.GenericSchema<unknown, PortableConnection> = v.pipe(
  v.unknown(),
  v.transform(withAddress),
  connectionWith({ name: connectionNameSchema }),
);

/**
 * A connection's id, a UUID made of its kind and address: policy names none, another address must be another connection, and one
 * that was lost is the same again once somebody types its address. One that is in the list there keeps the id that it has.
 */
export async function idFor(
  { kind, address }: Pick<Connection, 'kind' | 'address'>,
  present: readonly Connection[],
): Promise<string> {
  const same = present.find((connection) => connection.kind === kind && connection.address === address);
  if (same !== undefined) return same.id;
  // Those of the service were made of the address alone before there was another kind.
  const text = kind === 'service' ? address : `${kind} ${address}`;
  const hex = (await sha256(text)).slice(0, 32);
  // Version 8, the one whose content is the maker's own affair.
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-8$3-8$4-$5');
}
