import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const compose = v.parse(
  v.object({
    services: v.object({
      service: v.object({
        environment: v.object({ TRUST_PROXY: v.string() }),
        ports: v.array(v.string()),
        networks: v.optional(v.unknown()),
      }),
    }),
    networks: v.object({
      default: v.object({
        ipam: v.object({ config: v.tuple([v.object({ subnet: v.string(), gateway: v.string() })]) }),
      }),
    }),
  }),
  parse(readFileSync(join(import.meta.dirname, '../../../server/compose.yaml'), 'utf8')),
);
const { service } = compose.services;
const [{ subnet, gateway }] = compose.networks.default.ipam.config;

describe('the service in containers', () => {
  test('believes one address: that from which the proxy on the machine comes, the gateway of its only network', () => {
    expect(isIP(service.environment.TRUST_PROXY)).not.toBe(0);
    expect(service.environment.TRUST_PROXY).toBe(gateway);
    expect(service.networks).toBeUndefined();
  });

  test('has a network whose addresses are fixed, and its gateway among them', () => {
    const [network = '', bits = ''] = subnet.split('/');
    const addresses = new BlockList();
    addresses.addSubnet(network, Number(bits));
    expect(addresses.check(gateway)).toBe(true);
  });

  test('is reached through this machine alone, so that nobody goes round the proxy', () => {
    expect(service.ports).toEqual(['127.0.0.1:8787:8787']);
  });
});
