/** What the assigned partner can see from then on (the domain's rule 7); shown to the administrator before saving. */
export const PARTNER_WILL_SEE = [
  'Your customer ID and name',
  'The subscription ID and name',
  'The start date and the current end date',
  'Total metered consumption or seat usage, as amounts and seat numbers',
  'The date the partner was associated',
  'Totals for the services and seat-based workloads in use',
] as const;
