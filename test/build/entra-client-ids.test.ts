import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from 'vite';
import { entraClientIds } from '../../scripts/entra-client-ids';

const [OURS, OTHER] = ['0a000000-0000-4000-8000-00000000000a', '0b000000-0000-4000-8000-00000000000b'];

describe('the applications that a build signs in with', () => {
  test('are those that its environment names, by cloud', () => {
    expect(entraClientIds({})).toEqual({});
    expect(entraClientIds({ ENTRA_CLIENT_ID: '', AZURE_CLIENT_ID: OTHER })).toEqual({});
    expect(entraClientIds({ ENTRA_CLIENT_ID: ` ${OURS.toUpperCase()} `, ENTRA_CLIENT_ID_CHINA: OTHER })).toEqual({
      public: OURS,
      china: OTHER,
    });
    expect(entraClientIds({ ENTRA_CLIENT_ID_US_GOVERNMENT: OURS })).toEqual({ usGovernment: OURS });
  });

  test.each(['helper', `${OURS}0`, '{}'])('cannot be “%s”: nothing is built', (said) => {
    expect(() => entraClientIds({ ENTRA_CLIENT_ID_CHINA: said })).toThrow(
      `ENTRA_CLIENT_ID_CHINA is no application (client) ID, which is a GUID: ${said}`,
    );
  });

  describe('where the environment names one', () => {
    let folder: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'built-in-'));
      process.env['ENTRA_CLIENT_ID'] = OURS;
      try {
        await build({ mode: 'chromium', logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
      } finally {
        delete process.env['ENTRA_CLIENT_ID'];
      }
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test('are in what is built', () => {
      const scripts = readdirSync(folder).filter((file) => file.endsWith('.js'));
      expect(scripts.some((file) => readFileSync(join(folder, file), 'utf8').includes(OURS))).toBe(true);
    });
  });
});
