import type { Person } from '../../src/domain/person';

export const ADA = {
  kind: 'openIdConnect',
  issuer: 'https://login.example',
  sub: 'ada',
  name: 'Ada',
} as const satisfies Person;
export const BEN = { ...ADA, sub: 'ben', name: 'Ben' } as const satisfies Person;
