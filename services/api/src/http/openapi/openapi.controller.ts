import { Controller, Get } from '@nestjs/common';
import { Access } from '../access/route-access.ts';
import { openApiDocument } from './document.ts';

@Controller()
export class OpenApiController {
  @Get('openapi.json')
  @Access('public')
  document(): typeof openApiDocument {
    return openApiDocument;
  }
}
