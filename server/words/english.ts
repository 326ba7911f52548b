import catalogue from './en/catalogue.json';
import mail from './en/mail.json';
import partnerPage from './en/partnerPage.json';
import services from './en/services.json';
import type { Catalogue } from './words';

/** The service's sentences in English, the only language there is so far. */
export const ENGLISH: Catalogue = {
  language: catalogue.language,
  sentences: { catalogue, mail, partnerPage, services },
};
