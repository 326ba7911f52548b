import { type Partner, type PartnerId, type PartnerOfRecord, parsePartnerId } from '../../src/domain/partner';

export function partnerId(digits: string): PartnerId {
  const parsed = parsePartnerId(digits);
  if (!parsed.ok) throw new Error(`${digits} is no Partner ID`);
  return parsed.partnerId;
}

export function partner(digits: string, name = `Partner ${digits}`): Partner {
  return { partnerId: partnerId(digits), name };
}

/** By what they are to a change. */
export const OLD = partner('100001', 'Old Partner');
export const WANTED = partner('200002', 'Wanted Partner');
export const FOREIGN = partner('300003', 'Foreign Partner');

/** As people meet them on a page. */
export const CONTOSO = partner('1234567', 'Contoso');
export const FABRIKAM = partner('7654321', 'Fabrikam');
export const NORTHWIND = partner('700000', 'Northwind');

/** The same as partner of record. */
export function attached(to: Partner): PartnerOfRecord {
  return { ...to, assignedAt: '2026-01-02T03:04:05Z', assignedBy: 'Ada' };
}
