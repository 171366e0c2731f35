import { createHash, randomBytes } from 'node:crypto';

const WELL_FORMED = /^Bearer (cs_[A-Za-z0-9_-]{43})$/i;

/** A new secret: `cs_` and 256 random bits in base64url. */
export function newApiKeySecret(): string {
  return `cs_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a secret. It has 256 random bits, so a plain SHA-256 cannot be searched. */
export function hashApiKeySecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The secret in an Authorization header (RFC 6750), or undefined where there is none of the right shape. */
export function secretOf(authorization: string | undefined): string | undefined {
  return WELL_FORMED.exec(authorization ?? '')?.[1];
}
