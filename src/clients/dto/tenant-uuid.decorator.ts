import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';

/** Placeholder of the tenant's uuid in paths. */
const NAME = 'tenant_uuid';

/** Parameter decorator: the tenant's uuid in the path, in lower case. It does not check that the text is a UUID. */
export function TenantUuid(): ParameterDecorator {
  const document = ApiParam({
    name: NAME,
    description: "The tenant's uuid.",
    schema: { type: 'string', format: 'uuid', example: '123e4567-e89b-42d3-a456-426614174000' },
  });
  return (controller, method = '', index) => {
    readPath()(controller, method, index);
    const descriptor = Object.getOwnPropertyDescriptor(controller, method);
    if (descriptor) document(controller, method, descriptor);
  };
}

const readPath = createParamDecorator((_data: unknown, context: ExecutionContext): string =>
  (
    context.switchToHttp().getRequest<{ params: Record<string, string> }>().params[NAME] ?? ''
  ).toLowerCase(),
);
