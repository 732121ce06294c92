import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from './error-body.dto.js';
import { HEADERS_TOO_LARGE, NOT_HTTP, REQUEST_TIMED_OUT } from './error-messages.js';
import { errorBody } from './error-response.js';
import type { LingeringClose } from '../server/lingering-close.js';

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
};

/**
 * Answers requests that do not reach Fastify: invalid HTTP, headers that are too large, and requests that time out. Node passes
 * only the socket. The server closes it as soon as the client has the answer.
 */
export function clientErrorHandler(lingering: LingeringClose) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const isUnread = error.code?.startsWith('HPE_') && lingering.isLingering(socket);
    // Node reports each further chunk that it cannot parse.
    if (isUnread) return;
    if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
      socket.destroy(error);
      return;
    }
    socket.write(toHttp(clientErrorBody(error.code)));
    lingering.close(socket);
  };
}

/** Returns whether an answer is already being sent. Node's own handler makes the same check. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null };
  return answer?.headersSent ?? false;
}

/**
 * Returns the error answer for a `clientError` of Node.
 *
 * @param code of Node's error, https://nodejs.org/api/http.html#event-clienterror
 */
export function clientErrorBody(code: string | undefined): ErrorBody {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return errorBody('HEADERS_TOO_LARGE', HEADERS_TOO_LARGE);
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return errorBody('PAYLOAD_TOO_LARGE', 'The chunk extensions are too large. Send none.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return errorBody('REQUEST_TIMEOUT', REQUEST_TIMED_OUT);
    default:
      return errorBody('VALIDATION_FAILED', NOT_HTTP);
  }
}

function toHttp(body: ErrorBody): string {
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${body.statusCode} ${REASONS[body.statusCode]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n');
}
