/** A copy of a JSON value with the value at this path replaced, or, by `undefined`, left out; what was there must exist. */
export function edited(json: unknown, path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(json);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const holder = steps.reduce<Record<string, unknown>>((node, step) => Object(node[step]), Object(copy));
  if (!(last in holder)) throw new Error(`nothing at ${path}`);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}
