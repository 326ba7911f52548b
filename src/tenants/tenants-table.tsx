import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { AzureCloud } from '../domain/azure-cloud';
import { isWithoutConsent, linkCommands } from '../domain/azure-commands';
import type { PartnerId } from '../domain/partner';
import { isOnItsWay, type Phase } from '../domain/phase';
import type { Standing } from '../domain/standing';
import { visibleText } from '../domain/visible-text';
import type { TenantRow } from '../messaging/protocol';
import { Button } from '../ui/button';
import { FailureText } from '../ui/failure-text';
import { formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { pressed, pressedAll, type Selection, tickOf } from '../ui/selection';
import { StandingText } from '../ui/standing-text';
import { TickBox } from '../ui/tick-box';
import { t } from '../words/words';
import { causeIn, isOthers, keyOfRow, tenantName, toldFailure } from './rows';

interface TenantsTableProps {
  readonly cloud: AzureCloud | null;
  readonly rows: readonly TenantRow[];
  /** What people call each: with its account where several reach its tenant. */
  readonly nameOf: (row: TenantRow) => string;
  readonly own: PartnerId | null;
  readonly selection: Selection;
  /** What tells the present filter from another. */
  readonly view: string;
  /** Those whose changes are shown once they have ended too. */
  readonly batches: ReadonlySet<string>;
  readonly now: number;
  readonly onSelect: (selection: Selection) => void;
  readonly onSignIn: (row: TenantRow) => void;
  readonly onIgnore: (row: TenantRow) => void;
  readonly onCopy: (row: TenantRow, commands: string) => void;
}

/** What is said above the cells, and in a card beside them. */
const COLUMNS = ['tenant', 'account', 'partner', 'since', 'outcome'] as const;

/** A row for each account in each tenant; where the window is narrow, a card. */
export function TenantsTable(props: TenantsTableProps) {
  const { rows, nameOf, own, now, selection, view, batches, onSelect } = props;
  const keys = rows.map(keyOfRow);
  const latest = useRef({ ...props, keys });
  latest.current = { ...props, keys };
  // Of hundreds that are read one after the other, only those are drawn anew that are others by now.
  const [cache] = useState(() => new WeakMap<TenantRow, DrawnRow>());
  const rowAt = (row: TenantRow): VNode => {
    const key = keyOfRow(row);
    const name = visibleText(nameOf(row));
    const isSelected = selection.keys.has(key);
    const { standing } = row.view;
    const shown = standing !== null && isOutcomeShown(standing, batches) ? standing : null;
    const before = cache.get(row);
    const isSame =
      before?.name === name &&
      before.isSelected === isSelected &&
      before.shown === shown &&
      before.own === own &&
      // Nothing else tells how long ago something was.
      (shown === null || before.now === now);
    if (isSame) return before.drawn;
    const drawn = (
      <Row
        key={key}
        {...{ row, name, own, now, shown, isSelected }}
        commands={commandsFor(row, props.cloud, own)}
        onSelect={(withShift) =>
          latest.current.onSelect(pressed(latest.current.selection, key, withShift, latest.current.keys))
        }
        onSignIn={() => latest.current.onSignIn(row)}
        onIgnore={() => latest.current.onIgnore(row)}
        onCopy={(commands) => latest.current.onCopy(row, commands)}
      />
    );
    cache.set(row, { name, own, now, shown, isSelected, drawn });
    return drawn;
  };
  return (
    <div class="card lines-table tenants-table">
      <table aria-label={t('tenants.title')}>
        <thead>
          <tr class="head">
            <th scope="col" class="cell-acts" data-label={t('tenants.selectAll')}>
              <TickBox
                label={t('tenants.selectAll')}
                tick={tickOf(selection, keys)}
                onPress={() => onSelect(pressedAll(selection, keys, view))}
              />
            </th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class={`cell-${column}`}>
                {t(`tenants.columns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{rows.map(rowAt)}</tbody>
      </table>
    </div>
  );
}

interface DrawnRow extends Pick<RowProps, 'name' | 'own' | 'now' | 'shown' | 'isSelected'> {
  readonly drawn: VNode;
}

/** What ended as wished is news only as long as its batch is before the person. */
function isOutcomeShown({ at, batch }: Standing, batches: ReadonlySet<string>): boolean {
  if (batch !== undefined && batches.has(batch)) return true;
  return isOnItsWay(at) || at.phase === 'refused' || at.phase === 'unknown' || at.phase === 'conflict';
}

/** What makes the link without this extension, where the tenant does not let that in; null where it does, for all that is known. */
export function commandsFor(row: TenantRow, cloud: AzureCloud | null, own: PartnerId | null): string | null {
  if (cloud === null || !isWithoutConsent(causeIn(row))) return null;
  const { standing, state } = row.view;
  const before = state?.partnerOfRecord?.partnerId ?? null;
  const { tenant } = row.target;
  if (standing === null || !isStillWanted(standing.at)) {
    return linkCommands({ cloud, tenant, before, ...(own === null ? {} : { after: own }) });
  }
  const known = state === null ? (standing.before?.partnerId ?? null) : before;
  return linkCommands({ cloud, tenant, before: known, after: standing.after?.partnerId ?? null });
}

/** Whether the person wants what a change was to do, for all that is known: they have not stopped it, and it was not made. */
function isStillWanted(at: Phase): boolean {
  if (at.phase === 'settling' && at.stopping) return false;
  return isOnItsWay(at) || at.phase === 'refused' || at.phase === 'unknown';
}

interface RowProps {
  readonly row: TenantRow;
  readonly name: string;
  readonly own: PartnerId | null;
  readonly now: number;
  readonly commands: string | null;
  /** The newest change, where it is to be told; null where not. */
  readonly shown: Standing | null;
  readonly isSelected: boolean;
  readonly onSelect: (withShift: boolean) => void;
  readonly onSignIn: () => void;
  readonly onIgnore: () => void;
  readonly onCopy: (commands: string) => void;
}

function Row({ row, name, own, now, commands, shown, isSelected, ...acts }: RowProps) {
  const { domain, target, account, view, needsSignIn, ignored } = row;
  const called = tenantName(row);
  const partner = view.state?.partnerOfRecord ?? null;
  return (
    <tr class={isSelected ? 'line line-selected' : 'line'}>
      <td class="cell-acts">
        {!ignored && (
          <TickBox label={t('tenants.select', { name })} tick={isSelected ? 'all' : 'none'} onPress={acts.onSelect} />
        )}
      </td>
      <th scope="row" class="cell-tenant cell-name">
        <Name text={called} />
        {domain !== null && domain !== called && (
          <span class="cell-note">
            <Name text={domain} />
          </span>
        )}
        {called !== target.tenant && (
          <span class="cell-note tenant-id">
            <Name text={target.tenant} />
          </span>
        )}
      </th>
      <td class="cell-account" data-label={t('tenants.columns.account')}>
        <Name text={account.name} />
      </td>
      <td class="cell-partner" data-label={t('tenants.columns.partner')}>
        <span>
          {partner === null ? (
            <span class="muted">{t(view.state === null ? 'tenants.unknown' : 'tenants.none')}</span>
          ) : (
            <PartnerName partner={partner} />
          )}
          {isOthers(row, own) && <span class="cell-note other-partner">{t('tenants.another')}</span>}
          {partner?.state !== undefined && (
            <span class="cell-note">
              <Name text={partner.state} />
            </span>
          )}
        </span>
      </td>
      <td class="cell-since" data-label={t('tenants.columns.since')}>
        {partner?.assignedAt != null && <bdi>{formatDate(partner.assignedAt)}</bdi>}
      </td>
      <td class="cell-outcome" data-label={t('tenants.columns.outcome')}>
        <Outcome row={row} shown={shown} now={now} />
      </td>
      <td class="cell-do">
        {needsSignIn && (
          <Button label={t('tenants.signInAt', { name })} onPress={acts.onSignIn}>
            {t('tenants.signIn')}
          </Button>
        )}
        {commands !== null && (
          <Button label={t('tenants.copyOne', { name })} onPress={() => acts.onCopy(commands)}>
            {t('tenants.copy')}
          </Button>
        )}
        <Button
          kind="quiet"
          label={t(ignored ? 'tenants.unignoreOne' : 'tenants.ignoreOne', { name })}
          onPress={acts.onIgnore}
        >
          {t(ignored ? 'tenants.unignore' : 'tenants.ignore')}
        </Button>
      </td>
    </tr>
  );
}

function Outcome({ row, shown, now }: Pick<RowProps, 'row' | 'shown' | 'now'>) {
  if (shown !== null) {
    return (
      <span class={`said-${shown.at.phase}`}>
        <StandingText standing={shown} now={now} />
      </span>
    );
  }
  const { needsSignIn } = row;
  const failure = toldFailure(row);
  if (needsSignIn && failure === null) return <span class="muted">{t('tenants.needsSignIn')}</span>;
  return (
    failure && (
      <span class={needsSignIn ? 'muted' : 'problem'}>
        <FailureText failure={failure} about="link" />
      </span>
    )
  );
}
