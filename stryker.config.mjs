// `npm run mutation`: changes the code that decides over money, one place at a time, and sees whether a test notices.
// `npm run mutation -- --mutate packages/chains/src/evm/erc20.ts` does one file. Sources are changed where they stand (`inPlace`)
// and put back at the end: a copy would not resolve the packages of this workspace. After a run that was killed, `git checkout` does it.
import { dirname } from 'node:path';

// Code is to be held by the tests beside it: a run over chosen files leaves out those of other folders, and is done the sooner.
const [, chosen] = /--mutate[= ](\S+)/.exec(process.argv.join(' ')) ?? [];
if (chosen !== undefined) process.env['MUTATION_TESTS'] = dirname(chosen.split(',')[0] ?? '');

export default {
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'tools/jest-mutation.config.mjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  inPlace: true,
  concurrency: 1,
  // A busy machine is no infinite loop.
  timeoutMS: 60_000,
  mutate: [
    'packages/chains/src/{check,amount,caip,chain,destination,id,transfer}.ts',
    'packages/chains/src/evm/{address,attach,decode,erc20,rlp}.ts',
    'packages/chains/src/stellar/{account,address,asset,attach,authorization,authorization-signature}.ts',
    'packages/chains/src/stellar/{contract,decode,envelope,footprint,invocation,lane,memo,operation}.ts',
    'packages/chains/src/stellar/{resources,sc-address,token}.ts',
    'packages/policy/src/{decide,decide-payouts,decide-soroban,decide-stellar,footprint,match,match-authorization,operation-transfer}.ts',
    'services/signer/src/signing/{decode,match}.ts',
    'services/signer/src/reservation/{bind,book,charge,demand-same,envelope-count,fee-slot,in-force,lane}.ts',
    'services/signer/src/reservation/{nonce-window,remaining,reserve}.ts',
  ],
  // Messages may change at any time: codes and fields are what is held to.
  mutator: { excludedMutations: ['StringLiteral'] },
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: 'coverage/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: '.stryker-tmp',
  disableTypeChecks: false,
  thresholds: { high: 95, low: 90, break: 90 },
};
