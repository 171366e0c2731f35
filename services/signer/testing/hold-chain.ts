// A process that takes an audit chain, says so, and keeps it: node hold-chain.ts <database url> <chain>
import { createPool } from '@countersign/runtime/postgres';
import { openAuditChain } from '../src/audit/chain-lease.ts';

const [url = '', chain = ''] = process.argv.slice(2);
await openAuditChain(createPool({ url }), chain);
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
