import { parseYaml } from '@countersign/runtime/yaml';
import type { ChainsConfig } from '../src/config/chains.ts';
import { chainsSchema } from '../src/config/chains-schema.ts';

export const TREASURY = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
export const CHANNEL = 'GDQP2KPQGKIHYJGXNUIYOMHARUARCA7DJT5FO2FFOOKY3B2WSQHG4W37';
export const EVM_TREASURY = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

export const STELLAR_ASSET = 'stellar:standalone/slip44:148';
export const EVM_ASSET = 'eip155:31337/slip44:60';

export const CHAINS_YAML = `
chains:
  - chain: stellar:standalone
    network_passphrase: Standalone Network ; February 2017
    rpc_url: http://127.0.0.1:8000
    treasuries:
      - key: treasury-stellar
        account: ${TREASURY}
        channels: [${CHANNEL}]
        inclusion_fee: '100'
        max_inclusion_fee: '10000'
        lifetime_seconds: 120
  - chain: eip155:31337
    rpc_url: http://127.0.0.1:8545
    finality: finalized
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
