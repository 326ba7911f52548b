import path from 'node:path';
import { ENGLISH } from '../../../words/english';
import { type Words, wordsOf } from '../../../words/words';
import { createIdentityProvider, type IdentityProvider } from '../../callers/identity-provider';
import { createTokenUses, type TokenUses } from '../../callers/token-uses';
import type { Configuration } from '../../configuration';
import { type Database, openDatabase } from '../../database/database';
import { logged, loggedTrouble } from '../../errors-in-the-log';
import { type Delivery, openDelivery } from '../../mail/delivery';
import { createMailPulse, type MailPulse } from '../../mail/pulse';
import { type PartnerPage, readPartnerPage } from '../../partners/page';
import { type LookUpPartner, partnerCenterLookUp } from '../../partners/partner-center';
import { readMailAuthority } from '../mail-authority';
import { print } from '../terminal';

/** The build puts it beside the service's one file. */
const PARTNER_PAGE_FOLDER = path.join(import.meta.dirname, 'partner-page');

/** What a running service works with. Whoever has it opened closes the delivery and the database at the end. */
export interface OpenParts {
  readonly database: Database;
  readonly delivery: Delivery;
  readonly words: Words;
  readonly partnerPage: PartnerPage;
  readonly identityProvider: IdentityProvider | null;
  readonly lookUpPartner: LookUpPartner | null;
  readonly mailPulse: MailPulse;
  readonly tokenUses: TokenUses;
}

/** Writes into the log what goes wrong with a part later on. */
export type Warn = (fields: object, what: string) => void;

/**
 * Opens what the service works with; nobody can reach it yet. The database is last, since it is the one that takes long and is to be
 * closed: whatever fails before it leaves nothing open. Throws a sentence for the person who started the service.
 */
export async function openParts(configuration: Configuration, warn: Warn): Promise<OpenParts> {
  const { mail, openIdConnect, partnerCenter } = configuration;
  const delivery = openDelivery(mail, await readMailAuthority(configuration));
  // Nobody knows what a mail's reader speaks, or who asks for the page.
  const words = wordsOf(ENGLISH, null);
  const partnerPage = await readPartnerPage(PARTNER_PAGE_FOLDER, words);
  const identityProvider =
    openIdConnect &&
    createIdentityProvider(openIdConnect, (error, what) =>
      warn({ issuer: openIdConnect.issuer, ...loggedTrouble(error) }, what),
    );
  const lookUpPartner =
    partnerCenter && partnerCenterLookUp(partnerCenter, (error, what) => warn(loggedTrouble(error), what));
  const database = await openDatabase(configuration.database, {
    onIdleError: (error) => warn(loggedTrouble(error), 'A database connection was lost while idle'),
    print,
  });
  const tokenUses = createTokenUses(database, (error) =>
    warn(logged(error), 'The last use of access tokens is not written down yet'),
  );
  return {
    database,
    delivery,
    words,
    partnerPage,
    identityProvider,
    lookUpPartner,
    mailPulse: createMailPulse(),
    tokenUses,
  };
}
