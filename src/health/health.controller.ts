import { Controller, Get, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, TypeOrmHealthIndicator } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { DATABASE_UNREACHABLE, SHUTTING_DOWN } from '../http/errors/error-messages.js';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { PublicRoute } from 'nest-tenant-schemas';
import { Liveness, Readiness } from './health.dto.js';
import { notReady, stopping } from './not-ready.js';

/** Milliseconds until the readiness check reports that the database is down. */
const DATABASE_LIMIT_MS = 1000;

/** Health checks for load balancers and orchestrators. */
@Controller('health')
@PublicRoute()
@ApiTags('Health')
export class HealthController implements OnModuleDestroy {
  private isStopping = false;

  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly dataSource: DataSource,
  ) {}

  @Get('live')
  @ApiOperation({
    summary: 'Whether the process runs',
    description: 'It checks only the process, because a restart does not repair the database.',
  })
  @ApiOkResponse({ description: 'The process runs.', type: Liveness })
  live(): Liveness {
    return new Liveness();
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Whether the server can serve requests',
    description: `It checks whether the database answers within ${DATABASE_LIMIT_MS} ms.`,
  })
  @ApiOkResponse({ description: 'The server can serve requests.', type: Readiness })
  @ApiErrors({ DATABASE_UNAVAILABLE: DATABASE_UNREACHABLE, SHUTTING_DOWN })
  async ready(): Promise<Readiness> {
    if (this.isStopping) throw stopping();
    try {
      // With the connection, Terminus does not import the packages of TypeORM again, beside those of the bundle.
      const connection = this.dataSource;
      const check = this.database.pingCheck('database', { timeout: DATABASE_LIMIT_MS, connection });
      return new Readiness((await this.health.check([() => check])).details);
    } catch (error) {
      throw notReady(error);
    }
  }

  /** Makes `/health/ready` fail at the start of a shutdown, so that load balancers send no more requests. */
  onModuleDestroy(): void {
    this.isStopping = true;
  }
}
