/** No answer of KMS is nearly as long. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Reads the body of an answer. @returns undefined where it is longer than any answer is: then the connection is closed. */
export async function bodyOf(body: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * In the place of the SDK's own collector, which reads whatever comes.
 * @throws SyntaxError to which the SDK adds the metadata of the answer
 */
export async function collectBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes = await bodyOf(body);
  if (bytes === undefined) throw new SyntaxError('the answer is too long');
  return bytes;
}
