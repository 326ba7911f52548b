import type { AuditException } from './audit-verdict';

/** The advisories that `npm run audit` lets pass, each with its reason and its last day. There are none. */
export const AUDIT_EXCEPTIONS: readonly AuditException[] = [];
