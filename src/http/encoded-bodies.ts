import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ENCODED } from './errors/error-messages.js';
import { errorBody } from './errors/error-response.js';

/**
 * Rejects a compressed body before Fastify reads it as JSON. A hook.
 * https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16
 */
export function refuseEncoded(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
): void {
  if (!isEncoded(headers) || !hasBody(headers)) return done();
  reply.header('accept-encoding', 'identity');
  reply.code(415).send(errorBody('UNSUPPORTED_MEDIA_TYPE', ENCODED));
}

function isEncoded({ 'content-encoding': encodings = '' }: IncomingHttpHeaders): boolean {
  return encodings.split(',').some((each) => !/^(?:identity)?$/i.test(each.trim()));
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
}
