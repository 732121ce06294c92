const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

let script;

/** Compiles the bundle of dependencies once in a process. V8 shares the code among the contexts of spec files. */
function compiled() {
  if (script) return script;
  const filename = join(process.env.NTS_TEST_DEPENDENCIES, 'bundle.cjs');
  const code = `(function (exports, require, __filename) {${readFileSync(filename, 'utf8')}\n})`;
  script = new Script(code, { filename });
  return script;
}

/** Gives each spec file modules of its own, as Jest does, without compiling them again. */
module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    let modules;
    this.global.dependenciesOfTests = (require) => {
      if (modules) return modules;
      modules = {};
      compiled().runInContext(this.context)(modules, require, __filename);
      return modules;
    };
  }
};
