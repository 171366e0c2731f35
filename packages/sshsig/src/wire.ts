import { quote, SshsigError } from './error.ts';

const PRINTABLE = /^[!-~]*$/;

/** Reads the data types of RFC 4251, section 5, from front to end. Every method throws SshsigError MALFORMED. */
export class WireReader {
  readonly #field: string;
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param field how the bytes are called in messages. */
  constructor(field: string, bytes: Uint8Array) {
    this.#field = field;
    // A copy, which nobody can change between its check and its use.
    this.#bytes = new Uint8Array(bytes);
  }

  take(name: string, length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      const left = this.#bytes.length - this.#at;
      throw new SshsigError('MALFORMED', `${this.#field}: ${name}: expected ${length} bytes, got ${left}`);
    }
    const taken = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  uint32(name: string): number {
    return Buffer.from(this.take(name, 4)).readUInt32BE();
  }

  string(name: string): Uint8Array {
    return this.take(name, this.uint32(name));
  }

  /** A string that is a name: printable ASCII without spaces. */
  name(name: string): string {
    const text = Buffer.from(this.string(name)).toString('latin1');
    if (!PRINTABLE.test(text)) {
      throw new SshsigError('MALFORMED', `${this.#field}: ${name}: expected printable ASCII, got ${quote(text)}`);
    }
    return text;
  }

  /**
   * An mpint that is not negative, as 0, or without a leading zero byte but the one that keeps it positive.
   * @throws SshsigError MALFORMED (negative), NOT_CANONICAL
   */
  natural(name: string): bigint {
    const bytes = this.string(name);
    const [first, second] = bytes;
    if (first === undefined) return 0n;
    if (first >= 0x80) throw new SshsigError('MALFORMED', `${this.#field}: ${name}: expected no negative number`);
    if (first === 0 && (second === undefined || second < 0x80)) {
      throw new SshsigError('NOT_CANONICAL', `${this.#field}: ${name}: expected no leading zero`);
    }
    return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  }

  /** That nothing is left. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new SshsigError('MALFORMED', `${this.#field}: expected nothing more, got ${left} bytes`);
  }
}

/** A string of RFC 4251: its length in four bytes, and the bytes. */
export function wireString(value: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
