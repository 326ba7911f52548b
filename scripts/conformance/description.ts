import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

type Json = Record<string, unknown>;

/** An answer as a service gave it. */
export interface RealAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): Json {
  if (!isObject(value)) throw new Error('The description has no object where one is needed.');
  return value;
}

function pointer(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
}

/** The service's description, and what holds values to it: its schemas are compiled when they are first asked for. */
function readDescription() {
  const description = object(parse(readFileSync(new URL('../../server/openapi.yaml', import.meta.url), 'utf8')));
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    allErrors: true,
  });
  addFormats(ajv);
  for (const key of Object.keys(description)) ajv.addKeyword(key);
  ajv.addSchema({ ...description, $id: 'contract' });
  return { description, ajv };
}
let known: ReturnType<typeof readDescription> | undefined;

/** Holds real answers to the service's description, and remembers which of its operations and statuses it has seen. */
export function openContract() {
  known ??= readDescription();
  const { description, ajv } = known;
  const paths = object(description['paths']);
  const seen = new Set<string>();

  /** Follows a reference to another part of the description; returns the part and its pointer. */
  function resolve(value: unknown, at: string): { part: Json; at: string } {
    const part = object(value);
    const reference = part['$ref'];
    if (typeof reference !== 'string') return { part, at };
    const target = reference.slice(1);
    let found: unknown = description;
    for (const step of target.split('/').slice(1)) found = object(found)[step];
    return resolve(found, target);
  }

  function validate(at: string, value: unknown, what: string): void {
    const check = ajv.getSchema(`contract#${at}`);
    if (check === undefined) throw new Error(`The description has nothing at ${at}.`);
    if (!check(value)) throw new Error(`${what} is not as described: ${ajv.errorsText(check.errors)}`);
  }

  function operations(): { template: string; method: string; operation: Json }[] {
    return Object.entries(paths).flatMap(([template, item]) =>
      Object.entries(object(item))
        .filter(([method]) => METHODS.includes(method))
        .map(([method, operation]) => ({ template, method, operation: object(operation) })),
    );
  }

  function templateOf(path: string): string | undefined {
    return Object.keys(paths).find((template) =>
      new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]*')}$`).test(path),
    );
  }

  return {
    /** Throws unless the body is a refusal of the one shape. */
    holdRefusal(body: unknown, what: string): void {
      validate('/components/schemas/Error', body, what);
    },

    /** Throws unless the answer is one that the description has for the call. `path` is relative to the base. */
    hold(method: string, path: string, answer: RealAnswer): void {
      const template = templateOf(path);
      const verb = method.toLowerCase();
      const operation = template === undefined ? undefined : object(paths[template])[verb];
      const what = `${method} ${path} ${answer.status}`;
      if (template === undefined || operation === undefined) {
        // Outside of what is described there are only refusals, and they are of the one shape.
        if (answer.status < 400) throw new Error(`${what} is not described.`);
        validate('/components/schemas/Error', JSON.parse(answer.body), what);
        return;
      }
      const responses = object(object(operation)['responses']);
      const status = String(answer.status) in responses ? String(answer.status) : 'default';
      if (status === 'default' && answer.status < 400) throw new Error(`${what} is not described.`);
      seen.add(`${verb} ${template} ${status}`);
      const response = resolve(responses[status], pointer('paths', template, verb, 'responses', status));
      for (const [name, header] of Object.entries(object(response.part['headers']))) {
        const value = answer.headers[name.toLowerCase()];
        const described = resolve(header, `${response.at}${pointer('headers', name)}`);
        if (value === undefined) throw new Error(`${what} lacks the header ${name}.`);
        validate(`${described.at}/schema`, value, `${what} ${name}`);
      }
      const content = response.part['content'];
      if (content === undefined) {
        if (answer.body !== '') throw new Error(`${what} has a body and should have none.`);
        return;
      }
      if (!String(answer.headers['content-type']).startsWith('application/json'))
        throw new Error(`${what} is not JSON.`);
      validate(`${response.at}${pointer('content', 'application/json', 'schema')}`, JSON.parse(answer.body), what);
    },

    /** The described operation that a call is of, as `operations` names it. */
    operationOf(method: string, path: string): string | undefined {
      const template = templateOf(path);
      const operation = `${method.toLowerCase()} ${template}`;
      return operations().some((one) => `${one.method} ${one.template}` === operation) ? operation : undefined;
    },

    /** The described operations, as `get /path/{parameter}`. */
    operations: (): string[] => operations().map(({ method, template }) => `${method} ${template}`),

    /** The described answers that no call has had yet, but for `default`. */
    unseen: (): string[] =>
      operations()
        .flatMap(({ template, method, operation }) =>
          Object.keys(object(operation['responses'])).map((status) => `${method} ${template} ${status}`),
        )
        .filter((answer) => !answer.endsWith(' default') && !seen.has(answer)),
  };
}
