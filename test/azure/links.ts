import type { DirectoryUser } from '../../src/domain/person';

/** How answers are written: Azure's own examples disagree, and older answers lack what newer ones have. */
export interface AnswerStyle {
  readonly numbers: 'number' | 'text';
  /** Whether a link says its partner's name. */
  readonly names: boolean;
  readonly errors: 'nested' | 'flat';
}

export const USUAL_STYLE: AnswerStyle = { numbers: 'number', names: true, errors: 'nested' };

/** A link as Azure keeps it. One that was removed keeps its beginning and its version. */
export interface TestLink {
  readonly partnerId: string;
  readonly version: number;
  readonly createdTime: string;
  readonly updatedTime: string;
  readonly state: 'Active' | 'Deleted';
}

export type LinkAnswer =
  /** `link`: null for an empty body. */
  | { readonly status: 200; readonly link: TestLink | null; readonly hasEffect: boolean }
  | { readonly status: 400 | 404; readonly code: string; readonly message: string };

/** The links of the tests' Azure, one of each account in each tenant, by the rules of Microsoft.ManagementPartner 2018-02-01. */
export function createLinks(now: () => number) {
  const links = new Map<string, TestLink>();
  const keyOf = ({ tenantId, objectId }: DirectoryUser) => JSON.stringify([tenantId, objectId]);
  const kept = (user: DirectoryUser) => links.get(keyOf(user)) ?? null;

  function of(user: DirectoryUser): TestLink | null {
    const link = kept(user);
    return link?.state === 'Active' ? link : null;
  }

  /** Writes it, whatever was there; null removes. */
  function write(user: DirectoryUser, partnerId: string | null): TestLink {
    const before = kept(user);
    const at = new Date(now()).toISOString();
    const link: TestLink = {
      partnerId: partnerId ?? before?.partnerId ?? '',
      version: (before?.version ?? 0) + 1,
      createdTime: before?.createdTime ?? at,
      updatedTime: at,
      state: partnerId === null ? 'Deleted' : 'Active',
    };
    links.set(keyOf(user), link);
    return link;
  }

  function answer(user: DirectoryUser, method: string, partnerId: string | null): LinkAnswer {
    const present = of(user);
    switch (method) {
      case 'GET':
        if (present === null || (partnerId !== null && partnerId !== present.partnerId)) return NOT_FOUND;
        return { status: 200, link: present, hasEffect: false };
      case 'PUT':
        if (partnerId === null) return BAD_REQUEST;
        if (present !== null) return ALREADY_LINKED;
        return { status: 200, link: write(user, partnerId), hasEffect: true };
      case 'PATCH':
        if (partnerId === null) return BAD_REQUEST;
        if (present === null) return NOT_FOUND;
        return { status: 200, link: write(user, partnerId), hasEffect: true };
      case 'DELETE':
        if (partnerId === null) return BAD_REQUEST;
        if (present?.partnerId !== partnerId) return NOT_FOUND;
        write(user, null);
        return { status: 200, link: null, hasEffect: true };
      default:
        return BAD_REQUEST;
    }
  }

  return { of, write, answer };
}

export const NOT_FOUND = {
  status: 404,
  code: 'NotFound',
  message: 'The management partner link is not found.',
} as const satisfies LinkAnswer;
export const ALREADY_LINKED = {
  status: 400,
  code: 'PartnerIdAlreadyLinked',
  message: 'The user is already linked to a partner ID.',
} as const satisfies LinkAnswer;
const BAD_REQUEST = {
  status: 400,
  code: 'BadRequest',
  message: 'The request is not valid.',
} as const satisfies LinkAnswer;

/** A link as the interface description writes one. */
export function written(
  { tenantId, objectId }: DirectoryUser,
  { partnerId, version, createdTime, updatedTime, state }: TestLink,
  name: string | null,
  { numbers, names }: AnswerStyle,
): unknown {
  const number = numbers === 'text' ? String(version) : version;
  return {
    id: `/providers/microsoft.managementpartner/partners/${partnerId}`,
    type: 'Microsoft.ManagementPartner/partner',
    name: partnerId,
    etag: number,
    properties: {
      partnerId,
      ...(names && name !== null && { partnerName: name }),
      tenantId,
      objectId,
      version: number,
      updatedTime,
      createdTime,
      state,
    },
  };
}
