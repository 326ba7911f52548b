import * as v from 'valibot';
import { scopesSchema } from '../domain/schemas';
import type { OpenIdConnection } from '../domain/connection';
import { browser } from '../platform/browser';

/** What was learnt about signing in at a connection's provider, from one time to the next. No secret is in it. */
export interface SignInNotes {
  /** The provider gave no refresh token where one was asked for: it wants the person to consent first (OpenID Connect Core, 11). */
  readonly askConsent: boolean;
  /** The person left, so the next one chooses the account. */
  readonly chooseAccount: boolean;
  /** The scopes that the person agreed to where the settings, set by policy, name none. */
  readonly scopes: readonly string[] | null;
}

const NONE: SignInNotes = { askConsent: false, chooseAccount: false, scopes: null };

const storedSchema = v.object({
  issuer: v.string(),
  clientId: v.string(),
  askConsent: v.boolean(),
  chooseAccount: v.boolean(),
  scopes: v.nullable(scopesSchema),
});

const keyOf = ({ id }: OpenIdConnection): string => `signIn ${id}`;

/** What is noted of the connection, at its present provider. */
export async function readSignInNotes(connection: OpenIdConnection): Promise<SignInNotes> {
  const key = keyOf(connection);
  const stored = v.safeParse(storedSchema, (await browser.storage.local.get(key))[key]);
  if (!stored.success) return NONE;
  const { issuer, clientId, ...notes } = stored.output;
  return issuer === connection.issuer && clientId === connection.clientId ? notes : NONE;
}

/** Notes these, and leaves the others as they are. Only the worker calls it. */
export async function noteSignIn(connection: OpenIdConnection, notes: Partial<SignInNotes>): Promise<void> {
  const { issuer, clientId } = connection;
  const all = { ...(await readSignInNotes(connection)), ...notes };
  await browser.storage.local.set({ [keyOf(connection)]: { issuer, clientId, ...all } });
}
