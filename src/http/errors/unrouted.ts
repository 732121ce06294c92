import type { FastifyReply, FastifyRequest } from 'fastify';
import { NO_HOST, noRoute } from './error-messages.js';
import { errorBody, errorResponse } from './error-response.js';

/** Answers a path that the router rejects, such as `/%zz`, or a parameter of more than 100 characters. */
export function answerFrameworkError(
  error: unknown,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const answer = errorResponse(error) ?? errorBody('VALIDATION_FAILED', 'The path cannot be read.');
  reply.code(answer.statusCode).send(answer);
}

/** Rejects a request without a route or a Host header, before its body is read and validated. A hook. */
export function refuseUnrouted(
  request: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
): void {
  const { httpVersion, headers } = request.raw;
  if (headers.host === undefined && httpVersion === '1.1') {
    reply.code(400).send(errorBody('VALIDATION_FAILED', NO_HOST));
  } else if (request.is404) {
    reply.code(404).send(errorBody('NOT_FOUND', noRoute(request.method)));
  } else {
    done();
  }
}
