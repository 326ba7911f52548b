import { browser } from '../platform/browser';
import { isSecretKey, type Secrets } from './secrets';

/**
 * The same secrets, read once and again only after something of them has changed: of many requests at once none waits for the browser.
 * To be made in the first turn of the worker: it listens for changes from then on.
 */
export function keepSecrets(secrets: Secrets): Secrets {
  let credentials = new Map<string, ReturnType<Secrets['readCredential']>>();
  let tokens = new Map<string, ReturnType<Secrets['readTokens']>>();
  let accounts = new Map<string, ReturnType<Secrets['readAccounts']>>();
  let tenants = new Map<string, ReturnType<Secrets['readTenantTokens']>>();

  function forget(): void {
    credentials = new Map();
    tokens = new Map();
    accounts = new Map();
    tenants = new Map();
  }

  browser.storage.onChanged.addListener((changes, area) => {
    if (area === 'session' && Object.keys(changes).some(isSecretKey)) forget();
  });

  /** What is read meanwhile may be half of what was and half of what will be. */
  async function altering<T>(work: Promise<T>): Promise<T> {
    forget();
    try {
      return await work;
    } finally {
      forget();
    }
  }

  return {
    ...secrets,
    readCredential: (connection) =>
      once(credentials, JSON.stringify([connection.id, connection.address]), () => secrets.readCredential(connection)),
    readTokens: (connection) =>
      once(tokens, JSON.stringify([connection.id, connection.issuer, connection.clientId]), () =>
        secrets.readTokens(connection),
      ),
    readAccounts: (connection) =>
      once(accounts, JSON.stringify([connection.id, connection.clientId]), () => secrets.readAccounts(connection)),
    readTenantTokens: (connection, of) =>
      once(tenants, JSON.stringify([connection.id, connection.clientId, of.user, of.tenant]), () =>
        secrets.readTenantTokens(connection, of),
      ),
    rememberOwner: (connectionId, fingerprint, owner) =>
      altering(secrets.rememberOwner(connectionId, fingerprint, owner)),
    saveToken: (connectionId, token, remember) => altering(secrets.saveToken(connectionId, token, remember)),
    forgetToken: (connectionId) => altering(secrets.forgetToken(connectionId)),
    saveTokens: (connection, given) => altering(secrets.saveTokens(connection, given)),
    forgetTokens: (connectionId) => altering(secrets.forgetTokens(connectionId)),
    saveAccount: (connection, account, at) => altering(secrets.saveAccount(connection, account, at)),
    updateAccount: (connection, user, update, at) => altering(secrets.updateAccount(connection, user, update, at)),
    keepAccounts: (connection) => altering(secrets.keepAccounts(connection)),
    forgetAccount: (connection, user) => altering(secrets.forgetAccount(connection, user)),
    forgetAccounts: (connectionId) => altering(secrets.forgetAccounts(connectionId)),
  };
}

function once<T>(kept: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const before = kept.get(key);
  if (before !== undefined) return before;
  const reading = read();
  kept.set(key, reading);
  // Whoever asked hears of it; the next one asks anew.
  reading.catch(() => kept.delete(key));
  return reading;
}
