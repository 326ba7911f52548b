import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { AZURE_ENDPOINTS, type AzureClientIds, type AzureCloud, azureCloudAt } from '../domain/azure-cloud';
import { isToken, pastedId, pastedToken, withoutUnseen } from '../domain/pasted-text';
import {
  type Connection,
  defaultName,
  type EntraConnection,
  isSameSignIn,
  type ParsedIssuer,
  type ParsedAddress,
  parseIssuer,
  parseAddress,
  type SignIn,
  type SignInKind,
} from '../domain/connection';
import { parseGuid } from '../domain/guid';
import type { PortalId } from '../domain/portal';
import { parseTenant } from '../domain/tenant';
import { visibleText } from '../domain/visible-text';
import type { MessageInput } from '../messaging/protocol';
import { handOver } from '../storage/secrets';
import { addressWords } from '../words/kind';
import { t } from '../words/words';
import type { Stored } from './stored';
import { useUnsavedInput } from './unsaved';

/** What the form shows: as typed or chosen, else as stored. */
interface Values {
  readonly kind: string;
  readonly name: string;
  /** In place of an address, of a connection to Azure. */
  readonly cloud: AzureCloud;
  readonly serviceUrl: string;
  readonly portals: readonly PortalId[];
  /** As typed, one after another. */
  readonly tenants: string;
  readonly signIn: SignInKind;
  readonly issuer: string;
  readonly clientId: string;
  /** At Microsoft Entra, where each cloud has another. */
  readonly applicationId: string;
  readonly remember: boolean;
  readonly sendResource: boolean;
}

/** The fields that can be wrong, in the order in which they stand. */
export const FIELDS = ['cloud', 'serviceUrl', 'tenants', 'issuer', 'clientId', 'applicationId', 'token'] as const;
export type Field = (typeof FIELDS)[number];

/** What is wrong with each field, in words; null where nothing is. */
export type Problems = Readonly<Record<Field, string | null>>;

export interface ConnectionForm {
  readonly values: Values;
  /** The access token typed, which is nowhere else. */
  readonly token: string;
  readonly address: ParsedAddress;
  /** A token is kept for the kind and address that the form shows. */
  readonly tokenHeld: boolean;
  readonly problems: Problems;
  readonly fields: Readonly<Record<Exclude<Field, 'cloud'>, RefObject<HTMLInputElement | null>>> & {
    readonly cloud: RefObject<HTMLSelectElement | null>;
  };
  /** How one signs in by what the form shows; what is asked for is not decided here. */
  readonly chosen: SignIn;
  /** The stored connection, where the form shows just that one, signing in at a provider. */
  readonly provider: Extract<Connection, { signIn: 'openIdConnect' }> | null;
  /** The same, signing in at Microsoft Entra. */
  readonly azure: EntraConnection | null;
  /** The id of the connection that the form was filled from; null: it is to be one more. */
  readonly edited: string | null;
  /** Something was typed or chosen and not saved. */
  readonly isUnsaved: boolean;
  edit(change: Partial<Values>): void;
  typeToken(text: string): void;
  /** What is shown is stored by now. */
  settle(): void;
  /** What the worker needs to know; a typed token is left where it finds that. */
  message(address: string, scopes: readonly string[] | null): Promise<MessageInput<'connection.test'>>;
}

/**
 * The form of the one connection: what it shows, what is wrong with it, and what becomes of it.
 * @param onEdit something was typed or chosen: what was told of what stood there before holds no more
 */
