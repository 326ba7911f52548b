import { vi } from 'vitest';

// The engine's own tests, every one of them as it is, with a backend that keeps neither keys nor versions in the service's place.
vi.mock('../../support/fake-service', async (original) => ({
  ...(await original<typeof import('../../support/fake-service')>()),
  createFakeService: (await import('../../support/fake-ledger')).createFakeLedger,
}));

await import('./engine.test');
