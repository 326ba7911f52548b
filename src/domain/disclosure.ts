/** What the assigned partner can see from then on (the domain's rule 7); shown to the administrator before saving. */
export const PARTNER_WILL_SEE = ['customer', 'subscription', 'dates', 'usage', 'association', 'services'] as const;
