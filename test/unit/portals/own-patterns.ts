/** Own patterns, each with addresses and the subscription ID they show by it (null: none). */
export const OWN_PATTERNS: readonly {
  readonly pattern: string;
  readonly origin: string;
  readonly shows: readonly (readonly [address: string, subscriptionId: string | null])[];
}[] = [
  {
    pattern: 'https://billing.example.com/subscriptions/:subscriptionId',
    origin: 'https://billing.example.com',
    shows: [
      ['https://billing.example.com/subscriptions/SUB-001', 'sub-001'],
      ['https://billing.example.com/subscriptions/sub-001?tab=usage#top', 'sub-001'],
      ['https://billing.example.com/subscriptions/a%20b%2Fc%C3%BC', 'a b/cü'],
      [`https://billing.example.com/subscriptions/${'x'.repeat(128)}`, 'x'.repeat(128)],
      [`https://billing.example.com/subscriptions/${'x'.repeat(129)}`, null],
      ['https://billing.example.com/subscriptions/', null],
      ['https://billing.example.com/subscriptions/%20', null],
      ['https://billing.example.com/subscriptions/%zz', null],
      ['https://billing.example.com/subscriptions/%ff', null],
      ['https://billing.example.com/subscriptions', null],
      ['https://billing.example.com/subscriptions/sub-001/invoices', null],
      ['https://billing.example.com/Subscriptions/sub-001', null],
      ['https://billing.example.com:8443/subscriptions/sub-001', null],
      ['http://billing.example.com/subscriptions/sub-001', null],
      ['https://billing.example.com.example.net/subscriptions/sub-001', null],
      ['https://billingxexample.com/subscriptions/sub-001', null],
      ['https://user@billing.example.com/subscriptions/sub-001', null],
      ['https://billing.example.com@example.net/subscriptions/sub-001', null],
    ],
  },
  {
    pattern: 'https://billing.example.com:8443/s/:subscriptionId',
    origin: 'https://billing.example.com:8443',
    shows: [
      ['https://billing.example.com:8443/s/7?x#y', '7'],
      ['https://billing.example.com/s/7', null],
    ],
  },
  {
    pattern: 'https://billing.example.com:443/s/:subscriptionId',
    origin: 'https://billing.example.com',
    shows: [['https://billing.example.com/s/7', '7']],
  },
  {
    pattern: 'http://localhost:5173/#/subscriptions/:subscriptionId',
    origin: 'http://localhost:5173',
    shows: [
      ['http://localhost:5173/#/subscriptions/sub-001', 'sub-001'],
      ['http://localhost:5173/#/subscriptions/sub%2F001', 'sub/001'],
      ['http://localhost:5173/#/subscriptions/sub-001?tab=usage', 'sub-001'],
      ['http://localhost:5173/#/subscriptions/sub-001/invoices', null],
      ['http://localhost:5173/#/subscriptions/', null],
      ['http://localhost:5173/?x=1#/subscriptions/sub-001', null],
      ['http://localhost:5174/#/subscriptions/sub-001', null],
      ['http://localhost/#/subscriptions/sub-001', null],
      ['https://localhost:5173/#/subscriptions/sub-001', null],
    ],
  },
  {
    pattern: 'http://127.0.0.1:8080/*\\?*#/s/:subscriptionId',
    origin: 'http://127.0.0.1:8080',
    shows: [
      ['http://127.0.0.1:8080/app/?x=1#/s/sub-001', 'sub-001'],
      ['http://127.0.0.1:8080/#/s/sub-001', 'sub-001'],
      ['http://localhost:8080/#/s/sub-001', null],
    ],
  },
  {
    pattern: 'https://b.example/x?id=:subscriptionId',
    origin: 'https://b.example',
    shows: [
      ['https://b.example/x?id=sub-001', 'sub-001'],
      ['https://b.example/x?id=sub-001&tab=usage#top', 'sub-001'],
      ['https://b.example/x?id=a/b', 'a/b'],
      ['https://b.example/x?id=a%26b', 'a&b'],
      ['https://b.example/x?id=', null],
      ['https://b.example/x?id=&tab=usage', null],
      ['https://b.example/x?tab=usage&id=sub-001', null],
      ['https://b.example/x/?id=sub-001', null],
    ],
  },
  {
    pattern: 'https://bücher.example/kunden/*/:subscriptionId(\\d+)',
    origin: 'https://xn--bcher-kva.example',
    shows: [
      ['https://xn--bcher-kva.example/kunden/7/123', '123'],
      ['https://bücher.example/kunden/7/123', '123'],
      ['https://bücher.example/kunden/7/abc', null],
    ],
  },
  {
    pattern: 'https://b.example/s/{:subscriptionId}?',
    origin: 'https://b.example',
    shows: [
      ['https://b.example/s/sub-001', 'sub-001'],
      ['https://b.example/s/', null],
    ],
  },
];

/** Texts that are no own portal, by what is wrong with them. */
export const BAD_PATTERNS: readonly (readonly [text: string, problem: string])[] = [
  ['', 'notAPattern'],
  ['*', 'notAPattern'],
  ['billing.example.com', 'notAPattern'],
  ['/subscriptions/:subscriptionId', 'notAPattern'],
  ['https://b.example/(', 'notAPattern'],
  ['https://b.example/:subscriptionId/:subscriptionId', 'notAPattern'],
  ['https://exa mple.com/:subscriptionId', 'notAPattern'],
  ['http://billing.example.com/:subscriptionId', 'notHttps'],
  ['http://localhost.example.com/:subscriptionId', 'notHttps'],
  ['http://*/:subscriptionId', 'notHttps'],
  ['http{s}?://b.example/:subscriptionId', 'notHttps'],
  ['*://b.example/:subscriptionId', 'notHttps'],
  ['ftp://b.example/:subscriptionId', 'notHttps'],
  ['data\\:text/:subscriptionId', 'notHttps'],
  ['https://*/:subscriptionId', 'hostNotLiteral'],
  ['https://*.example.com/:subscriptionId', 'hostNotLiteral'],
  ['https://{www.}?example.com/:subscriptionId', 'hostNotLiteral'],
  ['https://:subscriptionId.example.com/', 'hostNotLiteral'],
  ['https://(b|c).example/:subscriptionId', 'hostNotLiteral'],
  ['https://b.example:*/:subscriptionId', 'hostNotLiteral'],
  ['https://b.example:(8443)/:subscriptionId', 'hostNotLiteral'],
  ['https://user@b.example/:subscriptionId', 'hostNotLiteral'],
  ['https://user:secret@b.example/:subscriptionId', 'hostNotLiteral'],
  ['https://b.example/', 'noSubscriptionIdGroup'],
  ['https://b.example/subscriptions/*', 'noSubscriptionIdGroup'],
  ['https://b.example/:id', 'noSubscriptionIdGroup'],
  ['https://b.example/:subscriptionIdent', 'noSubscriptionIdGroup'],
  ['https://b.example/:subscriptionid', 'noSubscriptionIdGroup'],
  ['https://b.example/\\:subscriptionId', 'noSubscriptionIdGroup'],
  ['https://b.example/:subscriptionId#:subscriptionId', 'severalSubscriptionIdGroups'],
];
