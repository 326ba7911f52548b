import { type Kysely, sql } from 'kysely';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
  readonly filled: boolean;
}

interface Restriction {
  readonly table: string;
  readonly name: string;
  /** A check, a foreign key, a trigger; or a key: what `on conflict` can name. */
  readonly kind: 'limit' | 'key';
  readonly definition: string;
  /** The columns that it is about; null where that is not known. */
  readonly columns: readonly string[] | null;
}

/** What whoever writes and reads the tables has to know of them. */
export interface SchemaShape {
  readonly columns: readonly Column[];
  readonly restrictions: readonly Restriction[];
}

const OURS = sql`relation.relnamespace = current_schema()::regnamespace and relation.relkind in ('r', 'p', 'v')`;

/** The shape of the tables of the current schema. */
export async function readShape(db: Kysely<never>): Promise<SchemaShape> {
  const { rows: columns } = await sql<Column>`
    select relation.relname as "table", attname as "column", attnotnull as "required",
      format_type(atttypid, atttypmod) || coalesce(' collate ' || collname, '') as "type",
      atthasdef or attidentity <> '' as "filled"
    from pg_attribute join pg_class relation on relation.oid = attrelid left join pg_collation on pg_collation.oid = attcollation
    where attnum > 0 and not attisdropped and ${OURS} order by 1, 2`.execute(db);
  const names = (relation: string, numbers: string) =>
    sql.raw(
      `(select json_agg(attname order by attnum) from pg_attribute where attrelid = ${relation} and attnum = any(${numbers}))`,
    );
  const { rows: restrictions } = await sql<Restriction>`
    select relation.relname as "table", conname as "name", pg_get_constraintdef(con.oid) as "definition",
      case when contype in ('p', 'u', 'x') then 'key' else 'limit' end as "kind", ${names('conrelid', 'conkey')} as "columns"
    from pg_constraint con join pg_class relation on relation.oid = conrelid where contype <> 'n' and ${OURS}
    union all
    select relation.relname, indexrelid::regclass::text, pg_get_indexdef(indexrelid), 'key', ${names('indrelid', 'indkey')}
    from pg_index join pg_class relation on relation.oid = indrelid
    where indisunique and not exists (select from pg_constraint where conindid = indexrelid) and ${OURS}
    union all
    select relation.relname, tgname, pg_get_triggerdef(trigger.oid), 'limit', null
    from pg_trigger trigger join pg_class relation on relation.oid = tgrelid where not tgisinternal and ${OURS}
    order by 1, 2`.execute(db);
  return { columns, restrictions };
}

/** What the version that wrote the one shape would stumble over in the other, one sentence each. */
export function whatBreaks(before: SchemaShape, after: SchemaShape): string[] {
  const find = ({ table, column }: Pick<Column, 'table' | 'column'>, shape: SchemaShape) =>
    shape.columns.find((one) => one.table === table && one.column === column);
  const isOld = (table: string) => before.columns.some((one) => one.table === table);
  const isSame = (one: Restriction, other: Restriction) =>
    one.table === other.table && one.name === other.name && one.definition === other.definition;

  const ofOld = before.columns.flatMap((old) => {
    const what = `${old.table}.${old.column}`;
    const now = find(old, after);
    if (now === undefined) return [`${what} is gone, or renamed`];
    return [
      ...(now.type === old.type ? [] : [`${what} was ${old.type} and is ${now.type}`]),
      ...(now.required && !old.required ? [`${what} may not be null any more`] : []),
      ...(old.filled && !now.filled ? [`${what} has lost its default`] : []),
    ];
  });
  const ofNew = after.columns
    .filter((now) => isOld(now.table) && find(now, before) === undefined && now.required && !now.filled)
    .map(({ table, column }) => `${table}.${column} is new, may not be null and has no default`);
  const added = after.restrictions
    .filter((now) => isOld(now.table) && !before.restrictions.some((old) => isSame(old, now)))
    .filter(({ table, columns }) => columns === null || columns.some((column) => find({ table, column }, before)))
    .map(({ table, name, definition }) => `${table} has ${name} now, which it had not: ${definition}`);
  const lost = before.restrictions
    .filter((old) => old.kind === 'key' && !after.restrictions.some((now) => isSame(old, now)))
    .map(({ table, name, definition }) => `${table} has lost its ${name}: ${definition}`);
  return [...ofOld, ...ofNew, ...added, ...lost];
}
