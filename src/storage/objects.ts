/** Whether something that was stored is an object, of whatever shape. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The same with what stands at that path altered; as it is when nothing stands there. */
export function altered(
  value: Readonly<Record<string, unknown>>,
  [name, ...rest]: readonly string[],
  change: (inner: Readonly<Record<string, unknown>>) => object,
): object {
  if (name === undefined) return change(value);
  const inner = value[name];
  return isObject(inner) ? { ...value, [name]: altered(inner, rest, change) } : value;
}
