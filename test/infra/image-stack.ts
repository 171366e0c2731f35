import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anvilBinary } from '@countersign/dev/anvil';
import { findPart } from '@countersign/dev/find-part';
import { freePorts } from '@countersign/dev/free-ports';
import { startPostgres } from '@countersign/dev/postgres';
import { startStellarRpc } from '@countersign/dev/stellar';
import { afterAll, describe, expect, test } from '@jest/globals';
import { until } from '../harness/until.ts';
import { readCompose, serviceOf } from './compose-file.ts';
import { canContain, mountInto, runInContainer, startContainer, untilHealthy } from './container.ts';
import type { BuiltImage } from './dockerfile/build.ts';
import { type Images, SERVICES } from './image-files.ts';
import { environmentOf, initializePostgres, relocate, startService } from './stack-of-images.ts';
import { finish, pay, portOf, runProgram, stateSchema } from './stack-steps.ts';

const file = readCompose();

/** The images as containers: alone, and together as docker-compose.yml puts them. */
export function testContainers(images: () => Images, scratch: () => string): void {
  const inContainers = canContain ? describe : describe.skip;
  inContainers(
    `run as a root of its own${canContain ? '' : ': skipped, only root may change the root of a process'}`,
    () => {
      const local = findPart('local-kms');
      const parts: { stop(): Promise<unknown> }[] = [];
      afterAll(async () => {
        for (const part of parts.reverse()) await part.stop();
      });

      test.each(SERVICES)('the %s cannot write, has no shell to call, and finds names', (name) => {
        const script = `
      const fs = require('node:fs');
      const refused = (path) => { try { fs.writeFileSync(path, ''); return 'written'; } catch (error) { return error.code; } };
      const { error } = require('node:child_process').spawnSync('/bin/sh');
      require('node:dns').lookup('localhost', (problem, address) => console.log(JSON.stringify(
        [process.getuid(), process.getgid(), refused('/app/x'), refused('/x'), refused('/run/countersign/x'), error.code, problem?.code ?? address])));`;
        const { output } = runInContainer(images()[name], { command: ['-e', script] });
        const [uid, gid, ...rest] = JSON.parse(output.slice(output.indexOf('[')));
        expect([uid, gid]).toEqual([65532, 65532]);
        expect(rest.slice(0, 4)).toEqual(['EACCES', 'EACCES', 'EACCES', 'ENOENT']);
        expect(rest[4]).toMatch(/^(127\.0\.0\.1|::1)$/);
      });

      test.each(SERVICES)('the %s refuses to start without its variables, and names each', async (name) => {
        const container = startContainer(images()[name]);
        expect(await container.ended).toBe(1);
        for (const variable of ['DATABASE_URL', 'SIGNER_TLS_CA_FILE', 'SIGNER_TLS_CERT_FILE', 'SIGNER_TLS_KEY_FILE']) {
          expect(container.output()).toContain(variable);
        }
      });

      test(`docker-compose.yml’s services come up and pay on both chains, secp256k1 in ${local ? `local-kms ${local.version}` : 'the dev KMS'}`, async () => {
        const [evm = 0, kms = 0, localKms = 0, signer = 0, metrics = 0, api = 0, apiMetrics = 0] = await freePorts(7);
        const stellar = await startStellarRpc({
          networkPassphrase: 'Standalone Network ; February 2017',
          closeEveryMs: 1_000,
        });
        const anvil = runProgram(anvilBinary(), [
          '--port',
          String(evm),
          '--block-time',
          '1',
          '--slots-in-an-epoch',
          '1',
          '--silent',
        ]);
        parts.push({ stop: () => stellar.close() }, anvil);
        if (local !== undefined)
          parts.push(
            runProgram(local.file, [], {
              PORT: String(localKms),
              KMS_REGION: 'us-east-1',
              KMS_DATA_PATH: join(scratch(), 'local-kms'),
            }),
          );
        const [apiStore, signerStore] = await Promise.all([
          startPostgres({ databases: [] }),
          startPostgres({ databases: [] }),
        ]);
        parts.push(apiStore, signerStore);
        const addresses = {
          'stellar:8000': stellar.port,
          'anvil:8545': evm,
          'kms:8080': kms,
          'local-kms:8080': localKms,
          'postgres-api:5432': portOf(apiStore.adminUrl),
          'postgres-signer:5432': portOf(signerStore.adminUrl),
          'signer:7443': signer,
          'signer:9464': metrics,
          'api:8080': api,
          'api:9465': apiMetrics,
        };
        const answers = async (port: number) =>
          fetch(`http://127.0.0.1:${port}`).then(
            () => true,
            () => false,
          );
        await until(
          'the chains and KMS answer',
          async () => (await answers(evm)) && (local === undefined || (await answers(localKms))),
          30_000,
        );

        const bootstrap = images().dev;
        const withoutLocalKms = ({ LOCAL_KMS_URL: _, ...env }: Record<string, string>) => env;
        const variables = (name: string) => {
          const env = environmentOf(file, name, addresses);
          return local === undefined ? withoutLocalKms(env) : env;
        };
        mountInto(bootstrap, '/tmp', 'tmpfs');
        const command = serviceOf(file, 'bootstrap').command ?? [];
        const made = await finish(startContainer(bootstrap, { command, env: variables('bootstrap') }));
        expect(made).toEqual({ code: 0, output: expect.stringContaining('The stack is set up.') });
        const again = await finish(startContainer(bootstrap, { command, env: variables('bootstrap') }));
        expect(again).toEqual({ code: 0, output: 'the stack is set up already\n' });

        await initializePostgres(apiStore.adminUrl, join(bootstrap.root, 'run/stack/postgres-api/init.sql'));
        await initializePostgres(signerStore.adminUrl, join(bootstrap.root, 'run/stack/postgres-signer/init.sql'));
        const started = { bootstrap, addresses };
        const kmsImage: BuiltImage = { ...bootstrap };
        const running: [string, BuiltImage, readonly string[]][] = [
          ['kms', kmsImage, serviceOf(file, 'kms').healthcheck?.test.slice(1) ?? []],
          ['signer', images().signer, images().signer.healthcheck ?? []],
          ['api', images().api, images().api.healthcheck ?? []],
        ];
        for (const [name, image, check] of running) {
          const container = startService(file, name, image, {
            ...started,
            without: local === undefined ? ['LOCAL_KMS_URL'] : [],
          });
          parts.push(container);
          const here = check.map((word) => relocate(word.replace('127.0.0.1', name), addresses));
          await untilHealthy(image, container, here);
        }

        const minted = runInContainer(images().api, {
          command: ['dist/mint-api-key.js', '--name', 'demo'],
          env: environmentOf(file, 'api', addresses),
        });
        const key =
          minted.output
            .trim()
            .split('\n')
            .find((line) => !line.includes(': ')) ?? '';
        const state = stateSchema.parse(
          JSON.parse(readFileSync(join(bootstrap.root, 'run/stack/state/state.json'), 'utf8')),
        );
        const orders = [
          { asset: 'stellar:standalone/slip44:148', amount: '12.5', destination: state.destinations.stellar[0] },
          { asset: 'eip155:31337/slip44:60', amount: '0.25', destination: state.destinations.evm[0] },
        ];
        const paid = await Promise.all(orders.map((order) => pay(`http://127.0.0.1:${api}`, key, order)));
        expect(paid.map(({ status, path, reason }) => ({ status, path, reason }))).toEqual([
          { status: 'completed', path: 'kms', reason: null },
          { status: 'completed', path: 'kms', reason: null },
        ]);

        await stellar.close();
        const fresh = await startStellarRpc({
          networkPassphrase: 'Standalone Network ; February 2017',
          closeEveryMs: 1_000,
        });
        parts.push({ stop: () => fresh.close() });
        const env = { ...variables('bootstrap'), STELLAR_RPC_URL: fresh.url };
        const lost = await finish(startContainer(bootstrap, { command, env }));
        expect(lost).toEqual({
          code: 1,
          output: expect.stringContaining('the Stellar ledger has no treasury: docker compose down --volumes'),
        });
      }, 120_000);
    },
  );
}
