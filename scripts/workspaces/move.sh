#!/usr/bin/env bash
# Moves a clean checkout of main to npm workspaces (packages/*): the engine, the embedded server, the support of specs.
# Nothing is committed; all of it is staged. The script rewrites paths in every file, so run a copy from outside:
#   cp -r scripts/workspaces <folder> && git rm -rq scripts/workspaces && git commit -m "chore: remove the script of the move"
#   <folder>/move.sh [--without-patch] [--keep-modules] && npm run check && npm run build && npm test
# It fails with the list if a new file has no room yet (map.mjs), and stops if a hunk of hand.patch is rejected.
# `git reset --hard && git clean -fdq` undoes everything.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(git rev-parse --show-toplevel)
cd "$root"
[ -z "$(git status --porcelain)" ] || { echo "move.sh: the worktree is not clean" >&2; exit 1; }
[ ! -e packages ] || { echo "move.sh: there are packages already" >&2; exit 1; }

echo '== files and what names them'
node "$here/move.mjs"
node "$here/packages.mjs"
cp -r "$here/files/." .

echo '== lock file and modules'
npm install --package-lock-only --ignore-scripts --no-audit --no-fund --loglevel=error
case " $* " in *' --keep-modules '*) ;; *) npm ci --no-audit --no-fund --loglevel=error ;; esac

format() {
  git add -A
  git diff --cached --name-only --diff-filter=d -z | xargs -0 npx prettier --write --ignore-unknown --log-level=warn
  git add -A
}
echo '== format'
format
if case " $* " in *' --without-patch '*) false ;; esac; then
  echo '== changes by hand'
  patch -p1 --fuzz=3 --no-backup-if-mismatch <"$here/hand.patch" || {
    echo 'move.sh: hunks were refused (*.rej): make those changes by hand, then run prettier' >&2
    exit 1
  }
  format
fi
echo '== files without a history before (what is listed is new, or has changed too much to follow)'
git diff --cached -M --summary | grep -E '^ (create|delete)' || true
echo '== paths of before that are still named'
git grep -nE "src/tenancy|tenancy/index|database/embedded|test/support/(embedded|test-|throw|until)|(^|[^a-z/-])test/(tenancy|model)/|resolution/" -- . ':!CHANGELOG.md' ':!package-lock.json' || true
echo '== folders of the packages with more than 12 files, specs aside'
git ls-files 'packages/*/src' | grep -v '\.spec\.ts$' | sed 's|/[^/]*$||' | sort | uniq -c | awk '$1 > 12' || true
echo 'Staged. Next: npm run check && npm run build && npm test, then commit (moves and imports in one commit).'
