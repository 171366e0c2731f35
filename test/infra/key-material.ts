/** What a scanner of secrets looks for: the shapes of the keys and credentials that Countersign deals with. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  'PEM private key': /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{40,}/,
  // 56 characters of base32 that begin with S; a checksum would be stricter, but a damaged seed is a find as well.
  'Stellar seed': /(?<![A-Za-z0-9+/_])S[A-D][A-Z2-7]{54}(?![A-Za-z0-9+/_=])/,
  'AWS access key': /(?<![A-Za-z0-9+/_])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9+/_=])/,
  'key of the dev KMS': /dev-only-(?:signer|operator)/,
  'npm token': /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/,
};

/** The names of the shapes that a text holds. */
export function keyMaterialIn(text: string): string[] {
  return Object.entries(SHAPES)
    .filter(([, shape]) => shape.test(text))
    .map(([name]) => name);
}
