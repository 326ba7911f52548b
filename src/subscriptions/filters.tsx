import type { RefObject } from 'preact';
import { useId } from 'preact/hooks';
import type { Connection } from '../domain/connection';
import { visibleText } from '../domain/visible-text';
import { Button } from '../ui/button';
import { CheckField, RadioRow, SelectField } from '../ui/choices';
import { t } from '../words/words';
import { type Facets, type FacetValue, offered } from './facets';
import { isNarrowed, LONGEST_FILTER, SHOWS, type View, WHOLE_LIST } from './view';

interface FiltersProps {
  readonly view: View;
  readonly facets: Facets;
  /** Those that may be chosen from; a control is there for several. */
  readonly connections: readonly Connection[];
  readonly findBox: RefObject<HTMLInputElement | null>;
  readonly onChange: (change: Partial<View>) => void;
}

/** What of the list is looked at. */
export function Filters({ view, facets, connections, findBox, onChange }: FiltersProps) {
  const id = useId();
  const services = facets.services.map((service) => ({ id: service, name: t(`services.${service}`) }));
  const named = facets.partners.map((partner) => ({
    ...partner,
    name: partner.name === partner.id ? partner.id : `${partner.name} (${partner.id})`,
  }));
  return (
    <div class="filters">
      <div class="field filter-text">
        <label class="label" for={id}>
          {t('subscriptions.filter')}
        </label>
        <input
          id={id}
          ref={findBox}
          class="input"
          type="search"
          placeholder={t('subscriptions.filterHint')}
          maxLength={LONGEST_FILTER}
          value={view.text}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => onChange({ text: event.currentTarget.value })}
        />
      </div>
      <Facet label="service" all="allServices" {...{ view, onChange }} field="service" values={services} />
      <Facet label="partner" all="allPartners" {...{ view, onChange }} field="partnerId" values={named} />
      <Facet label="customer" all="allCustomers" {...{ view, onChange }} field="customerId" values={facets.customers} />
      {connections.length > 1 && (
        <Facet
          label="connection"
          all="allConnections"
          {...{ view, onChange }}
          field="connectionId"
          values={connections.map((connection) => ({ id: connection.id, name: connection.name }))}
        />
      )}
      <div class="filter-shows">
        <RadioRow
          label={t('subscriptions.show')}
          value={view.show}
          options={SHOWS.map((show) => [show, t(`subscriptions.shows.${show}`)] as const)}
          onChoose={(show) => onChange({ show })}
        />
        <CheckField
          label={t('subscriptions.byCustomer')}
          checked={view.byCustomer}
          onToggle={(byCustomer) => onChange({ byCustomer })}
        />
        {isNarrowed(view) && (
          <Button
            kind="quiet"
            onPress={() => onChange({ ...WHOLE_LIST, sort: view.sort, byCustomer: view.byCustomer })}
          >
            {t('subscriptions.clearFilters')}
          </Button>
        )}
      </div>
    </div>
  );
}

type FacetField = 'service' | 'partnerId' | 'customerId' | 'connectionId';

interface FacetProps<Field extends FacetField> {
  readonly label: 'service' | 'partner' | 'customer' | 'connection';
  readonly all: 'allServices' | 'allPartners' | 'allCustomers' | 'allConnections';
  readonly field: Field;
  readonly values: readonly FacetValue<NonNullable<View[Field]>>[];
  readonly view: View;
  readonly onChange: (change: Partial<View>) => void;
}

/** Whatever there is of one kind, one of which may be chosen. */
function Facet<Field extends FacetField>({ label, all, field, values, view, onChange }: FacetProps<Field>) {
  const shown = offered<NonNullable<View[Field]>>(values, view[field] as NonNullable<View[Field]> | null);
  return (
    <SelectField
      label={t(`subscriptions.facets.${label}`)}
      value={view[field] ?? ''}
      options={[
        ['', t(`subscriptions.facets.${all}`)],
        ...shown.map((value) => [value.id, visibleText(value.name)] as const),
      ]}
      onChoose={(chosen) => onChange({ [field]: chosen === '' ? null : chosen })}
    />
  );
}
