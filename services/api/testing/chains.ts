import { parseYaml } from '@countersign/runtime/yaml';
import type { ChainsConfig } from '../src/config/chains.ts';
import { chainsSchema } from '../src/config/chains-schema.ts';

export const TREASURY = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
export const CHANNEL = 'GDQP2KPQGKIHYJGXNUIYOMHARUARCA7DJT5FO2FFOOKY3B2WSQHG4W37';
export const EVM_TREASURY = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

/** Pays by contract calls too. */
export const SOROBAN_TREASURY = 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q';
export const ISSUER = 'GC457CLNAUSJLWOHGRUD3VLBXKGOM3JJKKGMXPRJNR6BAJB5K3PXYX3Z';
export const TOKEN_CONTRACT = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
export const EVM_TOKEN = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

export const STELLAR_ASSET = 'stellar:standalone/slip44:148';
export const ISSUED_ASSET = `stellar:standalone/asset:USDC-${ISSUER}`;
/** Six decimals. */
export const TOKEN_ASSET = `stellar:standalone/sep41:${TOKEN_CONTRACT}`;
export const EVM_ASSET = 'eip155:31337/slip44:60';
/** Two decimals. */
export const ERC20_ASSET = `eip155:31337/erc20:${EVM_TOKEN}`;

export const CHAINS_YAML = `
chains:
  - chain: stellar:standalone
    network_passphrase: Standalone Network ; February 2017
    rpc_url: http://127.0.0.1:8000
    assets:
      - { asset: '${ISSUED_ASSET}' }
      - { asset: '${TOKEN_ASSET}', decimals: 6 }
    treasuries:
      - key: treasury-stellar
        account: ${TREASURY}
        channels: [${CHANNEL}]
        inclusion_fee: '100'
        max_inclusion_fee: '10000'
        lifetime_seconds: 120
      - key: treasury-soroban
        account: ${SOROBAN_TREASURY}
        channels: [GC7G7QL6G2RXKXUCD3QI2U3ANSOYIB4MEGVSX7W3EDFPBYBP7J2YBN6M]
        inclusion_fee: '100'
        max_inclusion_fee: '10000'
        lifetime_seconds: 120
        soroban: { authorization_ledgers: 120, max_resource_fee: '5000000' }
  - chain: eip155:31337
    rpc_url: http://127.0.0.1:8545
    finality: finalized
    assets: [{ asset: '${ERC20_ASSET}', decimals: 2 }]
    treasuries:
      - key: treasury-evm
        address: '${EVM_TREASURY}'
        max_fee_per_gas: '500000000000'
        replace_after_seconds: 30
      - key: treasury-evm-2
        address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
        max_fee_per_gas: '500000000000'
        replace_after_seconds: 30
`;

export const CHAINS: ChainsConfig = parseYaml(CHAINS_YAML, chainsSchema, 'CHAINS_FILE');
