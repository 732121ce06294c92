// Sources name what they import as it is built: there `./x.ts` is `./x.js`. Packages have no such files.
const EXTENSION_ALIAS = { '.js': ['.ts', '.js'] };

module.exports = (path, options) =>
  options.defaultResolver(
    path,
    options.basedir.includes('/node_modules/')
      ? options
      : { ...options, extensionAlias: EXTENSION_ALIAS },
  );
