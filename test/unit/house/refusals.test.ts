import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { REFUSALS } from '../../../server/src/refusals';

const FILE = resolve(import.meta.dirname, '../../../server/openapi.yaml');

const codes = v.union([
  v.pipe(
    v.object({ const: v.string() }),
    v.transform((one) => [one.const]),
  ),
  v.pipe(
    v.object({ enum: v.array(v.string()) }),
    v.transform((several) => several.enum),
  ),
]);
const refusing = v.object({
  content: v.object({
    'application/json': v.object({
      schema: v.object({
        properties: v.object({ error: v.object({ properties: v.object({ code: codes }) }) }),
      }),
    }),
  }),
});
const description = v.object({
  paths: v.record(v.string(), v.record(v.string(), v.unknown())),
  components: v.object({ responses: v.record(v.string(), v.unknown()) }),
});
const operation = v.object({ responses: v.record(v.string(), v.unknown()) });
const reference = v.object({ $ref: v.string() });

/** Met before a request has an operation, or at any: no operation of the description names them. */
const OF_ANY_REQUEST = ['NotFound', 'MethodNotAllowed', 'RequestTimeout', 'HeadersTooLarge', 'InternalError'];

test('each code of a refusal stands in the description of the contract under its own status, and no other does', () => {
  const { paths, components } = v.parse(description, parse(readFileSync(FILE, 'utf8')));
  const described = new Set<string>();
  for (const part of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (!v.is(operation, part)) continue;
    for (const [status, response] of Object.entries(part.responses)) {
      if (!v.is(reference, response)) continue;
      const named = v.safeParse(refusing, components.responses[response.$ref.replace('#/components/responses/', '')]);
      if (named.success)
        for (const code of named.output.content['application/json'].schema.properties.error.properties.code)
          described.add(`${status} ${code}`);
    }
  }
  const answered = Object.entries(REFUSALS).filter(([code]) => !OF_ANY_REQUEST.includes(code));
  expect([...described].toSorted()).toEqual(answered.map(([code, { status }]) => `${status} ${code}`).toSorted());
});

test('each refusal says in sentences what happened', () => {
  const said = Object.values(REFUSALS).flatMap((kind) => [
    kind.sentence,
    ...('because' in kind ? Object.values(kind.because).filter((one) => typeof one === 'string') : []),
  ]);
  expect(said.length).toBeGreaterThan(40);
  expect(said.filter((sentence) => !/^[A-Za-z].* .*\.$/.test(sentence))).toEqual([]);
});
