import { ConsoleLogger } from '@nestjs/common';

/** Who tells at each start of every module and route that it is there. */
const CHATTY = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** That the address cannot be had, which the process's last line says with what to do. */
const NOT_LISTENING = /^Error: (?:listen|bind|getaddrinfo) /;

/** Nest's logger without its inventory of modules and routes, which `LOG_LEVEL=debug` brings back. */
export class QuietLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (!this.isLevelEnabled('debug') && CHATTY.has(String(rest.at(-1)))) return;
    super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) === 'NestApplication' && NOT_LISTENING.test(String(message))) return;
    super.error(message, ...rest);
  }
}
