import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAssetId } from '@countersign/chains/caip';
import { assetContract } from '@countersign/chains/stellar/contract';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CHAINS,
  CHAINS_YAML,
  CHANNEL,
  ERC20_ASSET,
  EVM_TREASURY,
  ISSUED_ASSET,
  ISSUER,
  TOKEN_ASSET,
  TREASURY,
} from '../../testing/chains.ts';
import { envToCfg } from './config.ts';
import { readDatabaseEnv, readEnv } from './env.ts';

describe('the configuration', () => {
  let directory: string;
  const file = (name: string) => join(directory, name);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-config-'));
    await writeFile(file('chains.yaml'), CHAINS_YAML);
    await writeFile(file('pem'), '');
  });
  afterAll(() => rm(directory, { recursive: true }));

  const env = (): Record<string, string> => ({
    DATABASE_URL: 'postgres://api:hunter2@localhost/api',
    API_PORT: '8080',
    SIGNER_ADDRESS: '127.0.0.1:9000',
    SIGNER_TLS_CA_FILE: file('pem'),
    SIGNER_TLS_CERT_FILE: file('pem'),
    SIGNER_TLS_KEY_FILE: file('pem'),
    SIGNER_SPIFFE_ID: 'spiffe://countersign.dev/signer',
    CHAINS_FILE: file('chains.yaml'),
  });

  const refusalOf = (changes: Record<string, string>): string => {
    try {
      envToCfg(readEnv({ ...env(), ...changes }));
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    return 'accepted';
  };

  test('is read whole, with what is left out', () => {
    expect(envToCfg(readEnv({ ...env(), PATH: '/bin' }))).toEqual({
      databaseUrl: 'postgres://api:hunter2@localhost/api',
      http: { host: '127.0.0.1', port: 8080 },
      observability: { host: '127.0.0.1', port: 9465 },
      signer: {
        address: '127.0.0.1:9000',
        serverSpiffeId: 'spiffe://countersign.dev/signer',
        tls: { caFile: file('pem'), certFile: file('pem'), keyFile: file('pem') },
      },
      chains: CHAINS,
      logLevel: 'info',
    });
  });

  test('is frozen through and through', () => {
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(envToCfg(readEnv(env())))).toBe(true);
  });

  test.each(
    Object.entries({
      DATABASE_URL: 'mysql://hunter2',
      API_PORT: '65536',
      SIGNER_ADDRESS: 'https://hunter2/',
      SIGNER_TLS_CA_FILE: '/hunter2',
      SIGNER_TLS_CERT_FILE: '/hunter2',
      SIGNER_TLS_KEY_FILE: '/hunter2',
      SIGNER_SPIFFE_ID: 'hunter2',
      CHAINS_FILE: '/hunter2',
      LOG_LEVEL: 'hunter2',
    }),
  )('refuses a wrong %s by its name, without the value', (name, value) => {
    expect(refusalOf({ [name]: value })).toMatch(new RegExp(`^ConfigError: ${name}: (?!.*hunter2)`));
  });

  test.each(['DATABASE_URL', 'API_PORT', 'SIGNER_ADDRESS', 'CHAINS_FILE'])('refuses a missing %s', (name) => {
    expect(refusalOf({ [name]: '' })).toMatch(new RegExp(`^ConfigError: ${name}: `));
  });

  test('names everything that is wrong with the variables at once', () => {
    const refusal = refusalOf({ DATABASE_URL: '', API_PORT: 'x', SIGNER_ADDRESS: '' });
    for (const name of ['DATABASE_URL', 'API_PORT', 'SIGNER_ADDRESS']) expect(refusal).toContain(name);
  });

  test('of a command on the database is its URL alone', () => {
    expect(readDatabaseEnv({ DATABASE_URL: 'postgres://a' })).toEqual({ DATABASE_URL: 'postgres://a' });
    expect(() => readDatabaseEnv({})).toThrow('DATABASE_URL');
  });

  const OTHER_CHANNEL = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';

  test.each<[mistake: string, from: string, to: string, named: string]>([
    ['an unknown word', 'rpc_url: http://127.0.0.1:8000', 'rpc: x', 'CHAINS_FILE:5: chains.0.rpc: unknown word'],
    [
      'a chain of no known kind',
      'chain: eip155:31337',
      'chain: solana:1',
      'chains.1.chain: expected stellar:… or eip155:…',
    ],
    ['a chain id of zero', 'chain: eip155:31337', 'chain: eip155:0', 'chains.1.chain: expected eip155:<chain id>'],
    ['a chain id beyond all', 'chain: eip155:31337', 'chain: eip155:18446744073709551616', 'chains.1.chain'],
    ['a passphrase of another network', '; February 2017', '; March 2017', 'chains.0.chain: expected stellar:'],
    ['a URL of another kind', 'http://127.0.0.1:8545', 'ftp://hunter2@x', 'chains.1.rpc_url: expected an http'],
    ['no URL', 'http://127.0.0.1:8545', 'hunter2', 'chains.1.rpc_url: expected an http'],
    ['an account with a wrong checksum', TREASURY, `${TREASURY.slice(0, -1)}A`, 'chains.0.treasuries.0.account'],
    [
      'a channel that is no account',
      CHANNEL,
      'hunter2',
      'chains.0.treasuries.0.channels.0: expected a Stellar account',
    ],
    ['no channel', `[${CHANNEL}]`, '[]', 'chains.0.treasuries.0.channels'],
    [
      'an address with a wrong checksum',
      EVM_TREASURY,
      EVM_TREASURY.replace('F', 'f'),
      'chains.1.treasuries.0.address: expected an EVM address',
    ],
    [
      'money without quotes',
      "inclusion_fee: '100'",
      'inclusion_fee: 100',
      'chains.0.treasuries.0.inclusion_fee: expected a quoted decimal integer',
    ],
    ['a negative fee', "inclusion_fee: '100'", "inclusion_fee: '-1'", 'chains.0.treasuries.0.inclusion_fee'],
    [
      'a ceiling below the fee',
      "max_inclusion_fee: '10000'",
      "max_inclusion_fee: '99'",
      'max_inclusion_fee: expected at least inclusion_fee',
    ],
    [
      'a life beyond five minutes',
      'lifetime_seconds: 120',
      'lifetime_seconds: 301',
      'chains.0.treasuries.0.lifetime_seconds',
    ],
    [
      'a life below a minute',
      'lifetime_seconds: 120',
      'lifetime_seconds: 59',
      'chains.0.treasuries.0.lifetime_seconds',
    ],
    [
      'a finality of no kind',
      'finality: finalized',
      'finality: latest',
      'chains.1.finality: expected finalized or a number',
    ],
    ['a key id with a space', 'key: treasury-evm\n', 'key: treasury evm\n', 'chains.1.treasuries.0.key'],
    ['a key twice', 'key: treasury-evm-2', 'key: treasury-evm', 'chains.1.treasuries.1.key: the key is there twice'],
    ['an account as its own channel', CHANNEL, TREASURY, 'chains.0.treasuries.0.channels.0: the account is used twice'],
    [
      'a channel twice',
      `[${CHANNEL}]`,
      `[${OTHER_CHANNEL}, ${OTHER_CHANNEL}]`,
      'channels.1: the account is used twice',
    ],
    [
      'an address twice',
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
      EVM_TREASURY,
      'chains.1.treasuries.1: the account is used twice',
    ],
    ['nothing', CHAINS_YAML, 'chains: []', 'CHAINS_FILE:1: chains'],
    [
      'an asset that is none',
      ISSUED_ASSET,
      'USDC',
      'chains.0.assets.0.asset: expected a CAIP-19 id of an asset on stellar',
    ],
    ['an asset of another chain', ISSUED_ASSET, ERC20_ASSET, 'chains.0.assets.0.asset: expected a CAIP-19 id'],
    [
      'an asset twice',
      `${TOKEN_ASSET}', decimals: 6`,
      ISSUED_ASSET.concat(`'`),
      'chains.0.assets.1.asset: the asset is there twice',
    ],
    [
      'the native asset beside itself',
      ISSUED_ASSET,
      'stellar:standalone/slip44:148',
      'chains.0.assets.0.asset: the asset is there twice',
    ],
    ['a token without decimals', ', decimals: 6', '', 'chains.0.assets.1.decimals: expected the number of decimals'],
    ['a fraction of a decimal', 'decimals: 6', 'decimals: 6.5', 'chains.0.assets.1.decimals'],
    ['more decimals than any integer has', 'decimals: 6', 'decimals: 78', 'chains.0.assets.1.decimals'],
    [
      'decimals of an issued asset',
      `${ISSUED_ASSET}'`,
      `${ISSUED_ASSET}', decimals: 7`,
      'chains.0.assets.0.decimals: the network fixes them',
    ],
    [
      'an asset that a treasury issues',
      ISSUER,
      TREASURY,
      'chains.0.assets.0.asset: its issuer is a treasury: a payout would mint it',
    ],
    [
      'a token that is the contract of an issued asset',
      TOKEN_ASSET,
      `stellar:standalone/sep41:${assetContract('Standalone Network ; February 2017', parseAssetId(ISSUED_ASSET).id)}`,
      'chains.0.assets.1.asset: the contract stands for a classic asset',
    ],
    [
      'a token that nobody pays',
      "        soroban: { authorization_ledgers: 120, max_resource_fee: '5000000' }\n",
      '',
      'chains.0.assets.1.asset: a token contract, but no treasury of the chain has soroban',
    ],
    [
      'an authorization that outlives its use',
      'authorization_ledgers: 120',
      'authorization_ledgers: 1001',
      'chains.0.treasuries.1.soroban.authorization_ledgers',
    ],
    [
      'a resource fee without quotes',
      "max_resource_fee: '5000000'",
      'max_resource_fee: 5000000',
      'chains.0.treasuries.1.soroban.max_resource_fee: expected a quoted decimal integer',
    ],
  ])('refuses a CHAINS_FILE with %s, by line and field', async (_mistake, from, to, named) => {
    expect(CHAINS_YAML).toContain(from);
    await writeFile(file('other.yaml'), CHAINS_YAML.replace(from, to));
    const refusal = refusalOf({ CHAINS_FILE: file('other.yaml') });
    expect(refusal).toMatch(/^ConfigError: CHAINS_FILE:\d+: /);
    expect(refusal).toContain(named);
    expect(refusal).not.toContain('hunter2');
  });

  test('refuses a chain twice', async () => {
    const evm = CHAINS_YAML.slice(CHAINS_YAML.indexOf('  - chain: eip155'));
    await writeFile(file('other.yaml'), CHAINS_YAML + evm.trimEnd());
    expect(refusalOf({ CHAINS_FILE: file('other.yaml') })).toContain('chains.2.chain: the chain is there twice');
  });

  test('lists the assets of a chain, its own coin first, each with its decimals', () => {
    const assets = CHAINS.chains.map((chain) => chain.assets.map(({ kind, id, decimals }) => [kind, id, decimals]));
    expect(assets).toEqual([
      [
        ['native', 'stellar:standalone/slip44:148', 7],
        ['issued', ISSUED_ASSET, 7],
        ['sep41', TOKEN_ASSET, 6],
      ],
      [
        ['native', 'eip155:31337/slip44:60', 18],
        ['erc20', ERC20_ASSET, 2],
      ],
    ]);
  });

  test('spells an ERC-20 token in one way, and takes a chain without any', async () => {
    const lower = CHAINS_YAML.replace(ERC20_ASSET, ERC20_ASSET.toLowerCase());
    await writeFile(file('other.yaml'), lower.replace(/ {4}assets:\n.*\n.*\n/, ''));
    const { chains } = envToCfg(readEnv({ ...env(), CHAINS_FILE: file('other.yaml') })).chains;
    expect(chains.map(({ assets }) => assets.map(({ id }) => id))).toEqual([
      ['stellar:standalone/slip44:148'],
      ['eip155:31337/slip44:60', ERC20_ASSET],
    ]);
  });

  test('takes a depth in blocks as finality', async () => {
    await writeFile(file('other.yaml'), CHAINS_YAML.replace('finality: finalized', 'finality: 12'));
    const { chains } = envToCfg(readEnv({ ...env(), CHAINS_FILE: file('other.yaml') })).chains;
    expect(chains[1]).toMatchObject({ finality: 12 });
  });
});
