export * from './gen/countersign/signer/v1/signer_pb.ts';
