import { AZURE_KIND } from '../domain/azure-cloud';
import type { Connection } from '../domain/connection';
import type { KindFacts } from '../domain/kind-facts';
import { azurePalKind } from './azure-pal';
import type { Backend, BackendKind, BackendPorts } from './backend';
import { serviceKind } from './service';

/** Every kind of backend there is, by the name that connections have for it. One line here, and one file beside this one. */
export const KINDS: Readonly<Partial<Record<string, BackendKind>>> = {
  service: serviceKind,
  [AZURE_KIND]: azurePalKind,
};

/** What the pages, which make no backend, are to know of each. */
export function kindFacts(): readonly KindFacts[] {
  return Object.entries(KINDS).flatMap(([kind, known]) => {
    if (known === undefined) return [];
    // Without what makes one, which crosses no message.
    const { create: _create, ...facts } = known;
    return [{ kind, ...facts }];
  });
}

/** The backend of a connection; null when this version does not know its kind, or can't use such a connection. */
export function createBackend(connection: Connection, ports: BackendPorts): Backend | null {
  return KINDS[connection.kind]?.create(connection, ports) ?? null;
}
