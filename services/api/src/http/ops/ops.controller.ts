import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import type { AppContext } from '../../app/context.ts';
import { CONTEXT } from '../../app/context-token.ts';
import { Access } from '../access/route-access.ts';
import { checkReadiness } from './readiness.ts';

export const statusSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Status' });

@Controller()
export class OpsController {
  readonly #context: AppContext;

  constructor(@Inject(CONTEXT) context: AppContext) {
    this.#context = context;
  }

  /** The process runs; says nothing about what it needs. */
  @Get('livez')
  @Access('public')
  livez(): z.output<typeof statusSchema> {
    return { status: 'ok' };
  }

  /** The database and the signer answer. */
  @Get('readyz')
  @Access('public')
  async readyz(): Promise<z.output<typeof statusSchema>> {
    await checkReadiness(this.#context);
    return { status: 'ok' };
  }
}
