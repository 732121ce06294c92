/** Sets the width of a line, which is Prettier's in this code base. */
const PRINT_WIDTH = 100;

/** Holds the SQL of a generated migration class. */
export interface MigrationStatements {
  readonly up: readonly string[];
  /** The statements in the order in which they run. */
  readonly down: readonly string[];
}

/**
 * Returns the source of a migration class, in Prettier's format.
 *
 * @param downProblem the reason why `down` does not run. The source contains it
 */
export function migrationSource(
  className: string,
  { up, down }: MigrationStatements,
  downProblem?: string,
): string {
  const warning =
    downProblem === undefined
      ? ''
      : `    // Correct this SQL. It fails: ${downProblem.replaceAll(/\s+/g, ' ')}\n`;
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
 * Returns a template literal for exactly this text, on one line. Texts of comments, defaults and checks may
 * contain anything. A literal carriage return would be read back as a line feed.
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
