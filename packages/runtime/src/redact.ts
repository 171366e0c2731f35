const HIDDEN = '[hidden]';
const MAX_DEPTH = 12;

// Compared without case and punctuation, so that private_key, privateKey and PRIVATE-KEY are one.
const SECRET_KEY =
  /seed|secret|password|passwd|passphrase(?<!networkpassphrase)|authorization|cookie|privatekey|apikey|token|mnemonic|credential/;

/** Whether a field of this name is hidden from the log whatever it holds. */
function isSecretName(name: string): boolean {
  return SECRET_KEY.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}

const SECRET_TEXT: readonly [pattern: RegExp, replacement: string][] = [
  // A Stellar secret seed (SEP-23): S and 55 characters of base32.
  [/S[A-Z2-7]{55}(?![A-Z2-7])/g, HIDDEN],
  // The credentials of a URL, postgres://user:password@host.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'@]*:[^\s/"'@]*@/gi, `$1${HIDDEN}@`],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|$)/gs, HIDDEN],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]+/gi, `$1 ${HIDDEN}`],
];

/** Hides what looks like a secret inside a text. */
function redactText(text: string): string {
  return SECRET_TEXT.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text);
}

/**
 * A copy of the fields of a log line: those with a secret's name are hidden at every depth, texts are searched, bytes are
 * replaced by their length, bigints become decimal strings, errors plain objects.
 */
export function redactFields(fields: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      redactText(name),
      isSecretName(name) ? HIDDEN : redact(value, depth + 1),
    ]),
  );
}

function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date || value instanceof URL) return redact(value.toJSON(), depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Set) return redact([...value], depth);
  if (value instanceof Map) return redactFields(Object.fromEntries(value), depth);
  return redactFields(value instanceof Error ? errorFields(value) : value, depth);
}

function errorFields(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return { ...error, type: name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
