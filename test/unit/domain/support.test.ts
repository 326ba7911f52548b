import { describe, expect, test } from 'vitest';
import { supportLink, supportMayHelp } from '../../../src/domain/support';

describe('Whom to ask', () => {
  test.each([
    ['help@contoso.example', 'mailto:help@contoso.example'],
    ['por.desk+de@it.contoso.example', 'mailto:por.desk+de@it.contoso.example'],
    ['https://help.contoso.example/por?from=helper', 'https://help.contoso.example/por?from=helper'],
    ['HTTPS://HELP.contoso.example', 'https://help.contoso.example/'],
  ])('is a link where it is an address alone: %s', (support, link) => {
    expect(supportLink(support)).toBe(link);
  });

  test.each([
    'Ask the service desk, extension 4711',
    'Mail help@contoso.example',
    'help@contoso.example?bcc=somebody@else.example',
    'help@contoso.example,somebody@else.example',
    'help@contoso.example\nbcc: somebody@else.example',
    'help@localhost',
    'http://help.contoso.example',
    'javascript:alert(1)',
    'https://',
    'https://contoso.example@else.example/',
    'https://help.contoso.example/ or extension 4711',
    'https://help.contoso.ex\u0430mple/',
    'mailto:help@contoso.example',
  ])('is words where it is anything else: %s', (support) => {
    expect(supportLink(support)).toBeNull();
  });

  test('is told where an answer was cut short, and not where the network gave none', () => {
    expect(supportMayHelp({ reason: 'noAnswer' })).toBe(false);
    expect(supportMayHelp({ reason: 'noAnswer', status: 200, detail: { code: 'cutShort' } })).toBe(true);
  });
});
