import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { anvilBinary } from '@countersign/dev/anvil';
import { z } from 'zod';
import { until } from './until.ts';

/** A real anvil of this test, that mines by hand. */
export interface Anvil extends AsyncDisposable {
  readonly url: string;
  /** @returns the `result`; the text of a JSON-RPC error as an Error. */
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown>;
}

const answerSchema = z.object({ result: z.unknown(), error: z.object({ message: z.string() }).optional() });

export async function startAnvil(port: number): Promise<Anvil> {
  const url = `http://127.0.0.1:${port}`;
  const args = ['--port', String(port), '--no-mining', '--slots-in-an-epoch', '1', '--accounts', '1', '--silent'];
  const child = spawn(anvilBinary(), args, { stdio: 'ignore' });
  const rpc: Anvil['rpc'] = async (method, ...params) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = answerSchema.parse(await response.json());
    if (error !== undefined) throw new Error(error.message);
    return result;
  };
  await until('anvil answers', () => rpc('eth_chainId').then(Boolean, () => false));
  return {
    url,
    rpc,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
