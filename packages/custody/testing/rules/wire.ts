import { DescribeKeyCommand, KMSServiceException } from '@aws-sdk/client-kms';
import { createKmsClient } from '../../src/aws-kms/aws-client.ts';
import type { KmsUnderTest } from '../kms-under-test.ts';
import { API, outcome, type Rule, sign } from './rule.ts';

const UNKNOWN_KEY = '00000000-0000-4000-8000-000000000000';
const SIGNATURES = '/IAM/latest/UserGuide/signature-v4-troubleshooting.html';

/** What stands around every call: who asked, and the id that CloudTrail knows it by. */
export const WIRE_RULES: readonly Rule[] = [
  {
    title: 'the request id of an answer',
    aws: 'a UUID',
    page: '/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',
    needs: ['secp256k1'],
    ask: async (kms) => shapeOf((await sign(kms, 'secp256k1')).$metadata.requestId),
  },
  {
    title: 'the request id of an error',
    aws: 'a UUID',
    page: '/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',
    needs: [],
    ask: async (kms) => {
      const error = await kms.signer.send(new DescribeKeyCommand({ KeyId: UNKNOWN_KEY })).catch((error) => error);
      return error instanceof KMSServiceException ? shapeOf(error.$metadata.requestId) : 'no error of KMS';
    },
  },
  {
    title: 'a signature (SigV4) by another secret',
    aws: 'InvalidSignatureException',
    page: SIGNATURES,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const { credentials } = kms.signer.config;
      const { accessKeyId } = await credentials();
      return outcome(asStranger(kms, { accessKeyId, secretAccessKey: 'another' }));
    },
  },
  {
    title: 'an access key that does not exist',
    aws: 'UnrecognizedClientException',
    page: `${API}/CommonErrors.html`,
    needs: ['secp256k1'],
    ask: (kms) => outcome(asStranger(kms, { accessKeyId: 'AKIDNOBODY', secretAccessKey: 'another' })),
  },
  {
    title: 'a request without a signature (SigV4)',
    aws: 'MissingAuthenticationTokenException',
    page: `${API}/CommonErrors.html`,
    needs: [],
    ask: async (kms) => {
      const response = await fetch(kms.aws.endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'TrentService.ListKeys' },
        body: '{}',
      });
      const body: unknown = await response.json();
      if (response.ok) return 'an answer';
      return typeof body === 'object' && body !== null && '__type' in body
        ? String(body.__type)
        : 'an error of no name';
    },
  },
];

async function asStranger(kms: KmsUnderTest, credentials: { accessKeyId: string; secretAccessKey: string }) {
  const stranger = createKmsClient({ ...kms.aws, credentials }, {});
  try {
    return await sign({ ...kms, signer: stranger }, 'secp256k1');
  } finally {
    stranger.destroy();
  }
}

function shapeOf(requestId: string | undefined): string {
  if (requestId === undefined) return 'none';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(requestId) ? 'a UUID' : 'another text';
}
