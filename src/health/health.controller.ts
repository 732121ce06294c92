import { Controller, Get, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, TypeOrmHealthIndicator } from '@nestjs/terminus';
import { DATABASE_AWAY, SHUTTING_DOWN } from '../http/errors/error-messages.js';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { PublicRoute } from 'nest-tenant-schemas';
import { Liveness, Readiness } from './health.dto.js';
import { notReady, stopping } from './not-ready.js';

/** Milliseconds that the database may take to answer. */
const DATABASE_LIMIT_MS = 1000;

/** What a load balancer or an orchestrator asks. */
@Controller('health')
@PublicRoute()
@ApiTags('Health')
export class HealthController implements OnModuleDestroy {
  private isStopping = false;

  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
  ) {}

  @Get('live')
  @ApiOperation({
    summary: 'Whether the process runs',
    description: 'Asks nothing else: restarting the process would not bring a database back.',
  })
  @ApiOkResponse({ description: 'It runs.', type: Liveness })
  live(): Liveness {
    return new Liveness();
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Whether requests can be served',
    description: `Asks the database, which has ${DATABASE_LIMIT_MS} ms to answer.`,
  })
  @ApiOkResponse({ description: 'They can.', type: Readiness })
  @ApiErrors({ DATABASE_UNAVAILABLE: DATABASE_AWAY, SHUTTING_DOWN })
  async ready(): Promise<Readiness> {
    if (this.isStopping) throw stopping();
    try {
      const check = this.database.pingCheck('database', { timeout: DATABASE_LIMIT_MS });
      return new Readiness((await this.health.check([() => check])).details);
    } catch (error) {
      throw notReady(error);
    }
  }

  /** The first hook of a shutdown: requests are still served, and no more should come. */
  onModuleDestroy(): void {
    this.isStopping = true;
  }
}
