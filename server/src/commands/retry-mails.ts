import type { Configuration } from '../configuration';
import { retryMails } from '../mail/mails-repository';
import { print } from './terminal';
import { withDatabase } from './with-database';

/** Makes the mails that were given up due again: those that a server refused for good, and those without an address. */
export async function retryGivenUpMails(configuration: Configuration): Promise<void> {
  const count = await withDatabase(configuration, ({ transaction }) => transaction(retryMails));
  print(
    count === 0
      ? 'No mail was given up. Those that wait are tried again by themselves.'
      : `Mails to be sent again: ${count}.`,
  );
}
