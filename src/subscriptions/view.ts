import { CLOUD_SERVICES, type CloudService } from '../domain/cloud-service';

/** Which subscriptions are looked at, by their partner and rights. */
export const SHOWS = ['all', 'with', 'without', 'notPermitted', 'starred'] as const;
export type Show = (typeof SHOWS)[number];

export const COLUMNS = ['name', 'id', 'service', 'customer', 'partner', 'since', 'role', 'state'] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sort {
  readonly column: Column;
  readonly descending: boolean;
}

/** What of the list is looked at, and how: all that a bookmark keeps. Null: whatever it is. */
export interface View {
  readonly text: string;
  readonly show: Show;
  readonly service: CloudService | null;
  readonly partnerId: string | null;
  readonly customerId: string | null;
  readonly connectionId: string | null;
  /** Null: as the backends list them. */
  readonly sort: Sort | null;
  readonly byCustomer: boolean;
}

export const WHOLE_LIST: View = {
  text: '',
  show: 'all',
  service: null,
  partnerId: null,
  customerId: null,
  connectionId: null,
  sort: null,
  byCustomer: false,
};

export const LONGEST_FILTER = 200;
const LONGEST_ID = 4096;

/** The query of the page's address for a view; empty for the whole list. */
export function queryOf(view: View): string {
  const query = new URLSearchParams();
  if (view.text !== '') query.set('filter', view.text);
  if (view.show !== 'all') query.set('show', view.show);
  if (view.service !== null) query.set('service', view.service);
  if (view.partnerId !== null) query.set('partner', view.partnerId);
  if (view.customerId !== null) query.set('customer', view.customerId);
  if (view.connectionId !== null) query.set('connection', view.connectionId);
  if (view.sort !== null) query.set('sort', (view.sort.descending ? '-' : '') + view.sort.column);
  if (view.byCustomer) query.set('group', 'customer');
  const written = query.toString();
  return written === '' ? '' : `?${written}`;
}

/** The view that an address asks for. Somebody may have typed it: what means nothing counts as not said. */
export function viewIn(search: string): View {
  const query = new URLSearchParams(search);
  const id = (name: string) => {
    const value = query.get(name);
    return value === null || value === '' || value.length > LONGEST_ID ? null : value;
  };
  return {
    text: (query.get('filter') ?? '').slice(0, LONGEST_FILTER),
    show: SHOWS.find((show) => show === query.get('show')) ?? 'all',
    service: CLOUD_SERVICES.find((service) => service === query.get('service')) ?? null,
    partnerId: id('partner'),
    customerId: id('customer'),
    connectionId: id('connection'),
    sort: sortIn(query.get('sort')),
    byCustomer: query.get('group') === 'customer',
  };
}

function sortIn(written: string | null): Sort | null {
  const column = COLUMNS.find((one) => one === written?.replace(/^-/, ''));
  return column === undefined ? null : { column, descending: written?.startsWith('-') === true };
}

/** The order once the button in a column's header was pressed: upwards, downwards, and then as it was. */
export function nextSort(present: Sort | null, column: Column): Sort | null {
  if (present?.column !== column) return { column, descending: false };
  return present.descending ? null : { column, descending: true };
}

/** Whether anything but the order of the rows is asked for. */
export function isNarrowed({ text, show, service, partnerId, customerId, connectionId }: View): boolean {
  return (
    text.trim() !== '' || show !== 'all' || [service, partnerId, customerId, connectionId].some((one) => one !== null)
  );
}
