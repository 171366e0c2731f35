import { z } from 'zod';
import { approvePayoutBodySchema, payoutApprovalsSchema } from '../approvals/approvals-resource.ts';
import { statusSchema } from '../ops/ops.controller.ts';
import { createPayoutBodySchema, memoSchema } from '../payouts/create-payout-body.ts';
import { payoutPageSchema } from '../payouts/list-payouts.ts';
import { payoutSchema } from '../payouts/payout-resource.ts';
import { fieldErrorSchema, problemSchema } from '../problem/problem.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const named = {
  ApprovePayout: approvePayoutBodySchema,
  CreatePayout: createPayoutBodySchema,
  FieldError: fieldErrorSchema,
  Memo: memoSchema,
  Payout: payoutSchema,
  PayoutApprovals: payoutApprovalsSchema,
  PayoutPage: payoutPageSchema,
  Problem: problemSchema,
  Status: statusSchema,
};

export type SchemaName = keyof typeof named;

export const refTo = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });

/** The schemas that requests are checked with and answers are typed by, as JSON Schema (2020-12, as OpenAPI 3.1 wants). */
export function componentSchemas(): Readonly<Record<string, object>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    // As senders see them: an answer may gain members, so none are forbidden there.
    io: 'input',
    override: ({ jsonSchema }) => dropDateTimePattern(jsonSchema),
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $id, $schema, ...schema }]) => [id, schema]));
}

export interface QueryParameter {
  readonly name: string;
  readonly in: 'query';
  readonly required: false;
  readonly description?: string;
  readonly schema: object;
}

/** The parameters of a query schema, each with its own JSON Schema; every one has a default or may be left out. */
export function queryParameters(query: z.ZodObject): QueryParameter[] {
  const { properties = {} } = z.toJSONSchema(query, {
    io: 'output',
    override: ({ jsonSchema }) => dropDateTimePattern(jsonSchema),
  });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = typeof property === 'object' ? property : {};
    return { name, in: 'query', required: false, ...(description !== undefined && { description }), schema };
  });
}

// The format says it; the pattern is 200 characters of leap years.
function dropDateTimePattern(schema: JsonSchema): void {
  if (schema.format === 'date-time') delete schema.pattern;
}
