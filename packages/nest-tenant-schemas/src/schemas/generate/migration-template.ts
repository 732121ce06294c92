/** Prettier's width of this code base; the longest line that stays one line. */
const PRINT_WIDTH = 100;

/** What a generated migration class does, as SQL. */
export interface MigrationStatements {
  readonly up: readonly string[];
  /** In the order they run. */
  readonly down: readonly string[];
}

/**
 * The source of a migration class, formatted the way Prettier leaves it.
 *
 * @param downProblem why `down` does not run as it is, which it then says itself
 */
export function migrationSource(
  className: string,
  { up, down }: MigrationStatements,
  downProblem?: string,
): string {
  const warning =
    downProblem === undefined
      ? ''
      : `    // To be corrected, it does not run: ${downProblem.replaceAll(/\s+/g, ' ')}\n`;
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  name = '${className}';

  async up(queryRunner: QueryRunner): Promise<void> {
${up.map(queryCall).join('\n')}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
${warning}${down.map(queryCall).join('\n')}
  }
}
`;
}

function queryCall(statement: string): string {
  const literal = templateLiteral(statement);
  const line = `    await queryRunner.query(${literal});`;
  if (line.length <= PRINT_WIDTH) return line;
  return `    await queryRunner.query(\n      ${literal},\n    );`;
}

/**
 * A template literal of exactly this text, on one line. Comments, defaults and checks hold whatever
 * their author wrote; a carriage return written as it is would be read back as a line feed.
 */
function templateLiteral(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('`', '\\`')
    .replaceAll('${', '\\${')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n');
  return `\`${escaped}\``;
}
