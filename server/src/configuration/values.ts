import * as v from 'valibot';
import { LONGEST_SUPPORT } from '../../../src/domain/support';

/** A whole number in a variable, within bounds. */
export const wholeNumber = (variable: string, least: number, most: number) => {
  const problem = ({ received }: { received: string }) =>
    `${variable} is ${received}, but must be a number from ${least} to ${most}.`;
  return v.pipe(
    v.string(),
    v.regex(/^[0-9]{1,7}$/, problem),
    v.transform(Number),
    v.minValue(least, problem),
    v.maxValue(most, problem),
  );
};

/** A text that people read, in one line. */
export const line = (variable: string, longest: number, what: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\P{Cc}+$/u, `${variable} must be one line: ${what}.`),
    v.maxLength(longest, `${variable} is longer than ${longest} characters.`),
  );

const WHOM_TO_ASK = 'a mail address, an https address, or a few words on whom to ask';

/** Whom people can ask. */
export const contact = (variable: string) => line(variable, LONGEST_SUPPORT, WHOM_TO_ASK);

/** Texts with a comma between two; each must pass the test. */
export const list = (variable: string, test: (item: string) => boolean, what: string) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map((item) => item.trim())),
    v.check(
      (items) => items.every(test),
      ({ input }) => `${variable} has ${input.find((item) => !test(item))}, which is not ${what}.`,
    ),
  );
