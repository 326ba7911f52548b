import { consoleLog } from '../platform/log';
import { call } from './call';

/** Leads to where a connection is set up. */
export function openOptions(): void {
  call('options.open', {}).catch((cause: unknown) => consoleLog.error('The options could not be opened', cause));
}
