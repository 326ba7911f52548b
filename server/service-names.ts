import type { Service } from '../src/domain/subscription';

/** What people call each kind of subscription. */
export const SERVICE_NAMES: Record<Service, string> = {
  azure: 'Azure',
  office365: 'Office 365',
  crmOnline: 'CRM Online',
  dynamics365: 'Dynamics 365',
  intune: 'Intune',
  ems: 'Enterprise Mobility + Security',
};
