import type { KMSClient, SignCommandInput } from '@aws-sdk/client-kms';
import { HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { bodyOf } from './answer-body.ts';
import { ATTEMPT_TIMEOUT_MS } from './aws-client.ts';
import { UnsentError } from './aws-error.ts';
import { createKmsClock } from './kms-clock.ts';
import { createSigV4 } from './sigv4.ts';

type SignRequest = SignCommandInput & { readonly Message: Uint8Array };

export interface SignAnswer {
  readonly Signature?: Uint8Array;
  readonly $metadata: { readonly requestId?: string };
}

/** KMS answered with an error, in the shape that the SDK gives its own. */
class KmsAnswerError extends Error {
  readonly $metadata: object;

  constructor(name: string, message: string, metadata: object) {
    super(message);
    this.name = name;
    this.$metadata = metadata;
  }
}

/** When KMS sent an error, by its own clock, milliseconds since 1970; undefined where nobody has answered. */
export function answeredAt(error: unknown): number | undefined {
  if (!(error instanceof KmsAnswerError) || !('date' in error.$metadata)) return undefined;
  const time = Date.parse(String(error.$metadata.date));
  return Number.isNaN(time) ? undefined : time;
}

const TARGET = 'TrentService.Sign';

/**
 * kms:Sign as the SDK's client calls it (credentials, endpoint, connections and timeouts are the client's own), without the
 * middleware that costs most of the CPU of a signature: docs/decisions/0003-signer-dependencies.md.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export function createKmsSign(client: KMSClient, attemptTimeoutMs: number = ATTEMPT_TIMEOUT_MS) {
  const { config } = client;
  const sigV4 = createSigV4();
  const clock = createKmsClock();

  return async (asked: SignRequest, options: { readonly abortSignal: AbortSignal }): Promise<SignAnswer> => {
    const { request, offsetMs } = await requestFor(asked).catch((cause: unknown) => {
      throw new UnsentError('the request was not sent', { cause });
    });
    const { response } = await config.requestHandler.handle(request, options);
    const requestId = response.headers['x-amzn-requestid'];
    const named = requestId === undefined ? {} : { requestId };
    const metadata = { httpStatusCode: response.statusCode, date: response.headers['date'], ...named };
    const answer = await withinTime(response, attemptTimeoutMs, () => jsonOf(response, metadata));
    if (response.statusCode < 300) return { ...signatureIn(answer), $metadata: named };
    clock.correct(response.headers['date']);
    // Also where another answer has corrected it while this one was on its way: what counts is how this request was dated.
    throw answered(answer, response, { ...metadata, clockSkewCorrected: clock.offsetMs !== offsetMs });
  };

  async function requestFor({ KeyId, Message, SigningAlgorithm, MessageType, DryRun }: SignRequest) {
    const [credentials, region] = await Promise.all([config.credentials(), config.region()]);
    const endpoint = await endpointOf(client, region);
    const host = endpoint.port === '' ? endpoint.hostname : `${endpoint.hostname}:${endpoint.port}`;
    const message = Buffer.from(Message).toString('base64');
    const body = JSON.stringify({ KeyId, Message: message, MessageType, SigningAlgorithm, DryRun });
    const { offsetMs } = clock;
    const request = new HttpRequest({
      method: 'POST',
      protocol: endpoint.protocol,
      hostname: endpoint.hostname,
      ...(endpoint.port === '' ? {} : { port: Number(endpoint.port) }),
      path: '/',
      headers: sigV4(
        { host, region, service: 'kms', target: TARGET, body },
        credentials,
        new Date(Date.now() + offsetMs),
      ),
      body,
    });
    return { request, offsetMs };
  }
}

/** The one that was given, or AWS's own for the region. */
async function endpointOf({ config }: KMSClient, Region: string): Promise<URL> {
  if (config.endpoint !== undefined) {
    const { protocol, hostname, port } = await config.endpoint();
    return new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`);
  }
  const [UseFIPS, UseDualStack] = await Promise.all([config.useFipsEndpoint(), config.useDualstackEndpoint()]);
  return config.endpointProvider({ Region, UseFIPS, UseDualStack }).url;
}

/** The handler's own limit ends at the headers. A body that stalls is cut off, as a socket error, after as long again. */
async function withinTime<T>({ body }: HttpResponse, ms: number, read: () => Promise<T>): Promise<T> {
  const stalled = Object.assign(new Error('the answer stalled'), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => body.destroy(stalled), ms);
  try {
    return await read();
  } finally {
    clearTimeout(timer);
  }
}

/** @throws SyntaxError with the metadata of the answer where it is no JSON object, or longer than any answer is. */
async function jsonOf({ body }: HttpResponse, $metadata: object): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await bodyOf(body);
  if (bytes === undefined) throw new KmsAnswerError('SyntaxError', 'the answer is too long', $metadata);
  try {
    const answer: unknown = JSON.parse(bytes.toString());
    if (typeof answer === 'object' && answer !== null) return { ...answer };
  } catch {
    // Said below.
  }
  throw new KmsAnswerError('SyntaxError', 'the answer is not JSON', $metadata);
}

function signatureIn({ Signature: text }: Readonly<Record<string, unknown>>): Pick<SignAnswer, 'Signature'> {
  return typeof text === 'string' ? { Signature: new Uint8Array(Buffer.from(text, 'base64')) } : {};
}

/** `{"__type": "com.amazonaws.kms#NotFoundException", "message": "…"}` */
function answered(
  { __type: type, message, Message }: Readonly<Record<string, unknown>>,
  { headers, statusCode }: HttpResponse,
  metadata: object,
): KmsAnswerError {
  const name = headers['x-amzn-errortype'] ?? textIn(type) ?? `Status${statusCode}`;
  const text = textIn(message) ?? textIn(Message) ?? '';
  return new KmsAnswerError(name.replace(/^.*#/, '').replace(/:.*$/, ''), text, metadata);
}

const textIn = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);
