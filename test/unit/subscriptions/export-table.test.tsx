import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { strFromU8, unzipSync } from 'fflate';
import { type ExportedSubscription, exportSubscriptions } from '../../../src/subscriptions/export';
import { ExportTable } from '../../../src/ui/export-table';
import type { ExportFormat } from '../../../src/ui/table-file';
import { CONTOSO } from '../../support/partners';
import { state } from '../../support/records';
import { press, says } from '../../support/screen';
import { SUBSCRIPTION_ID } from '../../support/targets';

// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const ROW: ExportedSubscription = { subscriptionId: SUBSCRIPTION_ID, connection: null, state: state(CONTOSO) };
let saved: { readonly name: string; readonly blob: Blob }[];

beforeEach(() => {
  saved = [];
  const blobs = new Map<string, Blob>();
  // jsdom has no addresses of blobs, and follows no link (29.1).
  URL.createObjectURL = (blob: Blob) => {
    blobs.set(`blob:${blobs.size}`, blob);
    return `blob:${blobs.size - 1}`;
  };
  URL.revokeObjectURL = () => undefined;
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    const blob = blobs.get(this.href);
    if (blob !== undefined) saved.push({ name: this.download, blob });
  });
});
afterEach(() => {
  render(null, document.body);
  vi.restoreAllMocks();
});

const writing = (rows: readonly ExportedSubscription[]) => (format: ExportFormat, signal: AbortSignal) =>
  exportSubscriptions(rows, format, Date.now(), signal);
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

it('hands over what the table shows as CSV', async () => {
  render(<ExportTable write={writing([ROW])} />, document.body);
  await press('Export CSV');
  await says(/Saved to subscriptions-\d{4}-\d{2}-\d{2}\.csv\./);
  const [{ blob } = {}] = saved;
  const text = blob && new TextDecoder().decode(await bytesOf(blob));
  expect(text).toContain(`${SUBSCRIPTION_ID},Production,1234567,Contoso,2026-01-02`);
});

it('hands over what the table shows as a workbook', async () => {
  render(<ExportTable write={writing([ROW])} />, document.body);
  await press('Export Excel');
  await says(/Saved to subscriptions-\d{4}-\d{2}-\d{2}\.xlsx\./);
  const [{ blob } = {}] = saved;
  const sheet = blob && unzipSync(await bytesOf(blob))['xl/worksheets/sheet1.xml'];
  expect(sheet && strFromU8(sheet)).toContain('Contoso');
});

it('says how many rows a workbook holds where there are more', async () => {
  const many = Array.from({ length: 100_001 }, () => ROW);
  render(<ExportTable write={writing(many)} />, document.body);
  await press('Export Excel');
  await says('Excel files hold up to 100,000 rows here.');
  expect(saved).toEqual([]);
});
