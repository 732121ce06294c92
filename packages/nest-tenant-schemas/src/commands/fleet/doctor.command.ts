import { Command, Option } from 'nest-commander';
import { type Finding, SchemaDoctor } from '../../index.js';
import { ReportedFailure } from '../terminal/exit-code.js';
import { nameSome } from '../terminal/output/name-some.js';
import { print, printJson, printProblem, printWrapped } from '../terminal/output/output.js';
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
    'Checks the tenants, their schemas and their roles. Prints each problem with its remedy. Exits 1 if a problem remains.',
})
export class DoctorCommand extends TenancyCommand {
  async run(_args: string[], { fix, schema, json }: Options): Promise<void> {
    const work = async (doctor: SchemaDoctor): Promise<Outcome[]> => {
      const outcomes: Outcome[] = [];
      for await (const finding of doctor.examine({ schemas: schema })) {
        const outcome = {
          ...finding,
          isFixed: fix === true && (await fixFinding(doctor, finding)),
        };
        if (!json) printOutcome(outcome);
        outcomes.push(outcome);
      }
      return outcomes;
    };
    const all = await (schema
      ? this.runtime.useUpToDate(SchemaDoctor, work)
      : this.runtime.use(SchemaDoctor, work));
    if (json) printJson(all);
    else if (all.length === 0) print('No problems found.');
    const left = all.filter(({ isFixed }) => !isFixed);
    if (left.length === 0) return;
    const schemas = [...new Set(left.map((finding) => finding.schema))];
    const hint =
      fix || !left.some(({ isFixable }) => isFixable)
        ? ''
        : ' To fix some of them, run: tenant-schemas doctor --fix';
    const problems = left.length === 1 ? '1 problem' : `${left.length} problems`;
    printProblem(`${problems} in ${nameSome(schemas)}.${hint}`);
    throw new ReportedFailure();
  }

  @Option({ flags: '--fix', description: 'fix the problems that are safe to fix' })
  parseFix(): boolean {
    return true;
  }

  @Option(SCHEMA_OPTION)
  parseSchema(value: string, previous?: readonly string[]): readonly string[] {
    return parseSchemas(value, previous);
  }
}

/** Fixes a finding. A failure does not stop the rest. */
async function fixFinding(doctor: SchemaDoctor, finding: Finding): Promise<boolean> {
  try {
    return await doctor.fix(finding);
  } catch (error) {
    printProblem(`${finding.schema}: ${finding.code} was not fixed: ${(error as Error).message}`);
    return false;
  }
}

function printOutcome({ schema, code, problem, remedy, isFixed }: Outcome): void {
  printWrapped(`${schema}: ${code}: ${problem}`);
  const text = isFixed ? 'Fixed.' : remedy;
  // A command or a statement stays whole, so that it can be copied.
  (text.endsWith('.') ? printWrapped : print)(`  ${text}`);
}
