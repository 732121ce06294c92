import { Command, Option } from 'nest-commander';
import { type Finding, SchemaDoctor } from '../../index.js';
import { ReportedFailure } from '../terminal/exit-code.js';
import { nameSome } from '../terminal/name-some.js';
import { print, printJson, printProblem } from '../terminal/output.js';
import { parseSchemas, SCHEMA_OPTION } from '../options/schema-option.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';

interface Options {
  readonly fix?: boolean;
  readonly schema?: readonly string[];
  readonly json?: boolean;
}

/** A finding, and what became of it. */
type Outcome = Finding & { readonly isFixed: boolean };

@Command({
  name: 'doctor',
  description:
    'Looks for what is not as it should be, in the registry and the schemas. Exits 1 when something is left.',
})
export class DoctorCommand extends TenancyCommand {
  async run(_args: string[], { fix, schema, json }: Options): Promise<void> {
    const work = async (doctor: SchemaDoctor): Promise<Outcome[]> => {
      const outcomes: Outcome[] = [];
      for await (const finding of doctor.examine({ schemas: schema })) {
        const outcome = { ...finding, isFixed: fix === true && (await mend(doctor, finding)) };
        if (!json) printOutcome(outcome);
        outcomes.push(outcome);
      }
      return outcomes;
    };
    const all = await (schema
      ? this.runtime.useUpToDate(SchemaDoctor, work)
      : this.runtime.use(SchemaDoctor, work));
    if (json) printJson(all);
    else if (all.length === 0) print('Nothing found.');
    const left = all.filter(({ isFixed }) => !isFixed);
    if (left.length === 0) return;
    const schemas = [...new Set(left.map((finding) => finding.schema))];
    const hint =
      fix || !left.some(({ isFixable }) => isFixable)
        ? ''
        : ' Some can be mended with: tenant-schemas doctor --fix';
    printProblem(`${left.length} to mend, in ${nameSome(schemas)}.${hint}`);
    throw new ReportedFailure();
  }

  @Option({ flags: '--fix', description: 'mend what is safe to mend' })
  parseFix(): boolean {
    return true;
  }

  @Option(SCHEMA_OPTION)
  parseSchema(value: string, previous?: readonly string[]): readonly string[] {
    return parseSchemas(value, previous);
  }
}

/** What cannot be mended does not stop the rest. */
async function mend(doctor: SchemaDoctor, finding: Finding): Promise<boolean> {
  try {
    return await doctor.fix(finding);
  } catch (error) {
    printProblem(`${finding.schema}: ${finding.code} was not mended: ${(error as Error).message}`);
    return false;
  }
}

function printOutcome({ schema, code, problem, remedy, isFixed }: Outcome): void {
  print(`${schema}: ${code}: ${problem}`);
  print(isFixed ? '  Mended.' : `  ${remedy}`);
}
