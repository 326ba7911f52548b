import * as v from 'valibot';

/** A known advisory that does not touch us, and until when that was thought through. */
export interface AuditException {
  /** The advisory's ID, as its address ends: `GHSA-…`. */
  readonly advisory: string;
  /** Why it does not touch us. */
  readonly reason: string;
  /** The last day (UTC, `2027-01-31`) it counts; then it is looked at again. */
  readonly expires: string;
}

/** What an audit came to. Only `clean` has passed. */
export type AuditVerdict =
  | { readonly kind: 'clean'; readonly excepted: readonly string[] }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }
  | { readonly kind: 'unanswered'; readonly reason: string };

const Advisory = v.object({
  name: v.string(),
  title: v.string(),
  url: v.string(),
  severity: v.string(),
  range: v.string(),
});

const Report = v.object({
  auditReportVersion: v.literal(2),
  vulnerabilities: v.record(v.string(), v.object({ via: v.array(v.union([v.string(), Advisory])) })),
});

const Refusal = v.object({ message: v.string() });

/**
 * Judges what `npm audit --json` wrote. An advisory passes only by an exception that has not expired on `today`
 * (UTC, `2027-01-31`); an exception that nothing needs is a problem too, so that the list stays true. Never throws.
 */
export function judgeAudit(output: string, exceptions: readonly AuditException[], today: string): AuditVerdict {
  const json = readJson(output);
  const report = v.safeParse(Report, json);
  if (!report.success) {
    const refusal = v.safeParse(Refusal, json);
    return { kind: 'unanswered', reason: refusal.success ? refusal.output.message : 'Its answer could not be read.' };
  }

  const problems = new Set<string>();
  const met = new Set<string>();
  for (const { via } of Object.values(report.output.vulnerabilities)) {
    for (const advisory of via) {
      // A name points to another entry, which has the advisory itself.
      if (typeof advisory === 'string') continue;
      const id = advisory.url.slice(advisory.url.lastIndexOf('/') + 1);
      met.add(id);
      const exception = exceptions.find((known) => known.advisory === id);
      const about = `${advisory.name} ${advisory.range}: ${advisory.title} (${advisory.severity}, ${advisory.url})`;
      if (!exception) problems.add(about);
      else if (exception.expires < today) problems.add(`${about}; its exception expired on ${exception.expires}`);
    }
  }
  if (met.size === 0 && Object.keys(report.output.vulnerabilities).length > 0)
    return { kind: 'unanswered', reason: 'Its answer names packages without an advisory.' };
  for (const { advisory } of exceptions) {
    if (!met.has(advisory)) problems.add(`the exception for ${advisory} is no longer needed: remove it`);
  }
  return problems.size > 0 ? { kind: 'problems', problems: [...problems] } : { kind: 'clean', excepted: [...met] };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is an answer that can't be read, like JSON of another shape.
    return undefined;
  }
}
