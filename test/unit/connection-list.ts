import type { Connection } from '../../src/domain/connection';
import type { ConnectionList } from '../../src/domain/settings';

/** The settings' connections where there is that one at most. */
export function onlyConnection(connection: Connection | null): ConnectionList {
  return { connections: connection === null ? [] : [connection], defaultConnection: connection?.id ?? null };
}
