import { visibleText } from '../domain/visible-text';
import type { TenantRow } from '../messaging/protocol';
import { Button } from '../ui/button';
import { FailureText } from '../ui/failure-text';
import { formatDate } from '../ui/format';
import { Id, Name, PartnerName } from '../ui/partner-name';
import { StandingText } from '../ui/standing-text';
import { useNow } from '../ui/use-now';
import { t } from '../words/words';
import { keyOfRow, tenantName } from './rows';

interface TenantsTableProps {
  readonly rows: readonly TenantRow[];
  /** By their keys. */
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
  readonly onSignIn: (row: TenantRow) => void;
}

/** A row for each account in each tenant. */
export function TenantsTable({ rows, selected, onSelect, onSignIn }: TenantsTableProps) {
  const all = rows.length > 0 && rows.every((row) => selected.has(keyOfRow(row)));
  const toggle = (some: readonly TenantRow[], on: boolean) => {
    const next = new Set(selected);
    for (const row of some) {
      if (on) next.add(keyOfRow(row));
      else next.delete(keyOfRow(row));
    }
    onSelect(next);
  };
  return (
    <div class="tenants card">
      <table aria-label={t('tenants.title')}>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                class="checkbox"
                aria-label={t('tenants.selectAll')}
                checked={all}
                onChange={() => toggle(rows, !all)}
              />
            </th>
            {(['tenant', 'account', 'partner', 'since'] as const).map((column) => (
              <th key={column} scope="col">
                {t(`tenants.columns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={keyOfRow(row)}
              row={row}
              selected={selected.has(keyOfRow(row))}
              onToggle={(on) => toggle([row], on)}
              onSignIn={() => onSignIn(row)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly row: TenantRow;
  readonly selected: boolean;
  readonly onToggle: (on: boolean) => void;
  readonly onSignIn: () => void;
}

function Row({ row, selected, onToggle, onSignIn }: RowProps) {
  const now = useNow();
  const { domain, target, account, view, needsSignIn } = row;
  const name = tenantName(row);
  const partner = view.state?.partnerOfRecord ?? null;
  return (
    <tr aria-selected={selected}>
      <td>
        <input
          type="checkbox"
          class="checkbox"
          aria-label={t('tenants.select', { name: visibleText(name) })}
          checked={selected}
          onChange={(event) => onToggle(event.currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <Name text={name} />
        <p class="muted small">
          {domain !== null && domain !== name && (
            <>
              <Name text={domain} />{' '}
            </>
          )}
          <Id text={target.tenant} />
        </p>
      </th>
      <td>
        <Name text={account.name} />
      </td>
      <td>
        {partner !== null ? (
          <PartnerName partner={partner} />
        ) : (
          <span class="muted">{t(view.state === null ? 'tenants.unknown' : 'tenants.none')}</span>
        )}
        {partner?.state !== undefined && <span class="muted small"> {visibleText(partner.state)}</span>}
        {needsSignIn && (
          <p>
            <Button kind="quiet" onPress={onSignIn}>
              {t('tenants.signIn', { name: visibleText(name) })}
            </Button>
          </p>
        )}
        {!needsSignIn && view.failure !== null && (
          <p class="problem small">
            <FailureText failure={view.failure} />
          </p>
        )}
        {view.standing !== null && (
          <p class="small">
            <StandingText standing={view.standing} now={now} />
          </p>
        )}
      </td>
      <td>{partner?.assignedAt != null && <bdi>{formatDate(partner.assignedAt)}</bdi>}</td>
    </tr>
  );
}
