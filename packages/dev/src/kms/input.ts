import { KmsError } from './kms-error.ts';

/** The JSON object of a request. */
export type Input = Readonly<Record<string, unknown>>;

/** @throws KmsError `SerializationException` when the body is no JSON object */
export function parseInput(body: Uint8Array): Input {
  try {
    const value: unknown = body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below, as for any other body.
  }
  throw new KmsError('SerializationException', 'The request body is not a JSON object');
}

/** KMS writes members with a small first letter in these messages. */
function violation(member: string, value: string, constraint: string): KmsError {
  const name = `${member.slice(0, 1).toLowerCase()}${member.slice(1)}`;
  return new KmsError(
    'ValidationException',
    `1 validation error detected: Value ${value} at '${name}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

export function optionalText(input: Input, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new KmsError('SerializationException', `${member} is not a string`);
  return value;
}

/** 1 to `most` characters. */
export function requiredText(input: Input, member: string, most = 2048): string {
  const value = optionalText(input, member);
  if (value === undefined) throw violation(member, 'null', 'not be null');
  if (value.length < 1) throw violation(member, `'${value}'`, 'have length greater than or equal to 1');
  if (value.length > most) throw violation(member, `'${value}'`, `have length less than or equal to ${most}`);
  return value;
}

export function oneOf<Word extends string>(input: Input, member: string, words: readonly Word[]): Word | undefined {
  const value = optionalText(input, member);
  if (value === undefined) return undefined;
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw violation(member, `'${value}'`, `satisfy enum value set: [${words.join(', ')}]`);
  return word;
}

export function requiredOneOf<Word extends string>(input: Input, member: string, words: readonly Word[]): Word {
  const word = oneOf(input, member, words);
  if (word === undefined) throw violation(member, 'null', 'not be null');
  return word;
}

/** Base64 of 1 to `most` bytes. */
export function requiredBlob(input: Input, member: string, most: number): Uint8Array {
  const text = optionalText(input, member);
  if (text === undefined) throw violation(member, 'null', 'not be null');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new KmsError('SerializationException', `${member} is not base64`);
  const shown = `'java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]'`;
  if (bytes.length < 1) throw violation(member, shown, 'have length greater than or equal to 1');
  if (bytes.length > most) throw violation(member, shown, `have length less than or equal to ${most}`);
  return bytes;
}

export function limitOf(input: Input, fallback: number, most: number): number {
  return optionalInteger(input, 'Limit', 1, most) ?? fallback;
}

export function optionalInteger(input: Input, member: string, least: number, most: number): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new KmsError('SerializationException', `${member} is not an integer`);
  }
  if (value < least) throw violation(member, `'${value}'`, `have value greater than or equal to ${least}`);
  if (value > most) throw violation(member, `'${value}'`, `have value less than or equal to ${most}`);
  return value;
}

/** Seconds since 1970, as AWS JSON writes a time. */
export function optionalTime(input: Input, member: string): Date | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw new KmsError('SerializationException', `${member} is not a time`);
  return new Date(value * 1000);
}

/** An object of texts. */
export function optionalTexts(input: Input, member: string): Readonly<Record<string, string>> {
  const value = input[member] ?? {};
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [['', undefined]];
  if (entries.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    return Object.fromEntries(entries);
  throw new KmsError('SerializationException', `${member} is not an object of strings`);
}

export function isTrue(input: Input, member: string): boolean {
  const value = input[member] ?? false;
  if (typeof value !== 'boolean') throw new KmsError('SerializationException', `${member} is not a boolean`);
  return value;
}
