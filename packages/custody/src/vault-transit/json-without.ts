/**
 * What a JSON text says, with a secret taken out of all its strings: those that it becomes, since JSON spells each character in several
 * ways. Undefined where it is no JSON.
 */
export function jsonWithout(secret: string, text: string): unknown {
  const hidden = (told: string) => told.replaceAll(secret, '[token]');
  const without = (_name: string, value: unknown): unknown => {
    if (typeof value === 'string') return hidden(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [hidden(name), one]));
  };
  try {
    return JSON.parse(text, without);
  } catch {
    return undefined;
  }
}
