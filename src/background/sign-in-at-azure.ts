import { personOfAccount } from '../domain/azure-account';
import { AZURE_ENDPOINTS, azureCloudAt } from '../domain/azure-cloud';
import type { EntraConnection } from '../domain/connection';
import type { Clock } from '../platform/clock';
import type { AzureReader } from './azure-reader';
import type { Engine } from './engine';
import type { EntraOutcome, EntraSignIn, EntraWanted } from './entra-sign-in';

export interface SignInAtAzureParts {
  readonly entra: Pick<EntraSignIn, 'start'>;
  readonly reader: Pick<AzureReader, 'forget'>;
  readonly engine: Pick<Engine, 'noteOpen'>;
  readonly clock: Clock;
  /** Somebody signed in or out, or tried to. */
  readonly onSignIn: () => Promise<void>;
}

/** Has somebody sign in at Azure. What waited for the account that came goes on, whether or not it is the one that was wanted. */
export async function signInAtAzure(
  parts: SignInAtAzureParts,
  connection: EntraConnection,
  wanted: EntraWanted,
): Promise<EntraOutcome> {
  const outcome = await parts.entra.start(connection, wanted);
  if (outcome.kind === 'signedIn' || outcome.kind === 'otherAccount') {
    parts.reader.forget();
    const cloud = azureCloudAt(connection.address);
    const person = cloud === null ? null : personOfAccount(outcome.account, AZURE_ENDPOINTS[cloud]);
    await parts.engine.noteOpen(connection.id, { type: 'signedIn', at: parts.clock.now(), person });
  }
  await parts.onSignIn();
  return outcome;
}