export function useConnectionForm(
  { settings, connection, managed, tokenKept }: Stored,
  onEdit: () => void,
): ConnectionForm {
  const [draft, setDraft] = useState<Partial<Values>>({});
  const [token, setToken] = useState('');
  const fields = {
    cloud: useRef<HTMLSelectElement>(null),
    serviceUrl: useRef<HTMLInputElement>(null),
    tenants: useRef<HTMLInputElement>(null),
    issuer: useRef<HTMLInputElement>(null),
    clientId: useRef<HTMLInputElement>(null),
    applicationId: useRef<HTMLInputElement>(null),
    token: useRef<HTMLInputElement>(null),
  };
  const { azureClientIds } = settings;
  const stored = valuesOf(connection, tokenKept === 'device', managed.has('connections'), azureClientIds);
  const { cloud = stored.cloud } = draft;
  const ofCloud = cloud === stored.cloud ? {} : { applicationId: azureClientIds[cloud] ?? '' };
  const values = { ...stored, ...ofCloud, ...draft };
  const isAzure = values.signIn === 'entra';
  const address = parseAddress(isAzure ? AZURE_ENDPOINTS[cloud].management : values.serviceUrl);
  const issuer = parseIssuer(values.issuer);
  const clientId = pastedId(values.clientId);
  const applicationId = readApplicationId(values.applicationId);
  const tenants = withoutUnseen(values.tenants)
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(readTenant);
  const typed = pastedToken(token);
  // Another kind or another address is another connection, and what is stored of this one goes nowhere else.
  const isStored = address.ok && address.address === connection?.address && values.kind === connection.kind;
  const isOthers = settings.connections.some(
    (other) =>
      other.id !== connection?.id && other.kind === values.kind && address.ok && other.address === address.address,
  );
  const tokenHeld = tokenKept !== 'not' && isStored;

  // Once something else is stored, by this form or elsewhere, that is what holds. Before anything can be typed: later, it would
  // throw away what was typed first.
  useLayoutEffect(() => setDraft({}), [JSON.stringify(connection)]);

  const signInBy = (scopes: readonly string[] | null): SignIn => {
    const { signIn, remember: staySignedIn, sendResource } = values;
    switch (signIn) {
      case 'none':
      case 'accessToken':
        return { signIn };
      case 'openIdConnect':
        return {
          signIn,
          issuer: issuer.ok ? issuer.issuer : values.issuer,
          clientId: clientId.ok ? clientId.text : values.clientId,
          staySignedIn,
          scopes,
          sendResource,
        };
      case 'entra':
        return { signIn, clientId: applicationId.id ?? values.applicationId, staySignedIn };
    }
  };
  const chosen = signInBy(null);
  const same = connection !== null && isStored && isSameSignIn(connection, chosen) ? connection : null;
  const isUnsaved = typed !== '' || JSON.stringify(values) !== JSON.stringify(stored);
  useUnsavedInput('connection', isUnsaved);

  return {
    values,
    token,
    address,
    tokenHeld,
    fields,
    chosen,
    edited: connection?.id ?? null,
    isUnsaved,
    problems: {
      cloud: isAzure && isOthers ? t('options.cloudTaken') : null,
      serviceUrl: isAzure
        ? null
        : isOthers
          ? t('options.addressTaken')
          : addressProblem(values.serviceUrl, address, addressWords(values.kind).missing),
      tenants: tenantsProblem(tenants),
      issuer:
        values.signIn === 'openIdConnect' ? addressProblem(values.issuer, issuer, t('options.issuerMissing')) : null,
      clientId: values.signIn === 'openIdConnect' ? clientIdProblem(clientId) : null,
      applicationId: isAzure ? applicationId.problem : null,
      token: values.signIn === 'accessToken' ? tokenProblem(typed, tokenHeld) : null,
    },
    provider: same?.signIn === 'openIdConnect' ? same : null,
    azure: same?.signIn === 'entra' ? same : null,
    edit(change) {
      setDraft((present) => ({ ...present, ...change }));
      onEdit();
    },
    typeToken(text) {
      setToken(text);
      onEdit();
    },
    settle() {
      if (address.ok && !isAzure) setDraft((present) => ({ ...present, serviceUrl: address.address }));
      setToken('');
    },
    async message(address, scopes) {
      const isTyped = values.signIn === 'accessToken' && typed !== '';
      if (isTyped) await handOver(typed);
      const { name, remember } = values;
      return {
        name: isAzure && name.trim() === '' ? t(`options.clouds.${cloud}`) : name,
        kind: values.kind,
        address,
        portals: [...values.portals],
        tenants: tenants.flatMap(({ tenant }) => tenant ?? []),
        ...signInBy(scopes),
        token: isTyped ? 'typed' : 'kept',
        remember,
      };
    },
  };
}

function valuesOf(
  connection: Connection | null,
  tokenOnDevice: boolean,
  isManaged: boolean,
  azureClientIds: AzureClientIds,
): Values {
  const provider = connection?.signIn === 'openIdConnect' ? connection : null;
  const azure = connection?.signIn === 'entra' ? connection : null;
  const cloud = (azure && azureCloudAt(azure.address)) ?? 'public';
  // A name that nobody gave goes with the address.
  const isGiven = connection !== null && (isManaged || connection.name !== unnamed(connection, cloud));
  return {
    kind: connection?.kind ?? 'service',
    name: isGiven ? connection.name : '',
    cloud,
    serviceUrl: azure === null ? (connection?.address ?? '') : '',
    portals: connection?.portals ?? [],
    tenants: connection?.tenants.join(', ') ?? '',
    signIn: connection?.signIn ?? 'accessToken',
    issuer: provider?.issuer ?? '',
    clientId: provider?.clientId ?? '',
    applicationId: azure?.clientId ?? azureClientIds[cloud] ?? '',
    remember: (provider ?? azure)?.staySignedIn ?? tokenOnDevice,
    sendResource: provider?.sendResource ?? false,
  };
}

/** What a connection is called that nobody has named. */
function unnamed({ signIn, address }: Connection, cloud: AzureCloud): string {
  return signIn === 'entra' ? t(`options.clouds.${cloud}`) : defaultName(address);
}

interface TypedTenant {
  readonly typed: string;
  /** Null: it is neither a domain nor an ID. */
  readonly tenant: string | null;
}

function readTenant(typed: string): TypedTenant {
  return { typed, tenant: parseTenant(typed) };
}

function tenantsProblem(tenants: readonly TypedTenant[]): string | null {
  const bad = tenants.find(({ tenant }) => tenant === null);
  return bad === undefined ? null : t('options.tenantUnreadable', { tenant: visibleText(bad.typed) });
}

function tokenProblem(typed: string, isHeld: boolean): string | null {
  if (typed === '') return isHeld ? null : t('options.tokenMissing');
  return isToken(typed) ? null : t('options.tokenUnreadable');
}

function clientIdProblem(read: ReturnType<typeof pastedId>): string | null {
  if (!read.ok) return t('options.clientIdReordered');
  return read.text === '' ? t('options.clientIdMissing') : null;
}

function readApplicationId(
  typed: string,
): { readonly id: string; readonly problem: null } | { readonly id: null; readonly problem: string } {
  const read = pastedId(typed);
  if (!read.ok) return { id: null, problem: t('options.clientIdReordered') };
  if (read.text === '') return { id: null, problem: t('options.applicationIdMissing') };
  const id = parseGuid(read.text);
  return id === null ? { id, problem: t('options.applicationIdUnreadable') } : { id, problem: null };
}

function addressProblem(typed: string, parsed: ParsedAddress | ParsedIssuer, missing: string): string | null {
  if (parsed.ok) return null;
  return parsed.problem === 'notAnAddress' && withoutUnseen(typed).trim() === ''
    ? missing
    : t(`options.serviceUrlProblems.${parsed.problem}`);
}
