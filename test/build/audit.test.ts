import { describe, expect, test } from 'vitest';
import { AUDIT_EXCEPTIONS } from '../../scripts/audit-exceptions';
import { judgeAudit } from '../../scripts/audit-verdict';

const TODAY = '2026-11-23';

/** As npm 11 writes it: one advisory on `cookie`, which two packages above it are told of by name. */
const report = JSON.stringify({
  auditReportVersion: 2,
  vulnerabilities: {
    cookie: {
      name: 'cookie',
      severity: 'low',
      isDirect: false,
      via: [
        {
          source: 1103907,
          name: 'cookie',
          dependency: 'cookie',
          title: 'cookie accepts cookie name, path, and domain with out of bounds characters',
          url: 'https://github.com/advisories/GHSA-pxg6-pf52-xh8x',
          severity: 'low',
          cwe: ['CWE-74'],
          cvss: { score: 0, vectorString: null },
          range: '<0.7.0',
        },
      ],
      effects: ['light-my-request'],
      range: '<0.7.0',
      nodes: ['node_modules/cookie'],
      fixAvailable: true,
    },
    'light-my-request': {
      name: 'light-my-request',
      severity: 'low',
      isDirect: false,
      via: ['cookie'],
      effects: ['fastify'],
      range: '*',
      nodes: ['node_modules/light-my-request'],
      fixAvailable: true,
    },
  },
  metadata: { vulnerabilities: { info: 0, low: 2, moderate: 0, high: 0, critical: 0, total: 2 } },
});
const clean = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {}, metadata: {} });
const exception = { advisory: 'GHSA-pxg6-pf52-xh8x', reason: 'No cookie is ever set.', expires: '2026-12-31' };

describe('the verdict on an audit', () => {
  test('is clean when the registry knows of nothing', () => {
    expect(judgeAudit(clean, [], TODAY)).toEqual({ kind: 'clean', excepted: [] });
  });

  test('names each advisory once, with its package and address', () => {
    expect(judgeAudit(report, [], TODAY)).toEqual({
      kind: 'problems',
      problems: [
        'cookie <0.7.0: cookie accepts cookie name, path, and domain with out of bounds characters (low, https://github.com/advisories/GHSA-pxg6-pf52-xh8x)',
      ],
    });
  });

  test.each([
    ['on the last day of its exception', '2026-12-31', 'clean'],
    ['on the day after', '2027-01-01', 'problems'],
  ])('lets an excepted advisory pass until it expires: %s', (_when, today, kind) => {
    expect(judgeAudit(report, [exception], today)).toMatchObject({ kind });
  });

  test('does not let an exception for another advisory pass for this one', () => {
    const other = { ...exception, advisory: 'GHSA-0000-0000-0000' };
    expect(judgeAudit(report, [other], TODAY)).toMatchObject({
      kind: 'problems',
      problems: [expect.stringContaining('cookie <0.7.0'), expect.stringContaining('GHSA-0000-0000-0000')],
    });
  });

  test('asks to remove an exception that nothing needs any more', () => {
    expect(judgeAudit(clean, [exception], TODAY)).toMatchObject({
      kind: 'problems',
      problems: [expect.stringContaining('no longer needed')],
    });
  });

  test.each([
    [
      'the registry refuses',
      JSON.stringify({ message: '405 Method Not Allowed - POST https://r.example/bulk', statusCode: 405, error: {} }),
      '405 Method Not Allowed - POST https://r.example/bulk',
    ],
    ['npm writes nothing', '', 'Its answer could not be read.'],
    ['a proxy answers with a page', '<html>Sign in</html>', 'Its answer could not be read.'],
    [
      'the report has another version',
      '{"auditReportVersion": 3, "vulnerabilities": {}}',
      'Its answer could not be read.',
    ],
    ['the report is an empty object', '{}', 'Its answer could not be read.'],
    [
      'packages come without an advisory',
      '{"auditReportVersion": 2, "vulnerabilities": {"a": {"via": ["b"]}}}',
      'Its answer names packages without an advisory.',
    ],
  ])('is never a pass when %s', (_case, output, reason) => {
    expect(judgeAudit(output, [], TODAY)).toEqual({ kind: 'unanswered', reason });
  });
});

test('every exception of ours says its advisory, why it does not touch us, and until when', () => {
  for (const { advisory, reason, expires } of AUDIT_EXCEPTIONS) {
    expect(advisory).toMatch(/^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$/);
    expect(reason).not.toBe('');
    expect(new Date(expires).toISOString().slice(0, 10)).toBe(expires);
  }
});
