import type { Failure } from '../domain/failure';
import { defaultConnectionOf, type Settings } from '../domain/settings';
import { Support } from '../ui/support';

interface SupportOfProps {
  readonly connectionId: string;
  /** Null while they are being read. */
  readonly settings: Settings | null;
  readonly after: Failure;
}

/** Whom to ask after a failure at that connection. Known here is whom the default's service names, and another's do not help. */
export function SupportOf({ connectionId, settings, after }: SupportOfProps) {
  const isDefault = settings !== null && defaultConnectionOf(settings)?.id === connectionId;
  return isDefault ? <Support after={after} /> : null;
}
