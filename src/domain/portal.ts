/** The portals that the extension knows from the start. */
export const BUILT_IN_PORTALS = ['azure', 'accountCentre', 'microsoft365Admin'] as const;
export type BuiltInPortalId = (typeof BUILT_IN_PORTALS)[number];

/** Every portal of one's own counts as one. */
export const PORTAL_IDS = [...BUILT_IN_PORTALS, 'own'] as const;
export type PortalId = (typeof PORTAL_IDS)[number];
