import { type DynamicModule, Module } from '@nestjs/common';
import { ApprovalsController } from '../http/approvals/approvals.controller.ts';
import { OpenApiController } from '../http/openapi/openapi.controller.ts';
import { OpsController } from '../http/ops/ops.controller.ts';
import { PayoutsController } from '../http/payouts/payouts.controller.ts';
import type { AppContext } from './context.ts';
import { CONTEXT } from './context-token.ts';

@Module({})
class AppModule {}

/** Nest gets the context as a value: it resolves controllers and nothing else. */
export function appModule(context: AppContext): DynamicModule {
  return {
    module: AppModule,
    controllers: [PayoutsController, ApprovalsController, OpsController, OpenApiController],
    providers: [{ provide: CONTEXT, useValue: context }],
  };
}
