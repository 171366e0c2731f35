import { expect, test } from '@jest/globals';
import { loadAddon } from './addon.ts';

test('where the addon is not built, the command that builds it is named', async () => {
  const missing = () => Promise.reject(new Error("Cannot find module './build/Release/pkcs11.node'"));
  await expect(loadAddon(missing)).rejects.toMatchObject({
    code: 'MISCONFIGURED',
    message: expect.stringContaining('npm run build:pkcs11'),
  });
});
