import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { watchFile } from '@countersign/runtime/watch-file';

/** Paths of PEM files. */
export interface TlsFiles {
  /** The CA that the other side's certificate must chain to; no other is trusted. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** The bytes of those files, which belong together. */
export interface TlsMaterial {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TlsFilesWatch {
  close(): void;
}

/** How long after a bad set of files they are read once more: certificate and key are rarely written in one go. */
const SETTLE_MS = 100;

/**
 * Reads the three files and checks that they belong together.
 *
 * @throws Error naming the file, and nothing of what is in it.
 */
export function readTlsFiles({ caFile, certFile, keyFile }: TlsFiles): TlsMaterial {
  const material = { ca: readFileSync(caFile), cert: readFileSync(certFile), key: readFileSync(keyFile) };
  for (const ca of certificatesOf(caFile, material.ca)) {
    if (!ca.ca) throw new Error(`${caFile}: expected certificates of a CA, got one that may not sign others`);
  }
  const [leaf] = certificatesOf(certFile, material.cert);
  if (!leaf?.checkPrivateKey(privateKeyOf(keyFile, material.key))) {
    throw new Error(`${certFile}: expected the certificate of the key in ${keyFile}, got that of another`);
  }
  try {
    createSecureContext(material);
  } catch (cause) {
    throw new Error(`${certFile}: OpenSSL does not take it`, { cause });
  }
  return material;
}

/**
 * Watches the files and hands over every new set that is whole. A bad or half-written one changes nothing: `onRefused`
 * hears why.
 */
export function watchTlsFiles(
  files: TlsFiles,
  first: TlsMaterial,
  onChange: (material: TlsMaterial, before: TlsMaterial) => void,
  onRefused: (error: Error) => void,
): TlsFilesWatch {
  let current = first;
  let closed = false;
  const readAgain = async () => {
    await setTimeout(SETTLE_MS, undefined, { ref: false });
    return readTlsFiles(files);
  };
  const read = async () => readTlsFiles(files);
  const reload = async () => {
    if (closed) return;
    try {
      const material = await read().catch(readAgain);
      if (closed || same(material, current)) return;
      const before = current;
      current = material;
      onChange(material, before);
    } catch (error) {
      onRefused(error instanceof Error ? error : new Error(String(error)));
    }
  };
  // One after the other, so that the newest files are read last.
  let queue: Promise<void> = Promise.resolve();
  const look = () => {
    queue = queue.then(reload);
  };
  const watches = [files.caFile, files.certFile, files.keyFile].map((file) => watchFile(file, look));
  look(); // What changed between the first reading and the watch.
  return {
    close: () => {
      closed = true;
      for (const watch of watches) watch.close();
    },
  };
}

function same(a: TlsMaterial, b: TlsMaterial): boolean {
  return a.ca.equals(b.ca) && a.cert.equals(b.cert) && a.key.equals(b.key);
}

// Each mark on a line of its own: OpenSSL does not see one that follows another on the same line.
const BLOCK = /^-----BEGIN CERTIFICATE-----\r?$[^-]+^-----END CERTIFICATE-----\r?$/gm;

/** All certificates of a PEM file. OpenSSL would pass over one that is cut off, and trust less than the file says. */
function certificatesOf(file: string, pem: Buffer): X509Certificate[] {
  const text = pem.toString('latin1');
  const blocks = text.match(BLOCK) ?? [];
  const begun = text.match(/-----BEGIN /g)?.length ?? 0;
  if (blocks.length === 0 || blocks.length !== begun) throw new Error(`${file}: expected whole certificates in PEM`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new Error(`${file}: expected certificates in PEM`, { cause });
  }
}

function privateKeyOf(file: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Without the cause: what OpenSSL says of a key stays out of every log.
    throw new Error(`${file}: expected a private key in PEM`);
  }
}
