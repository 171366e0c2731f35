import { join } from 'node:path';
import { createDevPki } from '../pki/pki.ts';
import { type Postgres, startPostgres } from '../postgres/start-postgres.ts';
import { anvilSpec, setUpEvm } from './anvil.ts';
import { writeAuditFiles } from './audit-files.ts';
import { chainsDocument, keysDocument, policyDocument, toYaml } from './configuration.ts';
import { createCustodyFlag } from './custody-flag.ts';
import { setUpEvmToken } from './evm-token.ts';
import { generateKeys } from './keys.ts';
import { prepareKms } from './kms.ts';
import { choosePorts, type ProgramName, type StackOptions } from './options.ts';
import { createProgram, type Program, type ProgramHost, type ProgramSpec } from './program.ts';
import { generateRecipients } from './recipients.ts';
import { replaceFile } from './replace-file.ts';
import { apiSpec, mintApiKey, signerSpec } from './services.ts';
import type { StackParts } from './stack-parts.ts';
import { stellarSpec } from './stellar.ts';
import { setUpStellarAssets } from './stellar-assets.ts';
import { setUpStellar } from './stellar-setup.ts';
import { urlsOf } from './urls.ts';

const LEGACY = { 'treasury-stellar': 'legacy', 'treasury-evm': 'legacy' } as const;

/** Starts everything, whatever can at the same time. Programs are in the map before they run. */
export function bringUp(
  dir: string,
  host: ProgramHost,
  programs: Map<ProgramName, Program>,
  options: StackOptions,
): { readonly postgres: Promise<Postgres<'api' | 'signer'>>; readonly ready: Promise<StackParts> } {
  const progress = options.onProgress ?? (() => undefined);
  const postgres = startPostgres({ databases: ['api', 'signer'] });
  // Its failure may come before anybody waits for it; `ready` tells it.
  postgres.catch(() => undefined);

  async function run(name: ProgramName, spec: ProgramSpec): Promise<void> {
    const program = createProgram(spec, host);
    programs.set(name, program);
    await program.start(options.env?.[name]);
    progress(`${name} ready`);
  }

  async function ready(): Promise<StackParts> {
    const keys = generateKeys(options.channels ?? 4);
    const recipients = generateRecipients(options.recipients ?? 3);
    const ports = await choosePorts(options.ports);
    const urls = urlsOf(ports);
    const signerAddress = `127.0.0.1:${ports.signer}`;
    const at = (name: string) => join(dir, `${name}.yaml`);
    const files = { keys: at('keys'), policy: at('policy'), flags: at('flags'), chains: at('chains') };
    const [pki, kms, flag, audit] = await Promise.all([
      createDevPki(join(dir, 'pki')),
      prepareKms(dir, ports.kms, urls.kms, keys),
      createCustodyFlag(files.flags, urls.signerMetrics, options.paths ?? LEGACY),
      writeAuditFiles(dir),
    ]);
    const policy = policyDocument(keys, recipients);
    await Promise.all([
      replaceFile(files.keys, toYaml(keysDocument(keys, kms.keyIds))),
      replaceFile(files.policy, toYaml(options.policy?.(policy) ?? policy)),
      replaceFile(files.chains, toYaml(chainsDocument(keys, { stellar: urls.stellar, evm: urls.anvil }))),
    ]);

    async function ledger(): Promise<void> {
      await run('stellar', stellarSpec(ports.stellar, urls.stellar));
      await setUpStellar(urls.stellar, keys, recipients.stellar.slice(0, -1), host.signal);
      await setUpStellarAssets(urls.stellar, keys, recipients.holder, host.signal);
      progress('stellar accounts and assets set up');
    }
    async function evm(): Promise<void> {
      await run('anvil', anvilSpec(ports.anvil, urls.anvil, join(dir, 'anvil')));
      await setUpEvm(urls.anvil, keys.evm.address);
      await setUpEvmToken(urls.anvil, keys);
      progress('evm treasury and token set up');
    }
    async function databases(): Promise<Postgres<'api' | 'signer'>> {
      const started = await postgres;
      progress('postgres ready');
      return started;
    }
    async function services(): Promise<{ apiKey: string; databaseUrls: { api: string; signer: string } }> {
      const [{ urls: databaseUrls }] = await Promise.all([databases(), run('kms', kms.spec)]);
      const signer = { port: ports.signer, metricsPort: ports.signerMetrics, metricsUrl: urls.signerMetrics };
      const [apiKey] = await Promise.all([
        mintApiKey(databaseUrls.api, 'demo', host.signal),
        run(
          'signer',
          signerSpec({
            ...signer,
            databaseUrl: databaseUrls.signer,
            pki,
            files,
            audit,
            kms: kms.access.signer,
            keys,
            pathOf: flag.pathOf,
          }),
        ),
        run(
          'api',
          apiSpec({
            port: ports.api,
            metricsPort: ports.apiMetrics,
            url: urls.api,
            databaseUrl: databaseUrls.api,
            signerAddress,
            pki,
            chainsFile: files.chains,
          }),
        ),
      ]);
      return { apiKey, databaseUrls };
    }

    const [up] = await Promise.all([services(), ledger(), evm()]);
    return {
      ...up,
      urls,
      signerAddress,
      files,
      audit,
      pki,
      kmsAccess: kms.access,
      keys,
      recipients,
      postgres: await postgres,
      setPath: flag.set,
    };
  }

  return { postgres, ready: ready() };
}
