import type { Connection } from '../../domain/connection';
import type { Person } from '../../domain/person';
import { defaultConnectionOf, type Settings, withConnection } from '../../domain/settings';
import type { Handlers } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { Secrets } from '../../storage/secrets';
import type { SettingsBook } from '../../storage/settings-book';
import { noteSignIn } from '../../storage/sign-in-notes';
import { takeSignInVisit } from '../../storage/sign-in-visit';
import type { MessageScope } from '../message-scope';
import type { PortalLimits } from '../portal-limits';
import type { SignIn } from '../sign-in';
import { visitOptions } from '../sign-in-visit';
import type { Support } from '../support';
import { listOf } from './connections';

export interface SignInParts {
  readonly scope: MessageScope;
  readonly settings: () => Promise<Settings>;
  readonly book: SettingsBook;
  readonly secrets: Secrets;
  readonly signIn: SignIn;
  readonly support: Support;
  readonly limits: PortalLimits;
  readonly clock: Clock;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  /** Lets the changes of a connection know who is signed in there now. */
  readonly noteSignedIn: (connection: Connection) => Promise<void>;
  /** The settings were written; `before` are those that were in force. */
  readonly onSettings: (before: Settings) => Promise<void>;
  /** Somebody signed in or out, or tried to. */
  readonly onSignIn: () => Promise<void>;
}

/** Who is signed in at a connection, and what the provider is asked for. */
export function createSignInHandlers(
  parts: SignInParts,
): Pick<
  Handlers,
  Extract<keyof Handlers, `signIn.${string}` | `scopes.${string}` | 'person.present' | 'support.read'>
> {
  const { settings, secrets, signIn, support, limits, clock, noteSignedIn } = parts;
  const { connectionMeant, currentFor } = parts.scope;

  return {
    async 'person.present'({ connectionId }, sender) {
      const current = await currentFor(sender, connectionId);
      return current === null ? null : parts.person(current.connection);
    },

    async 'support.read'() {
      const connection = defaultConnectionOf(await settings());
      return connection === null ? null : support.of(connection.id);
    },

    async 'signIn.start'({ another, connectionId }, sender) {
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      const connection = await connectionMeant(connectionId, sender);
      if (connection?.signIn !== 'openIdConnect') {
        const isHeld = connection !== null && (await secrets.readToken(connection.id)) !== null;
        await visitOptions(isHeld ? 'refused' : 'notSignedIn', sender, clock.now());
        return 'optionsOpened';
      }
      if (!(await signIn.mayStart(connection))) {
        await visitOptions('notAllowed', sender, clock.now());
        return 'optionsOpened';
      }
      const outcome = await signIn.start(connection, another);
      if (outcome === 'signedIn') await noteSignedIn(connection);
      await parts.onSignIn();
      return outcome;
    },

    'signIn.visit': () => takeSignInVisit(clock.now()),

    async 'signIn.end'({ connectionId }, sender) {
      const connection = await connectionMeant(connectionId, sender);
      const revoked = connection?.signIn !== 'openIdConnect' || (await signIn.end(connection));
      await parts.onSignIn();
      return { revoked };
    },

    'scopes.named': ({ address }) => signIn.named(address),

    async 'scopes.agree'({ scopes, connectionId }, sender) {
      const { settings: before, managed } = await parts.book.read();
      const connection = await connectionMeant(connectionId, sender);
      if (connection?.signIn !== 'openIdConnect') return null;
      // What policy set is not the person's to write; what policy left open is theirs to decide.
      if (managed.has('connections')) await noteSignIn(connection, { scopes });
      else await parts.book.write((own) => withConnection(listOf(own), { ...connection, scopes }, connection.id));
      await parts.onSettings(before);
      return null;
    },
  };
}
