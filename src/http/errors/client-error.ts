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
 * Answers what does not reach Fastify as a request: not HTTP, headers too large, or never whole. There is no reply object
 * then, only the socket. It is closed after the answer, as soon as the client has it.
 */
export function clientErrorHandler(lingering: LingeringClose) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const isUnread = error.code?.startsWith('HPE_') && lingering.isLingering(socket);
    // Node reports each further piece of what it cannot parse.
    if (isUnread) return;
    if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
      socket.destroy(error);
      return;
    }
    socket.write(toHttp(clientErrorBody(error.code)));
    lingering.close(socket);
  };
}

/** Node's own handler looks at the same: nothing may be added to an answer that is under way. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null };
  return answer?.headersSent ?? false;
}

/** @param code Node's, https://nodejs.org/api/http.html#event-clienterror */
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
