import type { RefCallback } from 'preact';
import type { ForeignChange } from '../domain/history';
import type { PartnerState } from '../domain/partner-state';
import { nameOrId } from '../domain/subscription';
import { visibleText } from '../domain/visible-text';
import { formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { t } from '../words/words';
import type { CustomerGroup } from './group-rows';
import { MadeElsewhere } from './made-elsewhere';
import type { Row } from './row';
import type { Tick } from '../ui/selection';
import { TickBox } from '../ui/tick-box';

interface LineProps {
  /** Its number among all lines. */
  readonly index: number;
  /** How much room there is above it: that of the lines that are not drawn. */
  readonly gap: number;
  readonly measure: RefCallback<HTMLTableRowElement>;
}

interface TableRowProps extends LineProps {
  readonly row: Row;
  /** The address of the subscription's page in its portal; null where no portal is known to have one. */
  readonly page: string | null;
  /** What people call its connection; null where that goes without saying. */
  readonly source: string | null;
  /** The list has the same subscription of another connection too. */
  readonly isTwice: boolean;
  readonly isSelected: boolean;
  readonly isStarred: boolean;
  /** The change made elsewhere that nobody has met yet; null: there is none. */
  readonly foreign: ForeignChange | null;
  /** How a change of ours stands; null: none bears on what is known of it. */
  readonly note: string | null;
  /** How long ago it was read; null where that is when the list was. */
  readonly age: string | null;
  readonly onSelect: (row: Row, withShift: boolean) => void;
  readonly onStar: (row: Row, starred: boolean) => void;
}

/** The header is the first row. */
const FIRST_ROW = 2;

/** `data-label` names a cell in a card, which has no column above it. */
export function TableRow(props: TableRowProps) {
  const { row, index, gap, measure, page, source, isTwice, isSelected, isStarred, foreign, onSelect, onStar } = props;
  const { subscription, partnerOfRecord, rights } = row.state;
  const shown = visibleText(row.name);
  const name =
    isTwice && source !== null ? t('subscriptions.at', { name: shown, connection: visibleText(source) }) : shown;
  return (
    <tr
      ref={measure}
      class={isSelected ? 'line line-selected' : 'line'}
      aria-rowindex={index + FIRST_ROW}
      data-index={index}
      style={{ marginBlockStart: `${gap}px` }}
    >
      <td class="cell-acts">
        <TickBox
          label={t('subscriptions.select', { name })}
          tick={isSelected ? 'all' : 'none'}
          onPress={(withShift) => onSelect(row, withShift)}
        />
        <button
          type="button"
          class="star"
          data-control="star"
          aria-label={t('subscriptions.star', { name })}
          aria-pressed={isStarred}
          onClick={() => onStar(row, !isStarred)}
        />
      </td>
      <th scope="row" class="cell-name">
        {page === null ? (
          <Name text={row.name} />
        ) : (
          <a href={page} target="_blank" rel="noreferrer" data-control="link">
            <Name text={row.name} />
          </a>
        )}
        {source !== null && (
          <span class="cell-note">
            <Name text={source} />
          </span>
        )}
      </th>
      <td class="cell-id" data-label={t('subscriptions.columns.id')}>
        <Name text={row.subscriptionId} />
      </td>
      <td class="cell-service" data-label={t('subscriptions.columns.service')}>
        {subscription && t(`services.${subscription.service}`)}
      </td>
      <td class="cell-customer" data-label={t('subscriptions.columns.customer')}>
        {subscription && <Name text={nameOrId(subscription.customer.name, subscription.customer.id)} />}
      </td>
      <td class="cell-partner" data-label={t('subscriptions.columns.partner')}>
        <Partner {...props} />
        {foreign !== null && <MadeElsewhere foreign={foreign} />}
      </td>
      <td class="cell-since" data-label={t('subscriptions.columns.since')}>
        {partnerOfRecord?.assignedAt != null && formatDate(partnerOfRecord.assignedAt)}
      </td>
      <td class="cell-role" data-label={t('subscriptions.columns.role')}>
        {rights.role !== null && <span class="role">{t(`rights.roles.${rights.role}`)}</span>}
      </td>
      <td class="cell-state" data-label={t('subscriptions.columns.state')}>
        {subscription && <Name text={subscription.state} />}
      </td>
    </tr>
  );
}

function Partner({ row, note, age }: Pick<TableRowProps, 'row' | 'note' | 'age'>) {
  return (
    <span>
      <Holder {...row.state} />
      {note !== null && <span class="cell-note">{note}</span>}
      {age !== null && <span class="cell-note">{t('subscriptions.asOf', { age })}</span>}
    </span>
  );
}

function Holder({ partnerOfRecord }: Pick<PartnerState, 'partnerOfRecord'>) {
  return partnerOfRecord === null ? (
    <span class="muted">{t('pages.noPartner')}</span>
  ) : (
    <PartnerName partner={partnerOfRecord} />
  );
}

interface GroupRowProps extends LineProps {
  readonly group: CustomerGroup;
  readonly tick: Tick;
  readonly onSelect: (group: CustomerGroup) => void;
}

/** The line above the subscriptions of a customer. */
export function GroupRow({ index, gap, measure, group, tick, onSelect }: GroupRowProps) {
  const customer = group.customer === '' ? t('subscriptions.noCustomer') : visibleText(group.customer);
  return (
    <tr
      ref={measure}
      class="line line-group"
      aria-rowindex={index + FIRST_ROW}
      data-index={index}
      style={{ marginBlockStart: `${gap}px` }}
    >
      <td class="cell-acts">
        <TickBox label={t('subscriptions.selectCustomer', { customer })} tick={tick} onPress={() => onSelect(group)} />
      </td>
      <th scope="rowgroup" colSpan={8} class="cell-name">
        <bdi>{customer}</bdi> <span class="muted">{t('subscriptions.ofCustomer', { count: group.rows.length })}</span>
      </th>
    </tr>
  );
}
